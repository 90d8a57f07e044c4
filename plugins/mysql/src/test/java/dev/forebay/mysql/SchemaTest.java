package dev.forebay.mysql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.MariaDb;
import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.KeyRegister.Request;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables that are missing, changed, half made or newer, and servers that take no writes. */
class SchemaTest {

  private static final MariaDb SERVER = Servers.server("schema");
  private static final int USERS = 200;

  private final String database = "d" + System.nanoTime();
  private final String address = SERVER.url().replace("/" + MariaDb.DATABASE, "/" + database);
  private final MysqlLedger ledger =
      Servers.ledger(new Database("a", address, List.of()))
          .withUser("plain")
          .withTimeout(Duration.ofSeconds(15));
  private final LogLines log = new LogLines();

  @BeforeEach
  void anEmptyDatabase() {
    Servers.ask(SERVER, "CREATE DATABASE " + database);
    Servers.ask(SERVER, "CREATE USER IF NOT EXISTS plain IDENTIFIED BY '" + MariaDb.PASSWORD + "'");
    Servers.ask(SERVER, "GRANT ALL ON " + database + ".* TO plain");
  }

  @AfterEach
  void theDatabaseGoes() {
    log.close();
    ask("SET GLOBAL read_only = 0");
    Servers.ask(SERVER, "DROP DATABASE " + database);
  }

  /** A statement, with {@code $} for the database, by a user who may do everything. */
  private void ask(String sql) {
    Servers.ask(SERVER, sql.replace("$", database + "."));
  }

  private void migrate() throws IOException, InterruptedException {
    try (MysqlOperations operations =
        new MysqlOperations(ledger, Servers.VERTX, Duration.ZERO, line -> {})) {
      assertEquals(List.of("a"), List.copyOf(operations.migrate().keySet()));
    }
  }

  private RunningLedger start(MysqlLedger store) {
    return new RunningLedger("schema", store, null, 1, false);
  }

  private static void use(RunningLedger gateway) {
    for (int i = 0; i < USERS; i++) {
      assertTrue(gateway.request("acme", "user-" + i, 100), "refused");
    }
  }

  private void arrived(RunningLedger gateway, int all) {
    Servers.until("all records", 60, () -> gateway.count("arrived") == all);
    assertEquals(0, gateway.count("dropped"));
    assertEquals(
        all, Servers.number(SERVER, "SELECT COUNT(*) FROM " + database + ".usage_records"));
    assertEquals(
        all, Servers.number(SERVER, "SELECT SUM(requests) FROM " + database + ".usage_daily"));
  }

  private void toldOnce(String text) {
    Servers.until(text, 60, () -> !log.of(text).isEmpty());
    assertEquals(1, log.of(text).size(), log.all().toString());
    assertEquals(1, log.of(text).getFirst().lines().count(), log.of(text).getFirst());
  }

  @Test
  void tablesThatAreMissingAreToldOnceAndRecordsWait() throws Exception {
    try (RunningLedger gateway = start(ledger.withMigrate(false))) {
      use(gateway);
      Servers.until("batches fail", 60, () -> gateway.count("failures") >= 3);
      toldOnce("mysql: not ready: ");
      toldOnce("ledger migrate");
      migrate();
      arrived(gateway, USERS);
      Servers.until("keys are read", 60, () -> gateway.gauge("register_up") == 1);
    }
  }

  @Test
  void aFileThatChangedIsToldOnceAndKeysAreReadAllTheSame() throws Exception {
    migrate();
    String sha256 =
        "SELECT sha256 FROM $schema_files WHERE version = 1".replace("$", database + ".");
    String before = Servers.ask(SERVER, sha256).getFirst().getString(0);
    ask("UPDATE $schema_files SET sha256 = 'changed' WHERE version = 1");
    try (RunningLedger gateway = new RunningLedger("schema", ledger, null, 1).known()) {
      use(gateway);
      Servers.until("batches fail", 60, () -> gateway.count("failures") >= 3);
      toldOnce("mysql: not ready: a: schema: V1__usage.sql is not the file that was applied");
      ask("UPDATE $schema_files SET sha256 = '" + before + "' WHERE version = 1");
      arrived(gateway, USERS);
    }
  }

  @Test
  void whatWasCutOffIsDoneToTheEnd() throws Exception {
    migrate();
    ask("DELETE FROM $schema_files WHERE version >= 2");
    ask("DROP TABLE $budget_grants");
    ask("DROP TABLE $register_version");
    ask("DROP INDEX by_at ON $register_changes");
    ask("INSERT INTO $shards (shard, place) VALUES (0, 'a'), (1, 'a'), (9, 'a')");
    try (RunningLedger gateway = start(ledger)) {
      use(gateway);
      arrived(gateway, USERS);
      Servers.until("keys are read", 60, () -> gateway.gauge("register_up") == 1);
    }
    assertEquals(16, Servers.number(SERVER, "SELECT COUNT(*) FROM " + database + ".shards"));
  }

  @Test
  void aGatewayThatWasKilledBeforeItOpenedTheShardsIsMended() throws Exception {
    try (RunningLedger gateway = start(ledger)) {
      use(gateway);
      arrived(gateway, USERS);
    }
    ask("DELETE FROM $shard_state WHERE shard > 3");
    try (RunningLedger gateway = start(ledger)) {
      use(gateway);
      Servers.until("all records", 60, () -> gateway.count("arrived") == USERS);
    }
    assertEquals(
        2 * USERS, Servers.number(SERVER, "SELECT COUNT(*) FROM " + database + ".usage_records"));
  }

  @Test
  void filesOfANewerGatewayAreToldOnceAndItGoesOn() throws Exception {
    migrate();
    ask("INSERT INTO $schema_files (version, file, sha256) VALUES (4, 'V4__later.sql', 'x')");
    try (RunningLedger gateway = start(ledger)) {
      use(gateway);
      arrived(gateway, USERS);
      toldOnce("mysql: a: [V4__later.sql] are of a newer gateway (expected: at most V3");
    }
  }

  @Test
  void aPrimaryThatTakesNoWritesCostsNoRecordAndKeysAreRead() {
    try (RunningLedger gateway = start(ledger).known()) {
      use(gateway);
      arrived(gateway, USERS);
      ask("SET GLOBAL read_only = 1");
      use(gateway);
      Servers.until("batches fail", 60, () -> gateway.count("failures") >= 3);
      toldOnce("the ledger does not take records, which wait: ");
      toldOnce("--read-only");
      String hash = "ab".repeat(32);
      ask(
          "INSERT INTO $api_keys (id, sha256, tenant, priority, models) VALUES ('k', '"
              + hash
              + "', 'acme', 1, '')");
      ask("UPDATE $register_version SET version = version + 1");
      Servers.until("a key of the meantime", 60, () -> gateway.keys().find(hash) != null);
      try (RunningLedger another = new RunningLedger("later", ledger, null, 2).known()) {
        assertNotNull(another.keys().find(hash), "a gateway that starts meanwhile");
        assertTrue(another.keys().allRead());
      }
      ask("SET GLOBAL read_only = 0");
      arrived(gateway, 2 * USERS);
    }
  }

  @Test
  void aPlaceThatThisGatewayDoesNotHaveIsToldOnceAndKeysAreRead() {
    try (RunningLedger gateway = start(ledger).known()) {
      use(gateway);
      arrived(gateway, USERS);
    }
    ask("UPDATE $shards SET place = 'nowhere' WHERE shard = 3");
    try (RunningLedger gateway = new RunningLedger("schema", ledger, null, 1).known()) {
      use(gateway);
      toldOnce("mysql: not ready: shard 3: database: nowhere (expected: a)");
      Servers.until("batches fail", 60, () -> gateway.count("failures") >= 3);
      ask("UPDATE $shards SET place = 'a' WHERE shard = 3");
      Servers.until("all records", 60, () -> gateway.count("arrived") == USERS);
    }
    assertEquals(
        2 * USERS, Servers.number(SERVER, "SELECT COUNT(*) FROM " + database + ".usage_records"));
  }

  @Test
  void aTableThatIsAwayForAMomentCostsNoRecord() {
    try (RunningLedger gateway = start(ledger).known()) {
      use(gateway);
      arrived(gateway, USERS);
      ask("RENAME TABLE $usage_daily TO $away");
      use(gateway);
      Servers.until("batches fail", 60, () -> gateway.count("failures") >= 3);
      toldOnce("usage_daily' doesn't exist");
      ask("RENAME TABLE $away TO $usage_daily");
      arrived(gateway, 2 * USERS);
    }
  }

  @Test
  void keysAndGrantsDoNotWaitWhileAnotherAppliesFiles() throws Exception {
    migrate();
    ask("DELETE FROM $schema_files WHERE version = 3");
    Pool other = Databases.pool(ledger, Servers.VERTX, address, 1);
    SqlConnection session = Servers.await(other.getConnection());
    try {
      Servers.await(session.query("SELECT GET_LOCK('forebay_schema', 5)").execute());
      Budget budget = new Budget(Budget.Scope.TENANT, "acme", Budget.Unit.TOKENS, 100_000);
      ask(
          "INSERT INTO $budgets (id, scope, whose, unit, amount) VALUES ('"
              + budget.id()
              + "', 'TENANT', 'acme', 'TOKENS', 100000)");
      try (RunningLedger gateway = new RunningLedger("schema", ledger, null, 1).known()) {
        Servers.until("a grant", 60, () -> gateway.request("acme", "user", 100));
        use(gateway);
        assertEquals(0, gateway.count("arrived"), "the lock is held");
        Servers.await(session.query("SELECT RELEASE_LOCK('forebay_schema')").execute());
        arrived(gateway, USERS + 1);
      }
    } finally {
      Servers.await(other.close());
    }
  }

  @Test
  void anIndexThatWaitsForALongTransactionDoesNotKeepOthersFromTheTable() throws Exception {
    migrate();
    ask("DROP INDEX by_month ON $budget_grants");
    ask("DELETE FROM $schema_files WHERE version = 3");
    Pool other = Databases.pool(ledger, Servers.VERTX, address, 1);
    SqlConnection session = Servers.await(other.getConnection());
    try (RunningLedger gateway =
        new RunningLedger("before", ledger.withMigrate(false), null, 1).known()) {
      Budget budget = new Budget(Budget.Scope.TENANT, "else", Budget.Unit.TOKENS, 1000);
      gateway.on(() -> gateway.store().register().limit(budget, "me"));
      Servers.await(session.query("BEGIN").execute());
      Servers.await(session.query("SELECT * FROM budget_grants").execute());
      try (RunningLedger fresh = start(ledger)) {
        toldOnce("mysql: not ready: a: schema: V3__retention.sql: {errorMessage=Lock wait timeout");
        for (int i = 1; i <= 5; i++) {
          Request request = new Request(budget.id(), "2030-01", i, 1);
          assertFalse(
              gateway.on(() -> gateway.store().register().grant("me", List.of(request))).isEmpty(),
              "grant " + i);
        }
        Servers.await(session.query("COMMIT").execute());
        use(fresh);
        arrived(fresh, USERS);
      }
    } finally {
      Servers.await(other.close());
    }
  }
}
