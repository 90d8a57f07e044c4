package dev.forebay.discovery.dns;

import dev.forebay.spi.policy.Instance;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
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
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Questions to name servers. Netty's client, which Vert.x uses itself, because the DNS client of
 * Vert.x does not tell the TTL of addresses; TCP if an answer is truncated. Aliases are followed
 * here, because Netty's resolver does not tell their TTL.
 */
final class Lookup {

  /** The longest chain of aliases that is followed. */
  private static final int MOST_ALIASES = 16;

  private final Dns options;
  private final DnsNameResolver resolver;
  private final DnsServerAddressStreamProvider provider;

  Lookup(Dns options, Vertx vertx) {
    this.options = options;
    VertxInternal internal = (VertxInternal) vertx;
    ContextInternal context = internal.createEventLoopContext();
    Transport transport = internal.transport();
    DnsNameResolverBuilder builder =
        new DnsNameResolverBuilder(context.nettyEventLoop())
            .datagramChannelFactory(transport::datagramChannel)
            .socketChannelFactory(
                () -> (SocketChannel) transport.channelFactory(false).newChannel())
            .queryTimeoutMillis(Math.max(1, options.timeout().toMillis()));
    String server = options.server();
    this.provider =
        server == null
            ? DnsServerAddressStreamProviders.platformDefault()
            : new SingletonDnsServerAddressStreamProvider(address(Instance.parse(server)));
    this.resolver = builder.build();
  }

  private static InetSocketAddress address(Instance server) {
    return new InetSocketAddress(server.host(), server.port());
  }

  /**
   * What a name stands for.
   *
   * @param instances without duplicates
   * @param leftOut a line for each record of which there can be no instance
   * @param ttlSeconds of the shortest-lived record, aliases on the way included
   */
  record Answer(List<Instance> instances, List<String> leftOut, long ttlSeconds) {}

  /**
   * Asks for all types of records. A name that has none of one type is well as long as it has some
   * of another; a name that is gone, and no answer for one of the types, are failures.
   */
  Future<Answer> ask() {
    List<Future<Found>> asked = options.records().stream().map(this::ask).toList();
    return Future.join(asked).compose(all -> answer(asked));
  }

  private static Future<Answer> answer(List<Future<Found>> asked) {
    List<Entry> entries = new ArrayList<>();
    long ttl = Long.MAX_VALUE;
    for (Future<Found> each : asked) {
      entries.addAll(each.result().entries());
      ttl = Math.min(ttl, each.result().ttlSeconds());
    }
    if (entries.isEmpty()) {
      return Future.failedFuture(new UnknownHostException("no records"));
    }
    Set<String> leftOut = new TreeSet<>(); // name servers rotate their records
    List<Instance> instances = Entry.instances(entries, leftOut::add);
    return Future.succeededFuture(new Answer(instances, List.copyOf(leftOut), ttl));
  }

  private Future<Found> ask(Dns.Type type) {
    String name = options.name().endsWith(".") ? options.name() : options.name() + ".";
    return follow(
        new Found(name, List.of(), Long.MAX_VALUE), DnsRecordType.valueOf(type.name()), 0);
  }

  /** Asks for what an alias stands for; a name server may tell only the first ones of a chain. */
  private Future<Found> follow(Found alias, DnsRecordType type, int questions) {
    DnsServerAddressStream servers = provider.nameServerAddressStream(alias.name());
    return query(new DefaultDnsQuestion(alias.name(), type), servers, servers.size())
        .map(found -> found.after(alias))
        .compose(
            found -> {
              boolean ends = !found.entries().isEmpty() || found.name().equals(alias.name());
              if (ends) {
                return Future.succeededFuture(found);
              }
              return questions < MOST_ALIASES
                  ? follow(found, type, questions + 1)
                  : Future.failedFuture(new UnknownHostException("too many aliases"));
            });
  }

  /** Asks one name server after the other until one answers. */
  private Future<Found> query(DnsQuestion question, DnsServerAddressStream servers, int left) {
    Promise<Found> answer = Promise.promise();
    resolver
        .query(servers.next(), question)
        .addListener(
            (io.netty.util.concurrent.Future<AddressedEnvelope<DnsResponse, InetSocketAddress>>
                    done) -> {
              if (!done.isSuccess()) {
                answer.fail(done.cause());
                return;
              }
              try {
                answer.complete(found(question, done.getNow().content()));
              } catch (Exception e) {
                answer.fail(e);
              } finally {
                done.getNow().release();
              }
            });
    return answer
        .future()
        .recover(
            thrown ->
                left > 1 && !(thrown instanceof UnknownHostException)
                    ? query(question, servers, left - 1)
                    : Future.failedFuture(thrown));
  }

  private Found found(DnsQuestion question, DnsResponse response) throws UnknownHostException {
    if (response.code().equals(DnsResponseCode.NXDOMAIN)) {
      throw new UnknownHostException("no such name");
    }
    if (!response.code().equals(DnsResponseCode.NOERROR)) {
      throw new IllegalStateException("refused: " + response.code());
    }
    Found found = new Found(question.name(), List.of(), Long.MAX_VALUE);
    List<DnsRecord> records = new ArrayList<>();
    for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
      records.add(response.recordAt(DnsSection.ANSWER, i));
    }
    for (int i = 0; i < MOST_ALIASES; i++) {
      Found alias = found;
      Optional<DnsRecord> next =
          records.stream().filter(each -> is(each, DnsRecordType.CNAME, alias.name())).findFirst();
      if (next.isEmpty()) {
        break;
      }
      found = new Found(target(next.get()), List.of(), next.get().timeToLive()).after(alias);
    }
    for (DnsRecord record : records) {
      Entry entry =
          is(record, question.type(), found.name()) ? Entry.of(record, options.port()) : null;
      if (entry != null) {
        found = new Found(found.name(), List.of(entry), entry.ttlSeconds()).after(found);
      }
    }
    return found;
  }

  private static boolean is(DnsRecord record, DnsRecordType type, String name) {
    return record.type().equals(type) && record.name().equalsIgnoreCase(name);
  }

  private static String target(DnsRecord alias) {
    return DefaultDnsRecordDecoder.decodeName(((DnsRawRecord) alias).content().duplicate());
  }

  /** Why an answer could not be had, in a few words. */
  static String why(@Nullable Throwable thrown) {
    if (thrown instanceof UnknownHostException) {
      return "no such name, no such records, or no answer";
    }
    if (thrown instanceof IllegalArgumentException) {
      return "no record can be used: " + thrown.getMessage();
    }
    return "no answer (" + (thrown == null ? "" : thrown.getClass().getSimpleName()) + ")";
  }

  void close() {
    resolver.close();
  }

  /**
   * What was found on the way from a name.
   *
   * @param name what the name is an alias of; the name itself if it is none
   * @param entries of that name
   * @param ttlSeconds the shortest of the entries and of all aliases on the way
   */
  private record Found(String name, List<Entry> entries, long ttlSeconds) {

    /** This at the end of what was found before. */
    Found after(Found before) {
      List<Entry> all = new ArrayList<>(before.entries);
      all.addAll(entries);
      return new Found(name, all, Math.min(ttlSeconds, before.ttlSeconds));
    }
  }
}
