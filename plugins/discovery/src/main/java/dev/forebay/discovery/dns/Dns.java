package dev.forebay.discovery.dns;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.EndpointSource;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells of the records of a name: addresses, or services (RFC 2782), for as long as they live.
 *
 * @param name absolute, with or without the dot at its end
 * @param records what to ask for: A, AAAA or both, or SRV
 * @param port of the instances, where the records have none; 0 where they have
 * @param server a name server, {@code HOST:PORT}; null for those of the system
 * @param minTtl records are asked for no more often
 * @param maxTtl and no less often
 * @param timeout of one question
 */
@RecordBuilder
@Doc(
    "The records of a name. They are asked for again when the shortest-lived has expired. SRV"
        + " records bring ports, weights and, by their priorities, groups.")
public record Dns(
    @Doc("the name, absolute: search domains are not tried") String name,
    @Doc("what to ask for: a, aaaa or both, or srv") @Default("[a]") List<Type> records,
    @Doc("port of the instances, for a and aaaa") @Default("0") @Range(min = 0, max = 65_535)
        int port,
    @Doc("name server to ask, HOST:PORT; by default those of the system") @Nullable String server,
    @Doc("records are asked for no more often than this, whatever their TTL")
        @Default("1s")
        @Range(min = 0.05, max = 86_400)
        Duration minTtl,
    @Doc("records are asked for no less often than this, whatever their TTL")
        @Default("300s")
        @Range(min = 0.05, max = 86_400)
        Duration maxTtl,
    @Doc("how long an answer may take") @Default("5s") @Range(min = 0.01, max = 60)
        Duration timeout)
    implements Plugin<EndpointSource>, DnsBuilder.With {

  /** Copies, and checks that they agree. */
  public Dns {
    records = records.stream().distinct().sorted().toList();
    boolean services = records.contains(Type.SRV);
    if (name.isBlank() || name.length() > 255 || records.isEmpty()) {
      throw new IllegalArgumentException("name, records: expected a name, and one type at least");
    } else if (services && (records.size() > 1 || port != 0)) {
      throw new IllegalArgumentException(
          "records: srv with others, or with a port (expected: srv alone; it brings ports)");
    } else if (!services && port == 0) {
      throw new IllegalArgumentException("port: missing (expected: 1 to 65535)");
    } else if (maxTtl.compareTo(minTtl) < 0) {
      throw new IllegalArgumentException("maxTtl: below minTtl (expected: >= minTtl)");
    }
    if (server != null) {
      dev.forebay.spi.policy.Instance.parse(server);
    }
  }

  /** A type of record. */
  public enum Type {
    /** IPv4 addresses. */
    A,
    /** IPv6 addresses. */
    AAAA,
    /** Hosts with ports, weights and priorities. */
    SRV
  }

  /** The IPv4 addresses of a name. */
  public static Dns addresses(String name, int port) {
    return Options.defaults(Dns.class, Map.entry("name", name), Map.entry("port", port));
  }

  /** The services of a name, such as {@code _http._tcp.llm.internal}. */
  public static Dns services(String name) {
    return Options.defaults(
        Dns.class, Map.entry("name", name), Map.entry("records", List.of(Type.SRV)));
  }

  /** With other bounds on the time between questions. */
  public Dns ttl(Duration least, Duration most) {
    return with(dns -> dns.minTtl(least).maxTtl(most));
  }

  @Override
  public EndpointSource create(PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "dns: there is no network here (expected: a gateway on Vert.x)"));
    return new DnsSource(this, context, new Lookup(this, vertx));
  }
}
