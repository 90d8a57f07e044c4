package dev.forebay.mysql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.servers.MariaDb;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageQuery.Grouping;
import dev.forebay.spi.ledger.UsageRecord;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Writes go to the primary and reads to a real replica; one that lags is left out. */
class ReplicaTest {

  private static final MariaDb PRIMARY = Servers.server("replicated");
  private static final MariaDb REPLICA = Servers.replica("replicated");

  private final EventLoopStage stage = new EventLoopStage(Servers.VERTX, System.nanoTime());
  private final UsageLedger ledger =
      Servers.ledger(Servers.database("a", PRIMARY, REPLICA))
          .withMaxLag(Duration.ofSeconds(1))
          .create(stage.context());

  private <T> T on(Supplier<Future<T>> action) {
    Promise<T> done = Promise.promise();
    stage.context().timeline().execute(() -> action.get().onComplete(done));
    return Servers.await(done.future());
  }

  @BeforeEach
  void itReadsTheReplica() {
    on(
        () -> {
          ledger.prepare();
          return ledger.append(List.of(Records.of("begin", 1)));
        });
    Servers.until("a read of the replica", 30, () -> readsOf("read_replica") > 0);
  }

  /** Asks for sums; how many questions went to a role so far. */
  private long readsOf(String role) {
    on(() -> ledger.sums(new UsageQuery("x", Records.DAY, Records.DAY, Grouping.MODEL)));
    return stage.count("questions", "a", role);
  }

  @AfterEach
  void close() {
    on(ledger::close);
  }

  /** Rows of the sums that a server read for statements, not for replication. */
  private static long rowsRead(MariaDb server) {
    return Servers.number(
        server,
        "SELECT COALESCE(SUM(ROWS_READ), 0) FROM INFORMATION_SCHEMA.TABLE_STATISTICS"
            + " WHERE TABLE_NAME = 'usage_daily'");
  }

  private static long writes(MariaDb server) {
    return Servers.ask(server, "SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_insert_select')")
        .stream()
        .mapToLong(row -> Long.parseLong(row.getString(1)))
        .sum();
  }

  @Test
  void theServersCountWritesAtThePrimaryAndReportsAtTheReplica() {
    List<UsageRecord> records = new ArrayList<>();
    for (int i = 0; i < 900; i++) {
      records.add(Records.of("split", i));
    }
    long written = writes(PRIMARY);
    on(() -> ledger.append(records));
    assertTrue(writes(PRIMARY) >= written + 2, "statements of the primary");
    assertEquals(0, writes(REPLICA), "the replica is not written");

    UsageQuery query = new UsageQuery("tenant-7", Records.DAY, Records.DAY, Grouping.MODEL);
    UsageQuery all = new UsageQuery(null, Records.DAY.minusDays(30), Records.DAY, Grouping.MODEL);
    Servers.until(
        "the replica's copy",
        30,
        () -> on(() -> ledger.sums(all)).stream().mapToLong(each -> each.requests()).sum() >= 900);
    long primary = rowsRead(PRIMARY);
    long replica = rowsRead(REPLICA);
    for (int i = 0; i < 20; i++) {
      on(() -> ledger.sums(query));
      on(() -> ledger.sums(all));
    }
    assertEquals(primary, rowsRead(PRIMARY), "rows that the primary read for reports");
    assertTrue(rowsRead(REPLICA) > replica, "rows that the replica read for reports");
  }

  @Test
  void whatThisGatewayWroteIsReadAtOnceThoughReplicationStands() {
    Servers.ask(REPLICA, "STOP SLAVE");
    try {
      String run = "own" + System.nanoTime();
      for (int i = 0; i < 5; i++) {
        UsageRecord record = Records.of(run, i);
        on(() -> ledger.append(List.of(record)));
        List<UsageRecord> own = on(() -> ledger.ofUser(record.tenant(), record.user(), 100));
        assertTrue(own.contains(record), "read-your-writes: " + own);
      }
    } finally {
      Servers.ask(REPLICA, "START SLAVE");
    }
  }

  @Test
  void aReplicaWhoseReplicationStopsIsLeftOutWithinTheBoundAndComesBack() {
    Servers.ask(REPLICA, "STOP SLAVE");
    long stopped = System.nanoTime();
    try {
      Servers.until("left out", 30, this::readsThePrimary);
      double seconds = (System.nanoTime() - stopped) / 1e9;
      System.out.printf("left out after %.1f s (bound: max-lag 1 s + 3 s)%n", seconds);
    } finally {
      Servers.ask(REPLICA, "START SLAVE");
    }
    Servers.until("back", 30, () -> !readsThePrimary());
  }

  private boolean readsThePrimary() {
    long before = stage.count("questions", "a", "read_primary");
    return readsOf("read_primary") > before;
  }
}
