package dev.forebay.redis.jobs;

import dev.forebay.redis.Redis;
import dev.forebay.redis.RedisWire;
import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.jobs.JobStore;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Secret;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Jobs in a Redis that gateways and workers share. It must not evict keys ({@code maxmemory-policy
 * noeviction}), so it is not that of a cache. No job is lost if it keeps each write on disk ({@code
 * appendonly yes}, {@code appendfsync always}).
 *
 * @param servers {@code redis://HOST:PORT}, {@code rediss://} for TLS; of Sentinel the sentinels,
 *     of Cluster some of its nodes
 * @param topology how they hang together
 * @param masterName what the sentinels call the master
 * @param user of the access control list; null for the default user
 * @param password null for none
 * @param database of a single node or Sentinel; Cluster has 0 only
 * @param prefix what keys begin with; gateways and workers share jobs under one prefix
 * @param timeout how long a step may take; then it fails, and may be asked for again
 * @param socketTimeout how long to wait for a connection
 * @param pause how long a server that is gone is left alone, until a probe
 * @param maxJobs that are kept at most, also those that are over
 */
@RecordBuilder
@Named("redis")
@Doc("Jobs in a Redis that gateways and workers share; it must not evict keys.")
public record RedisJobs(
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
    @Doc("What keys begin with; gateways and workers share jobs under one prefix. No braces.")
        @Default("forebay")
        String prefix,
    @Doc("How long a step may take, such as a claim; then it fails, and is asked for again.")
        @Default("5s")
        @Range(min = 0.001, max = 60)
        Duration timeout,
    @Doc("How long to wait for a connection.") @Default("5s") @Range(min = 0.001, max = 600)
        Duration socketTimeout,
    @Doc("How long a server that is gone is left alone, until a probe.")
        @Default("500ms")
        @Range(min = 0.001, max = 3_600)
        Duration pause,
    @Doc("Jobs that are kept at most, also those that are over; then it takes no more.")
        @Default("1000000")
        @Range(min = 1, max = 1e9)
        long maxJobs)
    implements Plugin<JobStore>, RedisJobsBuilder.With {

  private static final int FAILURES = 3;
  private static final int MOST_UNDER_WAY = 10_000;

  /** Copies, and checks as the cache's options do. */
  public RedisJobs {
    servers = List.copyOf(servers);
    redis(servers, topology, database, prefix);
  }

  /** The defaults: a single node at 127.0.0.1:6379. */
  public static RedisJobs defaults() {
    return Options.defaults(RedisJobs.class);
  }

  /** A single node, with everything else at its default. */
  public static RedisJobs at(String server) {
    return defaults().withServers(List.of(server));
  }

  @Override
  public JobStore create(PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "redis: there is no network here (expected: a gateway on Vert.x; in virtual"
                            + " time use the job store memory)"));
    Redis wire = redis();
    return new RedisJobStore(this, wire, RedisWire.over(wire, vertx, context), context);
  }

  private Redis redis() {
    Redis plain = redis(servers, topology, database, prefix).withMasterName(masterName);
    Redis named = user == null ? plain : plain.withUser(user);
    Redis allowed = password == null ? named : named.withPassword(password);
    return allowed.with(
        all ->
            all.timeout(timeout)
                .socketTimeout(socketTimeout)
                .pause(pause)
                .failures(FAILURES)
                .maxOutstanding(MOST_UNDER_WAY));
  }

  private static Redis redis(
      List<String> servers, Redis.Topology topology, int database, String prefix) {
    return Redis.defaults()
        .with(all -> all.servers(servers).topology(topology).database(database).prefix(prefix));
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "RedisJobs[" + topology + " " + servers + "]";
  }
}
