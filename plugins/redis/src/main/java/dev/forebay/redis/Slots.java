package dev.forebay.redis;

import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which master of a Redis Cluster holds which of the 16,384 slots ("Redis cluster specification",
 * redis.io: key distribution model, hash tags).
 */
final class Slots {

  static final int COUNT = 16_384;

  private static final int POLYNOMIAL = 0x1021;
  private static final int NODE = 2;

  private final @Nullable String[] owners = new @Nullable String[COUNT];

  /**
   * The slots as a node tells them. Those of a master without a usable address have no owner.
   *
   * @param reply to {@code CLUSTER SLOTS}
   * @param asked address of that node, which gives the scheme, and the host if the reply has none
   * @throws RuntimeException if the reply has another form
   */
  static Slots of(Response reply, String asked) {
    Slots slots = new Slots();
    for (Response range : reply) {
      Response node = range.get(NODE);
      Response host = node.get(0);
      String owner = address(asked, host == null ? "" : host.toString(), node.get(1).toString());
      Arrays.fill(slots.owners, range.get(0).toInteger(), range.get(1).toInteger() + 1, owner);
    }
    return slots;
  }

  /** The address of a node that another one named; null if it is none. */
  static @Nullable String address(String asked, String host, String port) {
    int scheme = asked.indexOf("://");
    String known = asked.substring(scheme + 3, asked.lastIndexOf(':'));
    String named = host.isEmpty() || host.equals("?") ? known : host;
    String bracketed = named.contains(":") && !named.startsWith("[") ? "[" + named + "]" : named;
    String address = asked.substring(0, scheme + 3) + bracketed + ":" + port;
    return Redis.isAddress(address) ? address : null;
  }

  /** The address of the master that holds a slot; null if unknown. */
  @Nullable String owner(int slot) {
    return owners[slot];
  }

  /** Learns that a slot has moved. */
  void moved(int slot, String owner) {
    owners[slot] = owner;
  }

  /** All masters. */
  Set<String> all() {
    Set<String> all = new LinkedHashSet<>();
    for (String owner : owners) {
      if (owner != null) {
        all.add(owner);
      }
    }
    return all;
  }

  /** The slot of a key: of what is in its first braces if it has some that are not empty. */
  static int of(String key) {
    int open = key.indexOf('{');
    int close = open < 0 ? -1 : key.indexOf('}', open);
    return crc16(close > open + 1 ? key.substring(open + 1, close) : key) % COUNT;
  }

  /** CRC-16/XMODEM. */
  static int crc16(String text) {
    int crc = 0;
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      crc ^= (each & 0xff) << 8;
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        crc = (crc & 0x8000) == 0 ? crc << 1 : crc << 1 ^ POLYNOMIAL;
      }
      crc &= 0xffff;
    }
    return crc;
  }
}
