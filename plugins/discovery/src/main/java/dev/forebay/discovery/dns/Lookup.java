package dev.forebay.discovery.dns;

import dev.forebay.spi.Instance;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsQueryLifecycleObserver;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Questions to name servers. Netty's resolver, which Vert.x uses itself, because the DNS client of
 * Vert.x does not tell the TTL of addresses; TCP where an answer is truncated.
 */
final class Lookup {

  private final Dns.Options options;
  private final DnsNameResolver resolver;

  /** Types of this round for which a name server answered with something else than NOERROR. */
  private final Set<DnsRecordType> refused = ConcurrentHashMap.newKeySet();

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
            .dnsQueryLifecycleObserverFactory(question -> new Refusals(question.type()))
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

  /**
   * Asks for all types of records. A name that has none of one type is well as long as it has some
   * of another; a name that is gone, and no answer for one of the types, are failures.
   */
  Future<Answer> ask() {
    refused.clear();
    List<Future<List<Entry>>> asked = options.records().stream().map(this::ask).toList();
    return Future.join(asked).compose(all -> answer(asked));
  }

  private static Future<Answer> answer(List<Future<List<Entry>>> asked) {
    List<Entry> entries = new ArrayList<>();
    asked.forEach(future -> entries.addAll(future.result()));
    if (entries.isEmpty()) {
      return Future.failedFuture(new UnknownHostException("no records"));
    }
    long ttl = entries.stream().mapToLong(Entry::ttlSeconds).min().orElse(0);
    return Future.succeededFuture(new Answer(Entry.instances(entries), ttl));
  }

  private Future<List<Entry>> ask(Dns.Type type) {
    String name = options.name().endsWith(".") ? options.name() : options.name() + ".";
    DnsRecordType wanted = DnsRecordType.valueOf(type.name());
    Promise<List<Entry>> answer = Promise.promise();
    resolver
        .resolveAll(new DefaultDnsQuestion(name, wanted))
        .addListener(
            (io.netty.util.concurrent.Future<List<DnsRecord>> done) -> {
              if (!done.isSuccess()) {
                if (noData(wanted, done.cause())) {
                  answer.complete(List.of());
                } else {
                  answer.fail(done.cause());
                }
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

  /**
   * Whether the name is there, but has no such records: Netty tells of a cause where the name is
   * gone, a server failed or none answered, and of none where the answer was empty or refused.
   */
  private boolean noData(DnsRecordType type, Throwable thrown) {
    return thrown instanceof UnknownHostException
        && thrown.getCause() == null
        && !refused.contains(type);
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

  /** Notes a refusal, which the resolver does not tell apart from an empty answer. */
  private final class Refusals implements DnsQueryLifecycleObserver {
    private final DnsRecordType type;

    Refusals(DnsRecordType type) {
      this.type = type;
    }

    @Override
    public DnsQueryLifecycleObserver queryNoAnswer(DnsResponseCode code) {
      refused.add(type);
      return this;
    }

    @Override
    public void queryWritten(InetSocketAddress server, ChannelFuture written) {}

    @Override
    public void queryCancelled(int queriesRemaining) {}

    @Override
    public DnsQueryLifecycleObserver queryRedirected(List<InetSocketAddress> servers) {
      return this;
    }

    @Override
    public DnsQueryLifecycleObserver queryCNAMEd(DnsQuestion question) {
      return this;
    }

    @Override
    public void queryFailed(Throwable thrown) {}

    @Override
    public void querySucceed() {}
  }
}
