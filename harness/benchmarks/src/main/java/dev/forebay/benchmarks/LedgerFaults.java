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
 * statement 2 s late: the p99 of one gateway with the fault beside that with the database up, in
 * turn, and in turn which comes first; and whether all records arrive once when it is back. A part
 * begins when the database has all records of the one before.
 */
final class LedgerFaults {

  private static final int ROUNDS = 5;
  private static final int LATE_MILLIS = 1000; // in each direction

  private final PrintStream out;
  private final int seconds;
  private final Gateway gateway;
  private final SteadyLoad load;

  private LedgerFaults(PrintStream out, int seconds, Gateway gateway, SteadyLoad load) {
    this.out = out;
    this.seconds = seconds;
    this.gateway = gateway;
    this.load = load;
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
        Relay relay = new Relay(server.port(), 0)) {
      Gateway gateway = gateway(vertx, Roles.upstream(vertx, 0).await(), relay.port());
      SteadyLoad load = new SteadyLoad(vertx, port(vertx, gateway), perSecond);
      LedgerFaults faults = new LedgerFaults(out, seconds, gateway, load);
      load.run("warm-up", 2 * seconds);
      faults.compare("stopped", server::pause, server::resume);
      faults.compare("killed", server::kill, server::restart);
      faults.compare("2 s late", () -> relay.delay(LATE_MILLIS), () -> relay.delay(0));
      out.printf(
          "%d records, %d arrived, %d dropped, %d added to the database%n",
          faults.count("recorded"),
          faults.count("arrived"),
          faults.count("dropped"),
          gateway.counters().getOrDefault("ledger/mysql.added", 0L));
    } finally {
      vertx.close().await();
    }
  }

  /** What is done to the server. */
  @FunctionalInterface
  private interface Fault {
    void happen() throws IOException;
  }

  private void compare(String name, Fault begin, Fault end) throws IOException {
    List<Double> differences = new ArrayList<>();
    List<Double> before = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      double up = round % 2 == 0 ? p99("up") : 0;
      begin.happen();
      double down = p99(name);
      end.happen();
      settle();
      up = round % 2 == 0 ? up : p99("up");
      settle();
      before.add(up);
      differences.add(down - up);
    }
    before.sort(null);
    differences.sort(null);
    out.printf(
        Locale.ROOT,
        "database %s: p99 %+.2f ms (%+.2f to %+.2f) beside %.2f ms with it up: medians of %d%n",
        name,
        differences.get(ROUNDS / 2),
        differences.getFirst(),
        differences.getLast(),
        before.get(ROUNDS / 2),
        ROUNDS);
  }

  private double p99(String name) {
    SteadyLoad.Part part = load.run(name, seconds);
    if (part.failed() > 0) {
      out.printf("failed requests: %d, database %s%n", part.failed(), name);
    }
    return part.missP99Millis();
  }

  /** Waits until the database has all records: else it would have more to do in the next part. */
  private void settle() {
    long end = System.nanoTime() + 120_000_000_000L;
    while (System.nanoTime() < end && count("arrived") < count("recorded")) {
      java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
    }
  }

  private long count(String counter) {
    return gateway.counters().getOrDefault("ledger." + counter, 0L);
  }

  private static Gateway gateway(Vertx vertx, int upstream, int database) {
    MysqlLedger store =
        MysqlLedger.in(
                List.of(
                    new Database(
                        "a", "mysql://127.0.0.1:" + database + "/" + MariaDb.DATABASE, List.of())))
            .withPassword(MariaDb.PASSWORD);
    return Gateway.builder(vertx)
        .pipeline(p -> p.backends(OpenAi.at("a", "http://127.0.0.1:" + upstream)))
        .section(Ledger.in(store).withKnownFirst(false)) // the warm-up begins before the database
        .build();
  }

  private static int port(Vertx vertx, Gateway gateway) {
    return GatewayServer.of(gateway)
        .options(EdgeOptions.DEFAULTS.at("127.0.0.1", 0))
        .listen(vertx)
        .map(GatewayServer::port)
        .await();
  }
}
