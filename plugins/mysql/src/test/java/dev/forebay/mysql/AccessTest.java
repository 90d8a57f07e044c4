package dev.forebay.mysql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.MariaDb;
import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.IssuedKey;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A password that is wrong or changes, and a user whose rights are missing or go. */
class AccessTest {

  private static final MariaDb SERVER = Servers.server("access");
  private static final int REQUESTS = 300;

  private final String user = "u" + System.nanoTime();
  private final MysqlLedger ledger =
      MysqlLedger.in(List.of(Servers.database("a", SERVER)))
          .withUser(user)
          .withPassword("right-password")
          .withTimeout(Duration.ofSeconds(15));
  private final LogLines log = new LogLines();

  @BeforeAll
  static void tables() throws Exception {
    MysqlLedger all =
        Servers.ledger(Servers.database("a", SERVER)).withTimeout(Duration.ofSeconds(25));
    try (MysqlOperations operations =
        new MysqlOperations(all, Servers.VERTX, Duration.ZERO, line -> {})) {
      operations.migrate();
    }
  }

  private static long rows() {
    return Servers.number(SERVER, "SELECT COUNT(*) FROM usage_records");
  }

  private void password(String password) {
    Servers.ask(SERVER, "ALTER USER " + user + " IDENTIFIED BY '" + password + "'");
    for (Row row : Servers.ask(SERVER, "SHOW PROCESSLIST")) {
      if (user.equals(row.getString("User"))) {
        try {
          Servers.ask(SERVER, "KILL " + row.getValue("Id"));
        } catch (IllegalStateException e) {
          assertTrue(e.toString().contains("Unknown thread"), e.toString()); // it went by itself
        }
      }
    }
  }

  private static void use(RunningLedger gateway) {
    for (int i = 0; i < REQUESTS; i++) {
      assertTrue(gateway.request("acme", "user-" + i, 100), "refused");
    }
  }

  private static void arrived(RunningLedger gateway, int all) {
    Servers.until("all records", 60, () -> gateway.count("arrived") == all);
    assertEquals(0, gateway.count("dropped"));
  }

  private void toldOnce(String text) {
    Servers.until(text, 60, () -> !log.of(text).isEmpty());
    assertEquals(1, log.of(text).size(), log.all().toString());
    assertEquals(1, log.of(text).getFirst().lines().count(), log.of(text).getFirst());
  }

  @BeforeEach
  void aUser() {
    Servers.ask(SERVER, "CREATE USER " + user + " IDENTIFIED BY 'right-password'");
  }

  @AfterEach
  void noPasswordIsLogged() {
    log.close();
    Servers.ask(SERVER, "DROP USER " + user);
    assertEquals(List.of(), log.of("-password"));
  }

  @Test
  void aWrongPasswordIsToldOnceAndRecordsArriveWhenItIsRight() {
    Servers.ask(SERVER, "GRANT ALL ON forebay.* TO " + user);
    MysqlLedger wrong = ledger.withPassword("wrong-password");
    try (RunningLedger gateway = new RunningLedger("access", wrong, null, 1, false)) {
      use(gateway);
      Servers.until("batches fail", 60, () -> gateway.count("failures") >= 4);
      toldOnce("mysql: not ready: a: ");
      toldOnce("mysql: not ready: a: {errorMessage=Access denied for user '" + user);
      toldOnce("the ledger does not take records, which wait: ");
      toldOnce("keys and budgets cannot be read");
      assertEquals(0, gateway.gauge("register_up"));
      password("wrong-password");
      arrived(gateway, REQUESTS);
      gateway.known();
      Servers.until("keys are read", 60, () -> gateway.gauge("register_up") == 1);
    }
  }

  @Test
  void aPasswordThatChangesCostsNoRecordAndWhatIsKnownHolds() {
    Servers.ask(SERVER, "GRANT ALL ON forebay.* TO " + user);
    long before = rows();
    String hash = "%064x".formatted(System.nanoTime());
    try (RunningLedger gateway = new RunningLedger("access", ledger, null, 1).known()) {
      IssuedKey key = new IssuedKey("k" + System.nanoTime(), hash, "acme", 1, List.of());
      gateway.on(() -> gateway.store().register().issue(key, "me"));
      Servers.until("the key", 60, () -> gateway.keys().find(hash) != null);
      use(gateway);
      arrived(gateway, REQUESTS);
      password("another-password");
      use(gateway);
      Servers.until("batches fail", 60, () -> gateway.count("failures") >= 4);
      Servers.until("no keys", 60, () -> gateway.gauge("register_up") == 0);
      assertNotNull(gateway.keys().find(hash), "what was known holds");
      toldOnce("the ledger does not take records, which wait: ");
      toldOnce("keys and budgets cannot be read");
      password("right-password");
      arrived(gateway, 2 * REQUESTS);
      Servers.until("keys are read", 60, () -> gateway.gauge("register_up") == 1);
    }
    assertEquals(before + 2 * REQUESTS, rows());
  }

  @Test
  void aUserWithoutRightsIsToldOnceAndRecordsArriveWhenItHasThem() {
    Servers.ask(SERVER, "GRANT SELECT ON forebay.* TO " + user);
    Servers.ask(SERVER, "DROP TABLE IF EXISTS schema_files");
    MysqlLedger brief = ledger.withIdle(Duration.ofSeconds(2)); // connections end after 10 s
    try (RunningLedger gateway = new RunningLedger("access", brief, null, 1, false)) {
      use(gateway);
      Servers.until("batches fail", 60, () -> gateway.count("failures") >= 4);
      toldOnce("mysql: not ready: a: {errorMessage=CREATE command denied to user '" + user);
      Servers.ask(SERVER, "GRANT ALL ON forebay.* TO " + user);
      arrived(gateway, REQUESTS);
    }
  }

  @Test
  void rightsThatGoWhileItRunsCostNoRecord() {
    Servers.ask(SERVER, "GRANT ALL ON forebay.* TO " + user);
    long before = rows();
    int all = 2 * REQUESTS + 1;
    String limited = "limited" + System.nanoTime();
    Budget budget = new Budget(Budget.Scope.TENANT, limited, Budget.Unit.TOKENS, 10_000);
    try (RunningLedger gateway = new RunningLedger("access", ledger, null, 1).known()) {
      gateway.on(() -> gateway.store().register().limit(budget, "me"));
      Servers.until("the budget", 60, () -> gateway.gauge("budgets") > 0);
      Servers.until("a grant", 60, () -> gateway.request(limited, "user", 100));
      use(gateway);
      arrived(gateway, REQUESTS + 1);
      Servers.ask(SERVER, "REVOKE INSERT ON forebay.* FROM " + user);
      password("right-password");
      use(gateway);
      Servers.until("batches fail", 60, () -> gateway.count("failures") >= 4);
      toldOnce("the ledger does not take records, which wait: {errorMessage=INSERT command denied");
      Servers.until("keys are read", 60, () -> gateway.gauge("register_up") == 1);
      while (all < 2000 && gateway.request(limited, "user", 100)) {
        all++;
      }
      assertTrue(all < 2000, "the budget is " + budget);
      toldOnce("no part of a budget is granted, and what was granted before holds: {errorMessage=");
      Servers.ask(SERVER, "GRANT INSERT ON forebay.* TO " + user);
      password("right-password");
      arrived(gateway, all);
      Servers.until("another grant", 60, () -> gateway.request(limited, "user", 100));
    }
    assertEquals(before + all + 1, rows());
  }
}
