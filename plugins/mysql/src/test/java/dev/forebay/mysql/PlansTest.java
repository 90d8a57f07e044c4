package dev.forebay.mysql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.servers.MariaDb;
import dev.forebay.spi.ledger.UsageRecord;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every statement that a gateway sends uses an index: none reads a whole table. The plans stand in
 * docs/ledger-plans.md, which {@code -Dforebay.update=true} writes.
 */
class PlansTest {

  private static final Path DOCUMENT =
      Path.of(System.getProperty("forebay.root", "../.."), "docs/ledger-plans.md");
  private static final Set<String> SCANS = Set.of("ALL", "index");
  private static final MariaDb SERVER = Servers.server("one");

  @BeforeAll
  static void thereAreRecords() {
    EventLoopStage stage = new EventLoopStage(Servers.VERTX, 1);
    MysqlRecords ledger =
        (MysqlRecords)
            Servers.ledger(Servers.database("a", SERVER))
                .withTimeout(Duration.ofSeconds(25))
                .create(stage.context());
    stage.await(
        () -> {
          ledger.prepare();
          return ledger.append(List.of(Records.of("first", 0)));
        });
    for (int batch = 0; batch < 8; batch++) {
      List<UsageRecord> records = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        records.add(Records.of("plans", batch * 1000 + i));
      }
      Future<Void> added = stage.await(() -> ledger.append(records));
      assertTrue(added.succeeded(), String.valueOf(added.cause()));
    }
    stage.await(ledger::close);
    Servers.ask(SERVER, "ANALYZE TABLE usage_records, usage_daily");
  }

  /** The plan of a statement with some values. */
  private static List<Row> plan(String sql) {
    String known =
        sql.replace(
                "JSON_TABLE(?",
                "JSON_TABLE('" + Line.rows(List.of(Line.of(Records.of("x", 1)))) + "'")
            .replace("day BETWEEN ? AND ?", "day BETWEEN '2026-11-01' AND '2026-11-30'")
            .replace("(? >> shard)", "(65535 >> shard)")
            .replace("LIMIT ?", "LIMIT 10")
            .replace("?", "'1'");
    return Servers.ask(SERVER, "EXPLAIN " + known);
  }

  private static List<String> lines(String name, String sql) {
    List<String> lines = new ArrayList<>();
    for (Row row : plan(sql)) {
      String table = row.getString("table");
      String extra = String.valueOf(row.getString("Extra"));
      if (table == null && extra.contains("const tables")) {
        lines.add("| " + name + " | | const | a unique one |"); // no row has these values
      } else if (table != null
          && !table.equals("j") // the rows of the statement itself
          && !"INSERT".equals(row.getString("select_type"))) { // the place that it adds to
        String type = row.getString("type");
        assertFalse(SCANS.contains(type), name + " scans " + table + ": " + row.toJson());
        lines.add("| " + name + " | " + table + " | " + type + " | " + row.getString("key") + " |");
      }
    }
    if (lines.isEmpty()) {
      lines.add("| " + name + " | | adds rows only | |");
    }
    return lines;
  }

  @Test
  void noStatementReadsAWholeTable() throws IOException {
    List<String> lines = new ArrayList<>();
    Sql.all().forEach((name, sql) -> lines.addAll(lines(name, sql)));
    if (Boolean.getBoolean("forebay.update")) {
      Files.writeString(DOCUMENT, document(lines));
    }
    List<String> written = Files.readAllLines(DOCUMENT);
    assertEquals(Sql.all().keySet(), names(written), "statements in " + DOCUMENT);
    if (Servers.ask(SERVER, "SELECT VERSION()").getFirst().getString(0).startsWith("10.11")) {
      assertEquals(lines, written.stream().filter(PlansTest::isPlan).toList());
    }
  }

  private static boolean isPlan(String line) {
    return line.startsWith("| ") && !line.startsWith("| Statement") && !line.startsWith("| ---");
  }

  private static Set<String> names(List<String> lines) {
    Set<String> names = new java.util.LinkedHashSet<>();
    lines.stream()
        .filter(PlansTest::isPlan)
        .forEach(line -> names.add(line.substring(2, line.indexOf(" |", 2))));
    return names;
  }

  private static String document(List<String> lines) {
    return """
    # Plans of the ledger's statements

    Every statement that a gateway sends to its databases, and how MariaDB 10.11 finds its rows: `type` and `key` of `EXPLAIN`,
    with 8,000 records. A test fails if one reads a whole table. Written by `PlansTest` with `-Dforebay.update=true`.

    | Statement | Table | Type | Index |
    | --- | --- | --- | --- |
    """
        + String.join("\n", lines)
        + "\n";
  }

  @Test
  void aScanWouldBeFound() {
    String scan = "SELECT id FROM usage_records WHERE latency_millis = ?";
    org.junit.jupiter.api.Assertions.assertThrows(AssertionError.class, () -> lines("scan", scan));
  }

  @Test
  void twentyThousandStatementsLeaveNoPreparedOnes() {
    EventLoopStage stage = new EventLoopStage(Servers.VERTX, 1);
    MysqlLedger options =
        Servers.ledger(Servers.database("a", SERVER)).withWriteConnections(2).withStatements(50);
    Databases databases = new Databases(options, Servers.VERTX, stage.context());
    int most = Integer.getInteger("forebay.statements", 2000);
    for (int i = 0; i < most; i += 50) {
      int from = i;
      stage.await(
          () -> {
            List<Future<?>> asked = new ArrayList<>();
            for (int k = 0; k < 50; k++) {
              asked.add(
                  databases
                      .directory()
                      .readNewest("SELECT " + (from + k) + " + ?", io.vertx.sqlclient.Tuple.of(k)));
            }
            return Future.all(asked).mapEmpty();
          });
    }
    long held =
        Long.parseLong(
            Servers.ask(SERVER, "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'")
                .getFirst()
                .getString(1));
    stage.await(databases::close);
    System.out.printf("%d statements, of which the server holds %d%n", most, held);
    assertTrue(held <= 2 * 50 + 50, "prepared statements: " + held);
  }
}
