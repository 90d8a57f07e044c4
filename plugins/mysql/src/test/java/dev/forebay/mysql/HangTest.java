package dev.forebay.mysql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.servers.MariaDb;
import dev.forebay.spi.ledger.IssuedKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Locks that somebody else holds, and a server that stands still in the middle of transactions. */
class HangTest {

  private static final MariaDb SERVER = Servers.server("hangs");
  private static final int CONNECTIONS = 2;
  private static final int REQUESTS = 200;
  private static final MysqlLedger LEDGER =
      MysqlLedger.in(List.of(Servers.database("a", SERVER)))
          .withUser("hanging")
          .withPassword(MariaDb.PASSWORD)
          .withWriteConnections(CONNECTIONS)
          .withTimeout(Duration.ofSeconds(3));

  private final String tenant = "t" + System.nanoTime();
  private final Pool others =
      Databases.pool(
          LEDGER.withUser(MariaDb.USER).withTimeout(Duration.ofSeconds(20)),
          Servers.VERTX,
          SERVER.url(),
          1);
  private final SqlConnection session = Servers.await(others.getConnection());
  private RunningLedger gateway = begin();

  private static RunningLedger begin() {
    Servers.ask(
        SERVER, "CREATE USER IF NOT EXISTS hanging IDENTIFIED BY '" + MariaDb.PASSWORD + "'");
    Servers.ask(SERVER, "GRANT ALL ON forebay.* TO hanging");
    return new RunningLedger("hangs", LEDGER, null, 1).known();
  }

  @BeforeEach
  void thereAreSums() {
    use();
    arrived(REQUESTS);
  }

  @AfterEach
  void close() {
    Servers.await(others.close());
    gateway.close();
  }

  private void use() {
    for (int i = 0; i < REQUESTS; i++) {
      assertTrue(gateway.request(tenant, "user-" + i, 100), "refused");
    }
  }

  private void arrived(int all) {
    Servers.until("all records", 60, () -> gateway.count("arrived") == all);
    assertEquals(0, gateway.count("dropped"));
    String of = " WHERE tenant = '" + tenant + "'";
    assertEquals(all, Servers.number(SERVER, "SELECT COUNT(*) FROM usage_records" + of));
    assertEquals(all, Servers.number(SERVER, "SELECT SUM(requests) FROM usage_daily" + of));
  }

  private void hold(String sql) {
    Servers.await(session.query(sql).execute());
  }

  private static long connections() {
    return Servers.number(
        SERVER, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'hanging'");
  }

  /** Batches fail, and all else goes on. */
  private void onlyRecordsWait() {
    use();
    long before = gateway.count("failures");
    long most = 0;
    for (int i = 1; i <= CONNECTIONS; i++) {
      int times = i;
      Servers.until("a batch fails", 60, () -> gateway.count("failures") >= before + times);
      most = Math.max(most, connections());
      String hash = "%064x".formatted(System.nanoTime());
      IssuedKey key = new IssuedKey("k" + System.nanoTime(), hash, tenant, 1, List.of());
      gateway.on(() -> gateway.store().register().issue(key, "me"));
      Servers.until("a new key", 30, () -> gateway.keys().find(hash) != null);
      assertEquals(1, gateway.gauge("register_up"));
    }
    assertTrue(most <= CONNECTIONS + 1, "connections: " + most); // one may be closing
  }

  @Test
  void aTableThatSomebodyLocksKeepsRecordsWaitingAndNothingElse() {
    hold("LOCK TABLES usage_daily WRITE");
    onlyRecordsWait();
    hold("UNLOCK TABLES");
    arrived(2 * REQUESTS);
  }

  @Test
  void rowsThatSomebodyLocksKeepRecordsWaitingAndNothingElse() {
    hold("BEGIN");
    hold("SELECT * FROM usage_daily FOR UPDATE");
    onlyRecordsWait();
    hold("COMMIT");
    arrived(2 * REQUESTS);
  }

  @Test
  void aChangeThatWaitsForALockIsTriedAgain() {
    hold("BEGIN");
    hold("UPDATE register_version SET version = version + 1");
    Future<Void> later =
        Servers.VERTX
            .timer(3, TimeUnit.SECONDS) // longer than a statement waits for a lock
            .compose(rung -> session.query("COMMIT").execute())
            .mapEmpty();
    String hash = "%064x".formatted(System.nanoTime());
    IssuedKey key = new IssuedKey("k" + System.nanoTime(), hash, tenant, 1, List.of());
    gateway.on(() -> gateway.store().register().issue(key, "me"));
    Servers.await(later);
    assertEquals(
        1,
        Servers.number(
            SERVER, "SELECT COUNT(*) FROM register_changes WHERE what LIKE '%" + key.id() + "%'"));
  }

  @Test
  void ofTwoThatAreInEachOthersWayOneIsTriedAgain() {
    Servers.ask(
        SERVER,
        "REPLACE INTO budgets (id, scope, whose, unit, amount) VALUES"
            + " ('tenant:tokens:a', 'TENANT', 'a', 'TOKENS', 10),"
            + " ('tenant:tokens:b', 'TENANT', 'b', 'TOKENS', 10)");
    EventLoopStage stage = new EventLoopStage(Servers.VERTX, 1);
    Databases databases = new Databases(LEDGER, Servers.VERTX, stage.context());
    AtomicInteger again = new AtomicInteger();
    AtomicInteger first = new AtomicInteger();
    Promise<Void> both = Promise.promise();
    String add = "UPDATE budgets SET amount = amount + 1 WHERE id = ?";
    Function<List<String>, Future<Void>> inTurn =
        ids ->
            Transaction.again(
                databases,
                databases.directory().primary(),
                transaction ->
                    transaction
                        .ask(add, Tuple.of(ids.getFirst()))
                        .compose(
                            done -> {
                              if (first.incrementAndGet() == 2) {
                                both.complete();
                              }
                              return both.future();
                            })
                        .compose(met -> transaction.ask(add, Tuple.of(ids.getLast())))
                        .mapEmpty(),
                again::incrementAndGet);
    String one = "tenant:tokens:a";
    String other = "tenant:tokens:b";
    Future<Void> done =
        stage.await(
            () ->
                Future.join(inTurn.apply(List.of(one, other)), inTurn.apply(List.of(other, one)))
                    .mapEmpty());
    stage.await(databases::close);
    assertTrue(done.succeeded(), String.valueOf(done.cause()));
    assertTrue(again.get() >= 1, "tried again: " + again);
    assertEquals(
        24, Servers.number(SERVER, "SELECT SUM(amount) FROM budgets WHERE whose IN ('a', 'b')"));
  }

  @Test
  void aServerThatStandsStillWithinTransactionsCostsNoRecordAndDoublesNone() throws IOException {
    int rounds = 3;
    for (int round = 1; round <= rounds; round++) {
      use();
      LockSupport.parkNanos(round * 20_000_000L); // batches are under way
      SERVER.pause();
      try {
        use();
        long before = gateway.count("failures");
        Servers.until("a batch fails", 60, () -> gateway.count("failures") > before);
      } finally {
        SERVER.resume();
      }
    }
    arrived((2 * rounds + 1) * REQUESTS);
    Servers.until("connections go back", 90, () -> connections() <= CONNECTIONS);
    Servers.until("keys are read", 60, () -> gateway.gauge("register_up") == 1);
  }
}
