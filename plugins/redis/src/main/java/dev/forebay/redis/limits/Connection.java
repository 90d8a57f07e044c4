package dev.forebay.redis.limits;

import dev.forebay.redis.Redis;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Secret;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Redis that counts what gateways share: one that makes no room by forgetting keys ({@code
 * maxmemory-policy noeviction}), better not that of a cache.
 *
 * @param servers {@code redis://HOST:PORT}, {@code rediss://} for TLS; of Sentinel the sentinels,
 *     of Cluster some of its nodes
 * @param topology how they hang together
 * @param masterName what the sentinels call the master
 * @param user of the access control list; null for the default user
 * @param password null for none
 * @param database of a single node or Sentinel; Cluster has 0 only
 * @param prefix what keys begin with; gateways share limits under one prefix
 * @param timeout how long an answer of the server may take; then it is taken to be gone
 * @param socketTimeout how long to wait for a connection
 * @param pause how long a server that is gone is left alone, until a probe
 */
@RecordBuilder
@Doc("The Redis that counts what gateways share.")
public record Connection(
    @Doc(
            "Addresses: redis://HOST:PORT, rediss:// for TLS. Of Sentinel the sentinels, of"
                + " Cluster some of its nodes.")
        @Default("[redis://127.0.0.1:6379]")
        List<String> servers,
    @Doc("How the servers hang together.") @Default("single") Redis.Topology topology,
    @Doc("What the sentinels call the master.") @Default("mymaster") String masterName,
    @Doc("User of the access control list; by default the default user.") @Nullable String user,
    @Doc("Password.") @Secret @Nullable String password,
    @Doc("Database of a single node or of Sentinel.") @Default("0") @Range(min = 0, max = 65_535)
        int database,
    @Doc("What keys begin with; gateways share limits under one prefix. No braces.")
        @Default("forebay")
        String prefix,
    @Doc(
            "How long an answer of the server may take; then it is taken to be gone, and no"
                + " request waits for it any more.")
        @Default("50ms")
        @Range(min = 0.001, max = 5)
        Duration timeout,
    @Doc("How long to wait for a connection.") @Default("2s") @Range(min = 0.001, max = 600)
        Duration socketTimeout,
    @Doc("How long a server that is gone is left alone, until a probe.")
        @Default("500ms")
        @Range(min = 0.001, max = 3_600)
        Duration pause)
    implements ConnectionBuilder.With {

  private static final int MOST_UNDER_WAY = 1_000_000;

  /** Copies, and checks as the cache's options do. */
  public Connection {
    servers = List.copyOf(servers);
    redis(servers, topology, database, prefix);
  }

  /** The defaults: a single node at 127.0.0.1:6379. */
  public static Connection defaults() {
    return Options.defaults(Connection.class);
  }

  /** A single node, with everything else at its default. */
  public static Connection at(String server) {
    return defaults().withServers(List.of(server));
  }

  /** The wire's options: one failure is enough to leave a server alone. */
  Redis redis() {
    Redis plain = redis(servers, topology, database, prefix).withMasterName(masterName);
    Redis named = user == null ? plain : plain.withUser(user);
    Redis allowed = password == null ? named : named.withPassword(password);
    return allowed
        .withTimeout(timeout)
        .withSocketTimeout(socketTimeout)
        .withPause(pause)
        .withFailures(1)
        .withMaxOutstanding(MOST_UNDER_WAY);
  }

  private static Redis redis(
      List<String> servers, Redis.Topology topology, int database, String prefix) {
    return Redis.defaults()
        .with(all -> all.servers(servers).topology(topology).database(database).prefix(prefix));
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "Connection[" + topology + " " + servers + "]";
  }
}
