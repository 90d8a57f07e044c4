package dev.forebay.mysql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.servers.MariaDb;
import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageRecord;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is too old goes, and nothing else. */
class RetentionTest {

  private static final MariaDb SERVER = Servers.server("retention");
  private static final long DAY = 86_400_000;

  private static UsageRecord at(UsageRecord like, long epochMillis) {
    return new UsageRecord(
        like.id(),
        epochMillis,
        like.tenant(),
        like.user(),
        like.keyId(),
        like.model(),
        like.backend(),
        like.usage(),
        like.nanodollars(),
        like.outcome(),
        like.latencyMillis(),
        like.cache(),
        like.job());
  }

  private static long rows(String table) {
    return Servers.number(SERVER, "SELECT COUNT(*) FROM " + table);
  }

  @Test
  void whatIsTooOldIsRemovedAThousandAtATime() {
    EventLoopStage stage = new EventLoopStage(Servers.VERTX, 1);
    MysqlRecords ledger =
        (MysqlRecords)
            Servers.ledger(Servers.database("a", SERVER))
                .withRetention(Duration.ofDays(30))
                .create(stage.context());
    long now = Servers.number(SERVER, "SELECT UNIX_TIMESTAMP() * 1000");
    List<UsageRecord> records = new ArrayList<>();
    for (int i = 0; i < 2500; i++) {
      records.add(at(Records.of("old", i), now - 31 * DAY));
    }
    for (int i = 2500; i < 2600; i++) {
      records.add(at(Records.of("old", i), now - 29 * DAY));
    }
    stage.await(
        () -> {
          ledger.prepare();
          return ledger.append(records.subList(0, 1));
        });
    for (int i = 0; i < records.size(); i += 650) {
      List<UsageRecord> some = records.subList(i, Math.min(records.size(), i + 650));
      Future<Void> added = stage.await(() -> ledger.append(some));
      assertTrue(added.succeeded(), String.valueOf(added.cause()));
    }
    Servers.ask(
        SERVER,
        "INSERT INTO heartbeats (gateway, at) VALUES ('gone', %d), ('alive', %d)"
            .formatted(now - 2 * DAY, now));
    Servers.ask(
        SERVER,
        "INSERT INTO usage_counted (day, tenant, counter, requests, tokens, nanodollars) VALUES"
            + " ('%s', 't', 'c', 1, 1, 1), ('%s', 't', 'c', 1, 1, 1)"
                .formatted(UsageQuery.day(now - 31 * DAY), UsageQuery.day(now)));
    Servers.ask(
        SERVER,
        "INSERT INTO budget_grants (budget, month, gateway, granted, spent) VALUES"
            + " ('b', '2020-01', 'g', 1, 1), ('b', '%s', 'g', 1, 1)"
                .formatted(UsageQuery.day(now - 28 * DAY).toString().substring(0, 7)));
    Servers.ask(
        SERVER,
        "INSERT INTO register_changes (at, by_whom, what) VALUES (%d, 'x', 'old'), (%d, 'x', 'new')"
            .formatted(now - 31 * DAY, now));
    assertEquals(2600, rows("usage_records"));

    Future<Long> removed = stage.await(ledger.retention()::clean);

    assertTrue(removed.succeeded(), String.valueOf(removed.cause()));
    assertEquals(100, rows("usage_records"));
    assertEquals(100, Servers.number(SERVER, "SELECT SUM(requests) FROM usage_daily"));
    assertEquals(List.of("alive"), names("SELECT gateway FROM heartbeats"));
    assertEquals(1, rows("usage_counted"));
    assertEquals(1, rows("budget_grants"));
    assertEquals(List.of("new"), names("SELECT what FROM register_changes"));
    assertEquals(0L, stage.await(ledger.retention()::clean).result());
    stage.await(ledger::close);
  }

  @Test
  void aTableThatFailsKeepsNoOtherFromBeingCleaned() {
    EventLoopStage stage = new EventLoopStage(Servers.VERTX, 1);
    MysqlRecords ledger =
        (MysqlRecords)
            Servers.ledger(Servers.database("a", SERVER))
                .withRetention(Duration.ofDays(30))
                .create(stage.context());
    long now = Servers.number(SERVER, "SELECT UNIX_TIMESTAMP() * 1000");
    stage.await(
        () -> {
          ledger.prepare();
          return ledger.append(List.of(at(Records.of("kept", 0), now)));
        });
    Servers.ask(
        SERVER, "INSERT INTO heartbeats (gateway, at) VALUES ('old', %d)".formatted(now - 2 * DAY));
    Servers.ask(SERVER, "RENAME TABLE usage_records TO usage_elsewhere");
    try {
      assertEquals(1L, stage.await(ledger.retention()::clean).result());
      assertEquals(List.of(), names("SELECT gateway FROM heartbeats WHERE gateway = 'old'"));
    } finally {
      Servers.ask(SERVER, "RENAME TABLE usage_elsewhere TO usage_records");
      Servers.ask(SERVER, "DELETE FROM usage_records");
      Servers.ask(SERVER, "DELETE FROM usage_daily");
      stage.await(ledger::close);
    }
  }

  private static List<String> names(String sql) {
    return Servers.ask(SERVER, sql).stream().map(row -> row.getString(0)).toList();
  }
}
