package dev.forebay.mysql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.MariaDb;
import dev.forebay.spi.ledger.UsageLedger.Audited;
import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageQuery.Grouping;
import dev.forebay.spi.ledger.UsageSum;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A shard moves to another real server while records come in: none is lost, none is doubled. */
class MoveTest {

  private static final MariaDb FIRST = Servers.server("first");
  private static final MariaDb SECOND = Servers.server("second");
  private static final MysqlLedger LEDGER =
      Servers.ledger(Servers.database("first", FIRST), Servers.database("second", SECOND));
  private static final int SHARD = Shards.of("alice");

  @Test
  void aShardMovesUnderLoad() throws IOException, InterruptedException {
    String tenant = "moved" + System.nanoTime();
    AtomicLong ended = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    try (RunningLedger gateway = new RunningLedger("mover", LEDGER, null, 1).known();
        MysqlOperations operations =
            new MysqlOperations(LEDGER, Servers.VERTX, Duration.ofSeconds(3), line -> {})) {
      Thread load =
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!over.get()) {
                      gateway.request(tenant, "alice", 1000);
                      gateway.request(tenant, "bob", 1000);
                      ended.addAndGet(2);
                      java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
                    }
                  });
      Servers.until("records", 60, () -> gateway.count("arrived") > 200);
      String from =
          Servers.ask(FIRST, "SELECT place FROM shards WHERE shard = " + SHARD)
              .getFirst()
              .getString(0);
      String to = from.equals("first") ? "second" : "first";
      long moved = operations.move(SHARD, to);
      assertTrue(moved > 0, "records that moved: " + moved);
      long then = gateway.count("arrived");
      Servers.until("records after the move", 60, () -> gateway.count("arrived") > then + 200);
      over.set(true);
      load.join();
      Servers.until("all records", 60, () -> gateway.count("arrived") == ended.get());

      LocalDate day = UsageQuery.day(System.currentTimeMillis());
      UsageQuery query = new UsageQuery(tenant, day.minusDays(1), day, Grouping.USER);
      List<UsageSum> sums = gateway.on(() -> gateway.store().sums(query));
      assertEquals(ended.get(), sums.stream().mapToLong(UsageSum::requests).sum());
      assertEquals(2, sums.size(), sums.toString());
      String count =
          "SELECT COUNT(*) FROM usage_records WHERE shard = " + SHARD + " AND user = 'alice'";
      MariaDb old = from.equals("first") ? FIRST : SECOND;
      MariaDb now = from.equals("first") ? SECOND : FIRST;
      assertEquals(0, Servers.number(old, count), "left at the old place");
      assertEquals(
          ended.get() / 2,
          Servers.number(now, count + " AND tenant = '" + tenant + "'"),
          "at the new place");
      Servers.until(
          "drift 0",
          60,
          () ->
              gateway.on(() -> gateway.store().audit(day.minusDays(1), day)).stream()
                  .filter(each -> each.recorded().tenant().equals(tenant))
                  .allMatch(MoveTest::same));
      assertEquals(0, gateway.count("dropped"));
    }
  }

  @Test
  void aMoveThatWasCutOffBeforeItsLastStepIsEndedByTheSameCommand()
      throws IOException, InterruptedException {
    int shard = (SHARD + 1) % Shards.COUNT;
    try (RunningLedger gateway = new RunningLedger("starter", LEDGER, null, 1).known();
        MysqlOperations operations =
            new MysqlOperations(LEDGER, Servers.VERTX, Duration.ZERO, line -> {})) {
      assertEquals(0, gateway.count("dropped"));
      operations.move(shard, "second");
      Servers.ask(
          FIRST,
          "INSERT INTO usage_daily VALUES ('left', '2026-01-01', 'm', 'k', 'b', 'ok', "
              + shard
              + ", 1, 0, 0, 0, 0, 0, 0)");
      Servers.ask(FIRST, "UPDATE shard_state SET writable = 1 WHERE shard = " + shard);
      operations.move(shard, "second");
      String left = "SELECT COUNT(*) FROM usage_daily WHERE shard = " + shard;
      assertEquals(0, Servers.number(FIRST, left));
      String open = "SELECT writable FROM shard_state WHERE shard = " + shard;
      assertEquals(0, Servers.number(FIRST, open));
      assertEquals(1, Servers.number(SECOND, open));
      operations.move(shard, "first");
    }
  }

  @Test
  void aShardHasOneMoveAtATime() throws IOException, InterruptedException {
    int shard = (SHARD + 2) % Shards.COUNT;
    AtomicReference<String> refused = new AtomicReference<>("");
    AtomicBoolean tried = new AtomicBoolean();
    try (RunningLedger gateway = new RunningLedger("starter", LEDGER, null, 1).known();
        MysqlOperations other =
            new MysqlOperations(LEDGER, Servers.VERTX, Duration.ZERO, line -> {});
        MysqlOperations operations =
            new MysqlOperations(
                LEDGER,
                Servers.VERTX,
                Duration.ZERO,
                line -> {
                  if (tried.compareAndSet(false, true)) {
                    refused.set(String.valueOf(refusal(other, shard).getMessage()));
                  }
                })) {
      assertEquals(0, gateway.count("dropped"));
      operations.move(shard, "second");
      assertEquals(
          "shard " + shard + " is being moved (expected: one move at a time)", refused.get());
      other.move(shard, "first");
    }
  }

  private static IOException refusal(MysqlOperations operations, int shard) {
    return assertThrows(IOException.class, () -> operations.move(shard, "first"));
  }

  private static boolean same(Audited audited) {
    return audited.driftRequests() == 0
        && audited.driftTokens() == 0
        && audited.driftNanodollars() == 0;
  }

  @Test
  void migrationsAreAppliedOnceAndMustNotChange() throws IOException, InterruptedException {
    try (MysqlOperations operations =
        new MysqlOperations(LEDGER, Servers.VERTX, Duration.ZERO, line -> {})) {
      operations.migrate();
      operations
          .migrate()
          .forEach((database, applied) -> assertEquals("[]", applied.toString(), database));
      Servers.ask(SECOND, "UPDATE schema_files SET sha256 = 'x' WHERE version = 1");
      try {
        String why =
            String.valueOf(assertThrows(IOException.class, operations::migrate).getMessage());
        assertTrue(why.contains("V1__usage.sql is not the file that was applied"), why);
      } finally {
        Servers.ask(SECOND, "DELETE FROM schema_files WHERE version = 1");
        Servers.ask(
            SECOND,
            "INSERT INTO schema_files (version, file, sha256) VALUES (1, 'V1__usage.sql', SHA2('"
                + Migrations.text("V1__usage.sql").replace("'", "''")
                + "', 256))");
      }
      assertFalse(operations.migrate().toString().contains("V1"));
      Servers.ask(SECOND, "DELETE FROM schema_files WHERE version = 3"); // as if it were cut off
      assertTrue(operations.migrate().toString().contains("V3__retention.sql"));
    }
  }
}
