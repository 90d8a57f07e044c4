package dev.forebay.benchmarks;

import dev.forebay.gateway.Gateway;
import dev.forebay.ledger.Ledger;
import dev.forebay.mysql.Database;
import dev.forebay.mysql.MysqlLedger;
import dev.forebay.servers.MariaDb;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.Usage;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.mysqlclient.MySQLBuilder;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a ledger costs: the time of a request with and without it, in turn, and how many records a
 * second a real MariaDB takes through the outbox; then whether the database has exactly what
 * callers saw.
 */
final class LedgerLoad {

  private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();
  private static final int ROUNDS = 7;
  private static final int TENANTS = 50;
  private static final int USERS = 100_000;
  private static final int EACH = 20_000;

  private LedgerLoad() {}

  /**
   * Runs.
   *
   * @param records how many are recorded, at least 1,000
   */
  static void run(int records, PrintStream out) throws IOException {
    if (records < 1000 || records > 10_000_000) {
      throw new IllegalArgumentException("records: " + records + " (expected: 1000 to 10000000)");
    }
    Vertx vertx = Vertx.vertx();
    try (MariaDb server = MariaDb.start("max-connections=500")) {
      cost(vertx, out);
      throughput(vertx, server, records, out);
    } finally {
      vertx.close().await();
    }
  }

  /** A backend that answers at once. */
  private static Plugin<Backend> backend() {
    return NamedPlugin.of(
        Backend.class,
        "at-once",
        context ->
            new Backend() {
              @Override
              public Facts facts() {
                return Facts.of("at-once");
              }

              @Override
              public Future<InferenceResponse> serve(InferenceRequest request) {
                Call call = request.call();
                StreamSource source = new StreamSource(call, call.timeline().nanos(), () -> {});
                source.usage(new Usage(100, 20, 10, 0));
                source.write(Chunk.whole(Buffer.buffer("{}"), 10));
                return Future.succeededFuture(
                    new InferenceResponse(facts().id(), 200, Headers.EMPTY, source));
              }
            });
  }

  private static Gateway gateway(Vertx vertx, @Nullable Ledger ledger) {
    Gateway.Builder builder = Gateway.builder(vertx).pipeline(p -> p.backends(backend()));
    if (ledger != null) {
      builder.section(ledger);
    }
    return builder.build();
  }

  private static void cost(Vertx vertx, PrintStream out) {
    Gateway without = gateway(vertx, null);
    Gateway with = gateway(vertx, Ledger.in(new dev.forebay.ledger.MemoryLedger(1000)));
    requests(without, 0, EACH);
    requests(with, 0, EACH);
    List<Double> differences = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      double one = nanosEach(without);
      double other = nanosEach(with);
      differences.add(other - one);
      out.printf(
          Locale.ROOT, "a request: %.0f ns of the processor, with a ledger %.0f ns%n", one, other);
    }
    differences.sort(null);
    out.printf(
        Locale.ROOT,
        "a record on the path of a request: %.0f ns (median of %d)%n",
        differences.get(ROUNDS / 2),
        ROUNDS);
    without.close().await();
    with.close().await();
  }

  private static double nanosEach(Gateway gateway) {
    return requests(gateway, 0, EACH) / (double) EACH;
  }

  /**
   * Requests on the gateway's timeline, one after the other; returns when all are over.
   *
   * @return the processor's time that the event loop took, in nanoseconds: what other processes do
   *     is not in it
   */
  private static long requests(Gateway gateway, int from, int count) {
    Promise<Long> done = Promise.promise();
    Timeline timeline = gateway.timeline();
    timeline.execute(
        () -> {
          long began = CPU.getCurrentThreadCpuTime();
          for (int i = from; i < from + count; i++) {
            Call call = Call.root(timeline);
            Caller caller =
                new Caller("192.0.2.1", "key", "tenant-" + i % TENANTS, "user-" + i % USERS, "");
            RequestInfo info = RequestInfo.chat("r" + i, "m", caller, timeline.nanos());
            gateway
                .serve(new InferenceRequest(info, Buffer.buffer("{}"), call, Attempt.FIRST))
                .compose(head -> head.tokens().next())
                .onComplete(read -> call.end());
          }
          done.complete(CPU.getCurrentThreadCpuTime() - began);
        });
    return done.future().await();
  }

  private static void throughput(Vertx vertx, MariaDb server, int records, PrintStream out) {
    MysqlLedger store =
        MysqlLedger.in(List.of(new Database("a", server.url(), List.of())))
            .withPassword(MariaDb.PASSWORD);
    // the first request begins before the database
    Ledger ledger = Ledger.in(store).withGateway("bench").withKnownFirst(false);
    Gateway gateway = gateway(vertx, ledger);
    requests(gateway, 0, 1);
    waitFor(gateway, 1);
    long began = System.nanoTime();
    for (int sent = 1; sent < records; sent += 1000) {
      requests(gateway, sent, Math.min(1000, records - sent));
      while (waiting(gateway) > 50_000) {
        LockSupport.parkNanos(1_000_000);
      }
    }
    double taken = (System.nanoTime() - began) / 1e9;
    waitFor(gateway, records);
    double seconds = (System.nanoTime() - began) / 1e9;
    out.printf(
        Locale.ROOT,
        "%d records: requests over after %.1f s, all recorded after %.1f s, %.0f records/s%n",
        records,
        taken,
        seconds,
        records / seconds);
    verify(vertx, server, records, out);
    gateway.close().await();
  }

  private static long arrived(Gateway gateway) {
    return gateway.counters().getOrDefault("ledger.arrived", 0L);
  }

  private static long waiting(Gateway gateway) {
    return gateway.counters().getOrDefault("ledger.recorded", 0L) - arrived(gateway);
  }

  private static void waitFor(Gateway gateway, long records) {
    long end = System.nanoTime() + 600_000_000_000L;
    while (arrived(gateway) < records) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(gateway.counters() + " (expected: " + records + ")");
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** Each tenant's tokens, as its callers saw them, and how even the shards are. */
  private static void verify(Vertx vertx, MariaDb server, int records, PrintStream out) {
    Pool pool =
        MySQLBuilder.pool(
            builder ->
                builder
                    .with(new PoolOptions().setMaxSize(1))
                    .connectingTo(
                        new MySQLConnectOptions()
                            .setHost("127.0.0.1")
                            .setPort(server.port())
                            .setDatabase(MariaDb.DATABASE)
                            .setUser(MariaDb.USER)
                            .setPassword(MariaDb.PASSWORD))
                    .using(vertx));
    int wrong = 0;
    for (Row row :
        pool.query(
                "SELECT tenant, CAST(SUM(prompt_tokens + completion_tokens) AS SIGNED)"
                    + " FROM usage_daily GROUP BY tenant")
            .execute()
            .await()) {
      int tenant = Integer.parseInt(row.getString(0).substring("tenant-".length()));
      long saw = 110L * ((records - 1 - tenant) / TENANTS + 1);
      wrong += row.getLong(1) == saw ? 0 : 1;
    }
    out.printf(
        Locale.ROOT, "tenants whose sum is not what callers saw: %d of %d%n", wrong, TENANTS);
    double even = records / 16.0;
    double most = 0;
    for (Row row :
        pool.query("SELECT COUNT(*) FROM usage_records GROUP BY shard").execute().await()) {
      most = Math.max(most, Math.abs(row.getLong(0) - even) / even);
    }
    out.printf(Locale.ROOT, "the shard that is farthest from even: %.1f %%%n", 100 * most);
    pool.close().await();
  }
}
