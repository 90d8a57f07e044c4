package dev.forebay.mysql;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How a server differs from {@code examples/mysql/my.cnf}, and whether the pools fit into it. */
final class ServerCheck {

  /** The figures of {@code examples/mysql/my.cnf}. */
  static final Map<String, Long> EXPECTED = new LinkedHashMap<>();

  static {
    EXPECTED.put("max_connections", 2000L);
    EXPECTED.put("wait_timeout", 300L);
    EXPECTED.put("interactive_timeout", 300L);
    EXPECTED.put("thread_cache_size", 100L);
  }

  private ServerCheck() {}

  /**
   * Asks a server for its figures.
   *
   * @param connections of this pool
   * @return a line for each difference; empty if there is none
   */
  static Future<List<String>> of(String what, Pool pool, int connections, MysqlLedger options) {
    // The session's own wait_timeout is that of its kind of client; the global one is the file's.
    String sql = "SELECT @@global." + String.join(", @@global.", EXPECTED.keySet());
    return pool.query(sql)
        .execute()
        .map(rows -> lines(what, rows.iterator().next(), connections, options));
  }

  private static List<String> lines(String what, Row row, int connections, MysqlLedger options) {
    List<String> lines = new ArrayList<>();
    int column = 0;
    for (Map.Entry<String, Long> each : EXPECTED.entrySet()) {
      long value = row.getLong(column++);
      if (value != each.getValue()) {
        lines.add("%s: %s: %d (my.cnf: %d)".formatted(what, each.getKey(), value, each.getValue()));
      }
    }
    long most = row.getLong(0);
    long all = (long) connections * options.gateways();
    if (all > most) {
      lines.add(
          "%s: WARNING: %d connections x %d gateways = %d (expected: at most max_connections, %d)"
              .formatted(what, connections, options.gateways(), all, most));
    }
    long wait = row.getLong(1);
    if (options.idle().toSeconds() >= wait) {
      lines.add(
          "%s: WARNING: idle: %d s (expected: less than wait_timeout, %d s)"
              .formatted(what, options.idle().toSeconds(), wait));
    }
    return lines;
  }
}
