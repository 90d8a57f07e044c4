package dev.forebay.mysql;

import dev.forebay.spi.ledger.UsageQuery.Grouping;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * All statements, each with parameters in place of values: so there are few, and each is prepared
 * once on a connection. Rows come as one text of JSON, so that a batch of any size is one
 * statement.
 */
final class Sql {

  private static final String ROWS =
      table(
          """
          shard INT PATH '$.s', id VARCHAR(64) PATH '$.i', at BIGINT PATH '$.a', day DATE PATH '$.d',
          tenant VARCHAR(64) PATH '$.t', user VARCHAR(128) PATH '$.u', key_id VARCHAR(64) PATH '$.k',
          model VARCHAR(128) PATH '$.m', backend VARCHAR(64) PATH '$.b',
          prompt_tokens BIGINT PATH '$.p', cached_tokens BIGINT PATH '$.c',
          completion_tokens BIGINT PATH '$.o', reasoning_tokens BIGINT PATH '$.r',
          replayed INT PATH '$.y', nanodollars BIGINT PATH '$.n', outcome VARCHAR(24) PATH '$.e',
          latency_millis BIGINT PATH '$.l', cache VARCHAR(16) PATH '$.h', job VARCHAR(64) PATH '$.j'\
          """);

  /** Shards that may be written here; they stay so until the transaction ends. */
  static final String WRITABLE =
      "SELECT shard FROM shard_state FORCE INDEX (PRIMARY) WHERE shard BETWEEN 0 AND 15"
          + " AND writable = 1 LOCK IN SHARE MODE";

  static final String STATES =
      "SELECT shard FROM shard_state FORCE INDEX (PRIMARY) WHERE shard BETWEEN 0 AND 15";

  /** Ids of rows that are there already. */
  static final String THERE =
      "SELECT STRAIGHT_JOIN r.id FROM "
          + ROWS
          + " JOIN usage_records AS r FORCE INDEX (by_id) ON r.shard = j.shard AND r.id = j.id";

  static final String ADD =
      "INSERT INTO usage_records (shard, id, at, day, tenant, user, key_id, model, backend,"
          + " prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, replayed,"
          + " nanodollars, outcome, latency_millis, cache, job) SELECT shard, id, at, day, tenant,"
          + " user, key_id, model, backend, prompt_tokens, cached_tokens, completion_tokens,"
          + " reasoning_tokens, replayed, nanodollars, outcome, latency_millis, cache, job FROM "
          + ROWS;

  static final String SUM_UP =
      "INSERT INTO usage_daily (tenant, day, model, key_id, backend, outcome, shard, requests,"
          + " prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, replayed_tokens,"
          + " nanodollars) SELECT tenant, day, model, key_id, backend, outcome, shard, COUNT(*),"
          + " SUM(IF(replayed, 0, prompt_tokens)), SUM(IF(replayed, 0, cached_tokens)),"
          + " SUM(IF(replayed, 0, completion_tokens)), SUM(IF(replayed, 0, reasoning_tokens)),"
          + " SUM(IF(replayed, prompt_tokens + completion_tokens, 0)), SUM(nanodollars) FROM "
          + ROWS
          + " GROUP BY tenant, day, model, key_id, backend, outcome, shard"
          + " ON DUPLICATE KEY UPDATE requests = requests + VALUES(requests),"
          + " prompt_tokens = usage_daily.prompt_tokens + VALUES(prompt_tokens),"
          + " cached_tokens = usage_daily.cached_tokens + VALUES(cached_tokens),"
          + " completion_tokens = usage_daily.completion_tokens + VALUES(completion_tokens),"
          + " reasoning_tokens = usage_daily.reasoning_tokens + VALUES(reasoning_tokens),"
          + " replayed_tokens = usage_daily.replayed_tokens + VALUES(replayed_tokens),"
          + " nanodollars = usage_daily.nanodollars + VALUES(nanodollars)";

  static final String OF_USER =
      "SELECT id, at, tenant, user, key_id, model, backend, prompt_tokens, cached_tokens,"
          + " completion_tokens, reasoning_tokens, replayed, nanodollars, outcome, latency_millis,"
          + " cache, job FROM usage_records FORCE INDEX (by_user) WHERE shard = ? AND tenant = ?"
          + " AND user = ? ORDER BY at DESC LIMIT ?";

  /** Shards are bits of a number, so that one statement does for all of them. */
  private static final String OF_SHARDS = " AND (? >> shard) & 1 = 1";

  private static final String TENANT_DAYS = " WHERE tenant = ? AND day BETWEEN ? AND ?";
  private static final String DAYS = " FORCE INDEX (by_day) WHERE day BETWEEN ? AND ?";

  static final String AUDIT_RECORDED =
      "SELECT day, tenant, SUM(requests), SUM(prompt_tokens + completion_tokens),"
          + " SUM(nanodollars) FROM usage_daily"
          + DAYS
          + OF_SHARDS
          + " GROUP BY day, tenant";

  static final String AUDIT_COUNTED =
      "SELECT day, tenant, SUM(requests), SUM(tokens), SUM(nanodollars) FROM usage_counted"
          + " WHERE day BETWEEN ? AND ? GROUP BY day, tenant";

  static final String COUNT =
      "INSERT INTO usage_counted (day, tenant, counter, requests, tokens, nanodollars)"
          + " SELECT day, tenant, ?, requests, tokens, nanodollars FROM "
          + table(
              "day DATE PATH '$.day', tenant VARCHAR(64) PATH '$.tenant',"
                  + " requests BIGINT PATH '$.requests', tokens BIGINT PATH '$.tokens',"
                  + " nanodollars BIGINT PATH '$.nanodollars'")
          + " ON DUPLICATE KEY UPDATE requests = VALUES(requests), tokens = VALUES(tokens),"
          + " nanodollars = VALUES(nanodollars)";

  static final String VERSION = "SELECT version FROM register_version WHERE 1 = one";

  /**
   * A new version is about the time in microseconds: a replica that has become the primary without
   * the last changes makes no version that gateways know of another change.
   */
  static final String CHANGED =
      "INSERT INTO register_version (one, version)"
          + " VALUES (1, CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED))"
          + " ON DUPLICATE KEY UPDATE version = GREATEST(version + 1, VALUES(version))";

  static final String KEYS =
      "SELECT id, sha256, tenant, priority, models FROM api_keys FORCE INDEX (by_revoked)"
          + " WHERE revoked = 0 ORDER BY id LIMIT 100000";
  static final String BUDGETS =
      "SELECT id, scope, whose, unit, amount FROM budgets FORCE INDEX (PRIMARY) WHERE id >= ''"
          + " ORDER BY id LIMIT 100000";
  static final String ISSUE =
      "INSERT INTO api_keys (id, sha256, tenant, priority, models) VALUES (?, ?, ?, ?, ?)";
  static final String REVOKE = "UPDATE api_keys SET revoked = 1 WHERE id = ? AND revoked = 0";
  static final String LIMIT =
      "INSERT INTO budgets (id, scope, whose, unit, amount) VALUES (?, ?, ?, ?, ?)"
          + " ON DUPLICATE KEY UPDATE scope = VALUES(scope), whose = VALUES(whose),"
          + " unit = VALUES(unit), amount = VALUES(amount)";
  static final String UNLIMIT = "DELETE FROM budgets WHERE id = ?";
  static final String NOTE_CHANGE =
      "INSERT INTO register_changes (at, by_whom, what) VALUES (?, ?, ?)";
  static final String CHANGES =
      "SELECT at, by_whom, what FROM register_changes WHERE seq > 0 ORDER BY seq DESC LIMIT ?";

  private static final String ASKED =
      table(
          "budget VARCHAR(96) PATH '$.b', month CHAR(7) PATH '$.m', granted BIGINT PATH '$.g',"
              + " spent BIGINT PATH '$.s'");

  /** Locks budgets, in the order of the rows, so that grants are given one after the other. */
  static final String LOCKED =
      "SELECT STRAIGHT_JOIN b.id, b.amount FROM "
          + ASKED
          + " JOIN budgets AS b FORCE INDEX (PRIMARY) ON b.id = j.budget FOR UPDATE";

  static final String GRANTS =
      "SELECT STRAIGHT_JOIN g.budget, g.month, g.gateway, g.granted, g.spent FROM "
          + ASKED
          + " JOIN budget_grants AS g FORCE INDEX (PRIMARY) ON g.budget = j.budget"
          + " AND g.month = j.month FOR UPDATE";
  static final String GRANT =
      "INSERT INTO budget_grants (budget, month, gateway, granted, spent)"
          + " SELECT budget, month, ?, granted, spent FROM "
          + ASKED
          + " ON DUPLICATE KEY UPDATE granted = VALUES(granted), spent = VALUES(spent)";

  static final String BEAT =
      "INSERT INTO heartbeats (gateway, at) VALUES (?, ?) ON DUPLICATE KEY UPDATE at = VALUES(at)";
  static final String BEATEN = "SELECT at FROM heartbeats WHERE gateway = ?";

  /** Rows that are removed at once. */
  static final int OLD_AT_ONCE = 1000;

  /** What is kept for some days; by the database's own clock. */
  static final List<String> OLD_BY_DAYS =
      List.of(
          old("usage_records", "day", "UTC_DATE() - INTERVAL ? DAY"),
          old("usage_daily", "day", "UTC_DATE() - INTERVAL ? DAY"),
          old("usage_counted", "day", "UTC_DATE() - INTERVAL ? DAY"),
          old("register_changes", "at", "(UNIX_TIMESTAMP() - 86400 * ?) * 1000"));

  /** Grants of months that are over, and beats of gateways that are gone. */
  static final List<String> OLD =
      List.of(
          old("budget_grants", "month", "DATE_FORMAT(UTC_DATE() - INTERVAL 62 DAY, '%Y-%m')"),
          old("heartbeats", "at", "(UNIX_TIMESTAMP() - 86400) * 1000"));

  static final String PLACES =
      "SELECT shard, place FROM shards FORCE INDEX (PRIMARY) WHERE shard BETWEEN 0 AND 15";

  private Sql() {}

  /** An array of JSON as a table; its texts would have the character set of the database else. */
  private static String table(String columns) {
    return "JSON_TABLE(?, '$[*]' COLUMNS ("
        + columns.replace(") PATH", ") CHARACTER SET utf8mb4 PATH")
        + ")) AS j";
  }

  private static String old(String table, String column, String before) {
    return "DELETE FROM "
        + table
        + " WHERE "
        + column
        + " < "
        + before
        + " ORDER BY "
        + column
        + " LIMIT "
        + OLD_AT_ONCE;
  }

  /** The sums of a grouping: of one tenant, or of all. */
  static String sums(Grouping by, boolean oneTenant) {
    String group =
        switch (by) {
          case KEY -> "key_id";
          default -> by.name().toLowerCase(Locale.ROOT);
        };
    boolean daily = by != Grouping.USER;
    String days = oneTenant ? TENANT_DAYS : daily ? DAYS : DAYS.replace("by_day", "by_day_only");
    String tokens = daily ? "SUM(%s)" : "SUM(IF(replayed, 0, %s))";
    return "SELECT "
        + group
        + ", "
        + (daily ? "SUM(requests)" : "COUNT(*)")
        + ", "
        + tokens.formatted("prompt_tokens")
        + ", "
        + tokens.formatted("cached_tokens")
        + ", "
        + tokens.formatted("completion_tokens")
        + ", "
        + tokens.formatted("reasoning_tokens")
        + ", "
        + (daily
            ? "SUM(replayed_tokens)"
            : "SUM(IF(replayed, prompt_tokens + completion_tokens, 0))")
        + ", SUM(nanodollars) AS cost FROM "
        + (daily ? "usage_daily" : "usage_records")
        + days
        + OF_SHARDS
        + " GROUP BY "
        + group
        + " ORDER BY cost DESC LIMIT 10000";
  }

  /** The statements that a gateway sends while it runs, by name: each has a plan that is tested. */
  static Map<String, String> all() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("states of shards", STATES);
    all.put("writable shards", WRITABLE);
    all.put("records that are there", THERE);
    all.put("add records", ADD);
    all.put("sum records up", SUM_UP);
    all.put("records of a user", OF_USER);
    for (Grouping by : Grouping.values()) {
      String name = by.name().toLowerCase(Locale.ROOT);
      all.put("usage of a tenant by " + name, sums(by, true));
      all.put("usage of all by " + name, sums(by, false));
    }
    all.put("audit: recorded", AUDIT_RECORDED);
    all.put("audit: counted", AUDIT_COUNTED);
    all.put("count", COUNT);
    all.put("version of the register", VERSION);
    all.put("change the version", CHANGED);
    all.put("keys", KEYS);
    all.put("budgets", BUDGETS);
    all.put("issue a key", ISSUE);
    all.put("revoke a key", REVOKE);
    all.put("set a budget", LIMIT);
    all.put("end a budget", UNLIMIT);
    all.put("note a change", NOTE_CHANGE);
    all.put("changes", CHANGES);
    all.put("lock budgets", LOCKED);
    all.put("grants of budgets", GRANTS);
    all.put("grant", GRANT);
    all.put("beat", BEAT);
    all.put("last beat", BEATEN);
    all.put("places of shards", PLACES);
    all.put("old records", OLD_BY_DAYS.get(0));
    all.put("old sums", OLD_BY_DAYS.get(1));
    all.put("old counts", OLD_BY_DAYS.get(2));
    all.put("old changes", OLD_BY_DAYS.get(3));
    all.put("old grants", OLD.get(0));
    all.put("old beats", OLD.get(1));
    return all;
  }

  /** The statements of a migration: a semicolon at the end of a line ends one. */
  static List<String> statements(String file) {
    List<String> statements = new ArrayList<>();
    StringBuilder one = new StringBuilder();
    for (String line : file.lines().toList()) {
      if (line.startsWith("--") || line.isBlank()) {
        continue;
      }
      one.append(line).append('\n');
      if (line.endsWith(";")) {
        statements.add(one.substring(0, one.length() - 2));
        one.setLength(0);
      }
    }
    return statements;
  }
}
