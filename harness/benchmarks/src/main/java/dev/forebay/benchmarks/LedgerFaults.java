package dev.forebay.benchmarks;

import dev.forebay.edge.http.EdgeOptions;
import dev.forebay.gateway.Gateway;
import dev.forebay.ledger.Ledger;
import dev.forebay.mysql.Database;
import dev.forebay.mysql.MysqlLedger;
import dev.forebay.openai.OpenAi;
import dev.forebay.server.GatewayServer;
import dev.forebay.servers.MariaDb;
import dev.forebay.servers.Relay;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What requests feel of a ledger's database that stands still (SIGSTOP), is killed, or answers each
 * statement 2 s late: the p99 beside that with the database up, in turn, and whether all records
 * arrive once when it is back.
 */
final class LedgerFaults {

  private static final int ROUNDS = 5;
  private static final int LATE_MILLIS = 1000;

  private final Vertx vertx;
  private final PrintStream out;
  private final int seconds;

  private LedgerFaults(Vertx vertx, int seconds, PrintStream out) {
    this.vertx = vertx;
    this.seconds = seconds;
    this.out = out;
  }

  /**
   * Runs.
   *
   * @param seconds of each part, at least 2
   * @param perSecond requests, at a steady rate
   */
  static void run(int seconds, int perSecond, PrintStream out) throws IOException {
    if (seconds < 2 || perSecond < 1 || perSecond > 5_000) {
      throw new IllegalArgumentException(
          "seconds, requests/s: %d, %d (expected: 2 or more, 1 to 5000)"
              .formatted(seconds, perSecond));
    }
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(3));
    try (MariaDb server = MariaDb.start();
        Relay late = new Relay(server.port(), LATE_MILLIS)) {
      int upstream = Roles.upstream(vertx, 0).await();
      LedgerFaults faults = new LedgerFaults(vertx, seconds, out);
      Gateway near = faults.gateway(upstream, "near", server.port());
      SteadyLoad load = new SteadyLoad(vertx, faults.port(near), perSecond);
      load.run("warm-up", seconds);
      faults.compare("stopped", load, load, server::pause, server::resume);
      faults.compare("killed", load, load, server::kill, server::restart);
      Gateway slow = faults.gateway(upstream, "slow", late.port());
      SteadyLoad slowLoad = new SteadyLoad(vertx, faults.port(slow), perSecond);
      slowLoad.run("warm-up", seconds);
      faults.compare("2 s late", load, slowLoad, () -> {}, () -> {});
      faults.settled("near", near);
      faults.settled("slow", slow);
    } finally {
      vertx.close().await();
    }
  }

  /** What is done to the server. */
  @FunctionalInterface
  private interface Fault {
    void happen() throws IOException;
  }

  private void compare(String name, SteadyLoad with, SteadyLoad without, Fault begin, Fault end)
      throws IOException {
    List<Double> differences = new ArrayList<>();
    List<Double> before = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      SteadyLoad.Part up = with.run("up", seconds);
      begin.happen();
      SteadyLoad.Part down = without.run(name, seconds);
      end.happen();
      before.add(up.missP99Millis());
      differences.add(down.missP99Millis() - up.missP99Millis());
      if (up.failed() + down.failed() > 0) {
        out.printf("failed requests: %d up, %d %s%n", up.failed(), down.failed(), name);
      }
    }
    before.sort(null);
    differences.sort(null);
    out.printf(
        Locale.ROOT,
        "database %s: p99 %+.2f ms beside %.2f ms with it up (medians of %d)%n",
        name,
        differences.get(ROUNDS / 2),
        before.get(ROUNDS / 2),
        ROUNDS);
  }

  private void settled(String name, Gateway gateway) {
    long end = System.nanoTime() + 120_000_000_000L;
    while (System.nanoTime() < end && count(gateway, "arrived") < count(gateway, "recorded")) {
      java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
    }
    out.printf(
        "gateway %s: %d records, %d arrived, %d dropped, %d added to the database%n",
        name,
        count(gateway, "recorded"),
        count(gateway, "arrived"),
        count(gateway, "dropped"),
        gateway.counters().getOrDefault("ledger/mysql.added", 0L));
  }

  private static long count(Gateway gateway, String counter) {
    return gateway.counters().getOrDefault("ledger." + counter, 0L);
  }

  private Gateway gateway(int upstream, String name, int database) {
    MysqlLedger store =
        MysqlLedger.in(
                List.of(
                    new Database(
                        "a", "mysql://127.0.0.1:" + database + "/" + MariaDb.DATABASE, List.of())))
            .withPassword(MariaDb.PASSWORD);
    return Gateway.builder(vertx)
        .pipeline(p -> p.backends(OpenAi.at("a", "http://127.0.0.1:" + upstream)))
        .section(Ledger.in(store).withGateway(name))
        .build();
  }

  private int port(Gateway gateway) {
    return GatewayServer.of(gateway)
        .options(EdgeOptions.DEFAULTS.at("127.0.0.1", 0))
        .listen(vertx)
        .map(GatewayServer::port)
        .await();
  }
}
