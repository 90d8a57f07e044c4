package dev.forebay.redis;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Secret;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ResponseCache;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers in a Redis, shared by gateways: a single node, Sentinel, or Cluster.
 *
 * @param servers {@code redis://HOST:PORT}, {@code rediss://} for TLS; of Sentinel the sentinels,
 *     of Cluster some of its nodes
 * @param topology how they hang together
 * @param masterName what the sentinels call the master
 * @param user of the access control list; null for the default user
 * @param password null for none
 * @param database of a single node or Sentinel; Cluster has 0 only
 * @param prefix what keys begin with, without braces
 * @param ttl how long the store keeps an answer, at least 1 ms
 * @param ttlJitter each answer is kept up to this share shorter
 * @param timeout how long a lookup may take at least, see {@link LookupBound}; then it is a miss,
 *     which costs a request that long
 * @param socketTimeout how long to wait for a connection, and for a write, which no request waits
 *     for; a subscription on which nothing is heard for twice as long is made anew
 * @param failures in a row after which it is left alone, and lookups under way are misses at once
 * @param pause for how long, until a probe
 * @param maxOutstanding commands under way at one server
 * @param maxValue bytes of an encoded answer
 * @param compressOver bytes over which a value is compressed
 * @param announce whether other gateways are told of changes
 */
@RecordBuilder
@Doc(
    "Answers in a Redis that gateways share: a single node, Sentinel or Cluster. Where it is slow,"
        + " full or gone, lookups are misses within the bound.")
public record Redis(
    @Doc(
            "Addresses: redis://HOST:PORT, rediss:// for TLS. Of Sentinel the sentinels, of"
                + " Cluster some of its nodes.")
        @Default("[redis://127.0.0.1:6379]")
        List<String> servers,
    @Doc("How the servers hang together.") @Default("single") Topology topology,
    @Doc("What the sentinels call the master.") @Default("mymaster") String masterName,
    @Doc("User of the access control list; by default the default user.") @Nullable String user,
    @Doc("Password.") @Secret @Nullable String password,
    @Doc("Database of a single node or of Sentinel.") @Default("0") @Range(min = 0, max = 65_535)
        int database,
    @Doc(
            "What keys begin with; gateways share answers under one prefix. No braces: they would"
                + " put all keys into one slot of a Cluster.")
        @Default("forebay")
        String prefix,
    @Doc("How long an answer is kept.") @Default("1h") @Range(min = 0.001, max = 31_536_000)
        Duration ttl,
    @Doc(
            "Each answer is kept up to this share shorter, by chance, so that what was stored"
                + " together does not end together.")
        @Default("0.1")
        @Range(min = 0, max = 0.9)
        double ttlJitter,
    @Doc(
            "How long a lookup may take; then it is a miss. A twentieth of the time in which an"
                + " answer is made, if that is longer, but at most 100 ms.")
        @Default("15ms")
        @Range(min = 0.001, max = 5)
        Duration timeout,
    @Doc(
            "How long to wait for a connection, and for a write, which no request waits for. A"
                + " subscription that is dead is made anew after twice as long.")
        @Default("5s")
        @Range(min = 0.001, max = 600)
        Duration socketTimeout,
    @Doc(
            "Failures in a row after which it is left alone; lookups under way are then misses at"
                + " once.")
        @Default("5")
        @Range(min = 1, max = 1_000_000)
        int failures,
    @Doc("How long it is left alone, until a probe.")
        @Default("1s")
        @Range(min = 0.001, max = 3_600)
        Duration pause,
    @Doc("Commands that may be under way at one server; above it, lookups are misses at once.")
        @Default("256")
        @Range(min = 1, max = 1_000_000)
        @Unit("commands")
        int maxOutstanding,
    @Doc("A larger answer, as it would be sent, is not stored.")
        @Default("1MiB")
        @Range(min = 1, max = 512 << 20)
        @Unit("bytes")
        long maxValue,
    @Doc("A value over this size is compressed.")
        @Default("4KiB")
        @Range(min = 0, max = 1L << 40)
        @Unit("bytes")
        long compressOver,
    @Doc(
            "Whether other gateways are told of what is stored and forgotten, which their local"
                + " tiers need.")
        @Default("true")
        boolean announce)
    implements Plugin<ResponseCache>, RedisBuilder.With {

  private static final int MOST_PORT = 65_535;

  /** How the servers hang together. */
  public enum Topology {
    /** One server, or something that looks like one. */
    SINGLE,
    /** Sentinels that know who the master is. */
    SENTINEL,
    /** Some nodes of a Redis Cluster. */
    CLUSTER
  }

  /** Checks addresses and prefix, and copies. */
  public Redis {
    servers = List.copyOf(servers);
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("servers: none (expected: at least one address)");
    }
    servers.forEach(Redis::checkAddress);
    if (topology == Topology.SINGLE && servers.size() > 1) {
      throw new IllegalArgumentException(
          "servers: " + servers.size() + " (expected: one, as the topology is single)");
    }
    if (topology == Topology.CLUSTER && database != 0) {
      throw new IllegalArgumentException(
          "database: " + database + " (expected: 0, a Cluster has no other)");
    }
    if (!prefix.matches("[A-Za-z0-9_.:/-]{1,100}")) {
      throw new IllegalArgumentException(
          "prefix: " + prefix + " (expected: 1 to 100 letters, digits, and _ . : / -)");
    }
  }

  /** The defaults: a single node at 127.0.0.1:6379. */
  public static Redis defaults() {
    return Options.defaults(Redis.class);
  }

  /** A single node, with everything else at its default. */
  public static Redis at(String server) {
    return defaults().withServers(List.of(server));
  }

  /** The master of that name, as the sentinels know it. */
  public static Redis sentinel(String master, List<String> sentinels) {
    return defaults().withTopology(Topology.SENTINEL).withMasterName(master).withServers(sentinels);
  }

  /** A Redis Cluster, of which some nodes are known. */
  public static Redis cluster(List<String> nodes) {
    return defaults().withTopology(Topology.CLUSTER).withServers(nodes);
  }

  private static void checkAddress(String text) {
    if (!isAddress(text)) { // said without the text: it may hold a password
      throw new IllegalArgumentException(
          "servers: expected redis://HOST:PORT or rediss://HOST:PORT; user, password and database"
              + " are options of their own");
    }
  }

  /** Whether a text is the address of a server, as the options name it, or as a server does. */
  static boolean isAddress(String text) {
    try {
      URI uri = new URI(text);
      return ("redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getPort() != 0
          && uri.getPort() <= MOST_PORT
          && uri.getUserInfo() == null
          && uri.getPath().isEmpty()
          && uri.getQuery() == null
          && uri.getFragment() == null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  @Override
  public ResponseCache create(PluginContext context) {
    return over(
        context.resource(RedisStore.Connector.class).orElseGet(() -> network(context)), context);
  }

  /** The cache above a wire: in virtual time, a twin. */
  public ResponseCache over(RedisStore.Connector connector, PluginContext context) {
    return new RedisCache(this, connector.connect(this, context), context);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "Redis[" + topology + " " + servers + "]";
  }

  private static RedisStore.Connector network(PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "redis: there is no network here (expected: a gateway on Vert.x; in virtual"
                            + " time use the cache redis-twin)"));
    return (options, plugin) ->
        new VertxStore(
            options,
            vertx,
            plugin.timeline(),
            HexFormat.of().toHexDigits(plugin.random().nextLong()));
  }
}
