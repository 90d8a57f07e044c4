package dev.forebay.discovery.dns;

import dev.forebay.spi.policy.Instance;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A record of a name.
 *
 * @param host a name or an address
 * @param port of the instance
 * @param weight 0 to 65,535: of a service
 * @param priority 0 to 65,535: of a service, the lowest first
 * @param ttlSeconds how long it may be kept
 */
record Entry(String host, int port, int weight, int priority, long ttlSeconds) {

  /** RFC 2782 wants "a very small chance" for weight 0 beside others. */
  private static final double LEAST_WEIGHT = 0.1;

  private static final int MAX_GROUP = 100;

  /** Reads a record; null where it is of another type. */
  static @Nullable Entry of(DnsRecord record, int port) {
    if (!(record instanceof DnsRawRecord raw)) {
      return null;
    }
    ByteBuf content = raw.content().duplicate();
    boolean address = DnsRecordType.A.equals(raw.type()) || DnsRecordType.AAAA.equals(raw.type());
    if (address) {
      return new Entry(address(content), port, 1, 0, raw.timeToLive());
    } else if (!DnsRecordType.SRV.equals(raw.type())) {
      return null;
    }
    int priority = content.readUnsignedShort();
    int weight = content.readUnsignedShort();
    int service = content.readUnsignedShort();
    String target = DefaultDnsRecordDecoder.decodeName(content);
    String host = target.endsWith(".") ? target.substring(0, target.length() - 1) : target;
    return host.isEmpty() ? null : new Entry(host, service, weight, priority, raw.timeToLive());
  }

  private static String address(ByteBuf content) {
    byte[] bytes = new byte[content.readableBytes()];
    content.readBytes(bytes);
    try {
      return InetAddress.getByAddress(bytes).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an address of " + bytes.length + " bytes", e);
    }
  }

  /**
   * The instances of some records: priorities become groups, the lowest the first. Records of which
   * there can be no instance, such as those of port 0, are left out.
   *
   * @param leftOut takes a line for each of those
   * @throws IllegalArgumentException if none is left
   */
  static List<Instance> instances(List<Entry> entries, Consumer<String> leftOut) {
    List<Integer> priorities =
        new ArrayList<>(new TreeSet<>(entries.stream().map(Entry::priority).toList()));
    Map<String, Instance> all = new LinkedHashMap<>();
    IllegalArgumentException wrong = null;
    for (Entry entry : entries) {
      int group = Math.min(MAX_GROUP, priorities.indexOf(entry.priority()));
      try {
        Instance instance =
            Instance.at(entry.host(), entry.port())
                .weighing(Math.max(LEAST_WEIGHT, entry.weight()))
                .in(group);
        all.putIfAbsent(instance.id(), instance);
      } catch (IllegalArgumentException e) {
        wrong = e;
        leftOut.accept(entry.host() + ":" + entry.port() + ": " + e.getMessage());
      }
    }
    if (all.isEmpty() && wrong != null) {
      throw wrong;
    }
    return List.copyOf(all.values());
  }
}
