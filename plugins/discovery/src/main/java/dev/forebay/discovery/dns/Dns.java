package dev.forebay.discovery.dns;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.EndpointSource;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells of the records of a name: addresses, or services (RFC 2782), for as long as they live. */
public final class Dns implements Provider<EndpointSource, Dns.Options> {

  private static final Duration MIN_TTL = Duration.ofSeconds(1);
  private static final Duration MAX_TTL = Duration.ofMinutes(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** A type of record. */
  public enum Type {
    /** IPv4 addresses. */
    A,
    /** IPv6 addresses. */
    AAAA,
    /** Hosts with ports, weights and priorities. */
    SRV
  }

  /**
   * Options.
   *
   * @param name absolute, with or without the dot at its end
   * @param records what to ask for: A, AAAA or both, or SRV
   * @param port of the instances, where the records have none; 0 where they have
   * @param server a name server, {@code HOST:PORT}; null for those of the system
   * @param minTtl records are asked for no more often
   * @param maxTtl and no less often
   * @param timeout of one question
   */
  @Doc(
      "The records of a name. They are asked for again when the shortest-lived has expired. SRV"
          + " records bring ports, weights and, by their priorities, groups.")
  public record Options(
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
          Duration timeout) {

    /** Copies, and checks that they agree. */
    public Options {
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
        dev.forebay.spi.Instance.parse(server);
      }
    }

    /** With a name server. */
    public Options server(String hostAndPort) {
      return new Options(name, records, port, hostAndPort, minTtl, maxTtl, timeout);
    }

    /** With other bounds on the time between questions. */
    public Options ttl(Duration least, Duration most) {
      return new Options(name, records, port, server, least, most, timeout);
    }

    /** The plugin with these options. */
    public Plugin<EndpointSource> plugin() {
      return Plugin.of(new Dns(), this);
    }
  }

  /** The IPv4 addresses of a name. */
  public static Options addresses(String name, int port) {
    return new Options(name, List.of(Type.A), port, null, MIN_TTL, MAX_TTL, TIMEOUT);
  }

  /** The services of a name, such as {@code _http._tcp.llm.internal}. */
  public static Options services(String name) {
    return new Options(name, List.of(Type.SRV), 0, null, MIN_TTL, MAX_TTL, TIMEOUT);
  }

  @Override
  public Class<EndpointSource> kind() {
    return EndpointSource.class;
  }

  @Override
  public String name() {
    return "dns";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public EndpointSource create(Options options, PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "dns: there is no network here (expected: a gateway on Vert.x)"));
    return new DnsSource(options, context, new Lookup(options, vertx));
  }
}
