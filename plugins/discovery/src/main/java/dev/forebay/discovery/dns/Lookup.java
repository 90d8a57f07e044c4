package dev.forebay.discovery.dns;

import dev.forebay.spi.Instance;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.spi.transport.Transport;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Questions to name servers. Netty's resolver, which Vert.x uses itself, because the DNS client of
 * Vert.x does not tell the TTL of addresses; TCP where an answer is truncated.
 */
final class Lookup {

  private final Dns.Options options;
  private final DnsNameResolver resolver;

  Lookup(Dns.Options options, Vertx vertx) {
    this.options = options;
    VertxInternal internal = (VertxInternal) vertx;
    ContextInternal context = internal.createEventLoopContext();
    Transport transport = internal.transport();
    DnsNameResolverBuilder builder =
        new DnsNameResolverBuilder(context.nettyEventLoop())
            .datagramChannelFactory(transport::datagramChannel)
            .socketChannelFactory(
                () -> (SocketChannel) transport.channelFactory(false).newChannel())
            .cnameCache(NoopDnsCnameCache.INSTANCE)
            .queryTimeoutMillis(Math.max(1, options.timeout().toMillis()));
    if (options.server() != null) {
      Instance server = Instance.parse(options.server());
      builder.nameServerProvider(
          new SingletonDnsServerAddressStreamProvider(
              new InetSocketAddress(server.host(), server.port())));
    }
    this.resolver = builder.build();
  }

  /**
   * What a name stands for.
   *
   * @param instances without duplicates
   * @param ttlSeconds of the shortest-lived record
   */
  record Answer(List<Instance> instances, long ttlSeconds) {}

  /** Asks for all types of records; fails where one of them cannot be had. */
  Future<Answer> ask() {
    List<Future<List<Entry>>> asked = options.records().stream().map(this::ask).toList();
    return Future.join(asked)
        .map(
            all -> {
              List<Entry> entries = new ArrayList<>();
              asked.forEach(future -> entries.addAll(future.result()));
              long ttl = entries.stream().mapToLong(Entry::ttlSeconds).min().orElse(0);
              return new Answer(Entry.instances(entries), ttl);
            });
  }

  private Future<List<Entry>> ask(Dns.Type type) {
    String name = options.name().endsWith(".") ? options.name() : options.name() + ".";
    Promise<List<Entry>> answer = Promise.promise();
    resolver
        .resolveAll(new DefaultDnsQuestion(name, DnsRecordType.valueOf(type.name())))
        .addListener(
            (io.netty.util.concurrent.Future<List<DnsRecord>> done) -> {
              if (!done.isSuccess()) {
                answer.fail(done.cause());
                return;
              }
              try {
                answer.complete(entries(done.getNow()));
              } catch (RuntimeException e) {
                answer.fail(e);
              }
            });
    return answer.future();
  }

  private List<Entry> entries(List<DnsRecord> records) {
    try {
      List<Entry> entries = new ArrayList<>();
      for (DnsRecord record : records) {
        Entry entry = Entry.of(record, options.port());
        if (entry != null) {
          entries.add(entry);
        }
      }
      return entries;
    } finally {
      records.forEach(ReferenceCountUtil::release);
    }
  }

  /** Why an answer could not be had, in a few words. */
  static String why(@Nullable Throwable thrown) {
    if (thrown instanceof UnknownHostException) {
      return "no such name, no such records, or no answer";
    }
    return "no answer (" + (thrown == null ? "" : thrown.getClass().getSimpleName()) + ")";
  }

  void close() {
    resolver.close();
  }
}
