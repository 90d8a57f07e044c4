package dev.forebay.mysql;

import dev.forebay.spi.options.Names;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * What operators do with the databases of a ledger: bring the tables up to date, and move a shard
 * to another database while gateways go on writing. Blocks.
 *
 * <p>A move: records are copied while both go on; then the shard is closed, for as long as the last
 * records take, and gateways' outboxes keep what ends meanwhile; then the directory names the new
 * database, and the old records are deleted. A move that was cut off is begun again by the same
 * command, which also deletes what that move left elsewhere. A shard has one move at a time: a lock
 * of the first database sees to it.
 */
public final class MysqlOperations implements AutoCloseable {

  private static final int PAGE = 1000;
  private static final int FEW = 500;
  private static final int PASSES = 100;

  /** Numbers that transactions may still have held when later ones were copied. */
  private static final int MARGIN = 100_000;

  private static final Duration ANSWER = Duration.ofMinutes(2);

  /**
   * How long a move may take: the server ends the connection of the lock if it is idle for longer.
   */
  private static final Duration LOCK = Duration.ofDays(7);

  private static final String RECORDS =
      "SELECT seq, shard AS s, id AS i, at AS a, CAST(day AS CHAR) AS d, tenant AS t, user AS u,"
          + " key_id AS k, model AS m, backend AS b, prompt_tokens AS p, cached_tokens AS c,"
          + " completion_tokens AS o, reasoning_tokens AS r, replayed AS y, nanodollars AS n,"
          + " outcome AS e, latency_millis AS l, cache AS h, job AS j FROM usage_records"
          + " WHERE shard = ? AND seq > ? ORDER BY seq LIMIT ?";
  private static final String COUNT =
      "SELECT COUNT(*), CAST(COALESCE(SUM(nanodollars), 0) AS SIGNED) FROM usage_records"
          + " WHERE shard = ? AND day >= UTC_DATE() - INTERVAL ? DAY";
  private static final String DAILY_COUNT =
      "SELECT CAST(COALESCE(SUM(requests), 0) AS SIGNED),"
          + " CAST(COALESCE(SUM(nanodollars), 0) AS SIGNED) FROM usage_daily WHERE shard = ?"
          + " AND day >= UTC_DATE() - INTERVAL ? DAY";

  private final Map<String, Pool> pools = new LinkedHashMap<>();
  private final Vertx vertx;
  private final Consumer<String> log;
  private final Duration settle;

  /** Days that are compared: what is older may be removed while a shard moves. */
  private final long days;

  /**
   * On the databases of a ledger.
   *
   * @param settle how long gateways may take to read the directory, before what was moved is
   *     deleted at the old place: they read it once a second
   * @param log is told what is done, a line at a time
   */
  public MysqlOperations(MysqlLedger ledger, Vertx vertx, Duration settle, Consumer<String> log) {
    this.vertx = vertx;
    this.settle = settle;
    this.log = log;
    this.days = ledger.retention().toDays() - 2;
    for (Database each : ledger.databases()) {
      pools.put(each.name(), Databases.pool(ledger, vertx, each.primary(), 2));
    }
  }

  /**
   * Moves a shard.
   *
   * @param shard 0 to 15
   * @param to the name of a database
   * @return the records that it has
   * @throws IllegalArgumentException if there is no such shard or database
   * @throws IOException if another move of the shard is under way, or a database fails: the shard
   *     stays at its place, or the same command goes on
   */
  public long move(int shard, String to) throws IOException, InterruptedException {
    Pool target = pools.get(to);
    if (target == null || shard < 0 || shard >= Shards.COUNT) {
      throw new IllegalArgumentException(
          "shard "
              + shard
              + " to "
              + to
              + " (expected: 0 to 15, to one of "
              + pools.keySet()
              + ")");
    }
    Pool directory = pools.values().iterator().next();
    SqlConnection alone = await(directory.getConnection());
    try {
      await(alone.query("SET SESSION wait_timeout = " + LOCK.toSeconds()).execute());
      lock(alone, shard);
      return move(directory, target, shard, to);
    } finally {
      release(alone, shard);
    }
  }

  /** A connection that fails has lost its lock, and what made it fail is to be told. */
  private static void release(SqlConnection alone, int shard)
      throws IOException, InterruptedException {
    String sql = "DO RELEASE_LOCK(" + lockName(shard) + ")";
    await(alone.query(sql).execute().eventually(alone::close).otherwiseEmpty());
  }

  private static void lock(SqlConnection on, int shard) throws IOException, InterruptedException {
    String sql = "SELECT GET_LOCK(" + lockName(shard) + ", 0)";
    Integer got = await(on.query(sql).execute()).iterator().next().getInteger(0);
    if (got == null || got != 1) {
      throw new IOException("shard " + shard + " is being moved (expected: one move at a time)");
    }
  }

  private static String lockName(int shard) {
    return "CONCAT('shard-" + shard + "-of-', LEFT(DATABASE(), 40))";
  }

  private long move(Pool directory, Pool target, int shard, String to)
      throws IOException, InterruptedException {
    RowSet<Row> place = ask(directory, "SELECT place FROM shards WHERE shard = ?", Tuple.of(shard));
    if (place.size() == 0) {
      throw new IllegalArgumentException(
          "shard "
              + shard
              + " has no place yet (expected: one; the first gateway that starts gives it)");
    }
    String from = place.iterator().next().getString(0);
    Pool source = pools.get(from);
    if (source == null) {
      throw new IllegalArgumentException(
          "shard %d is at %s (expected: %s)"
              .formatted(shard, from, Names.oneOf(pools.keySet(), from)));
    }
    if (from.equals(to)) {
      writable(target, shard, true);
      delete(pools.keySet().stream().filter(each -> !each.equals(to)).toList(), shard);
      return count(target, COUNT, shard)[0];
    }
    writable(target, shard, false);
    long last = 0;
    long copied = Long.MAX_VALUE;
    for (int pass = 0; pass < PASSES && copied > FEW; pass++) {
      long[] done = copy(source, target, shard, last);
      last = done[0];
      copied = done[1];
      log.accept("copied " + copied + " records of shard " + shard);
    }
    long all = finish(source, target, shard, last);
    ask(directory, "UPDATE shards SET place = ? WHERE shard = ?", Tuple.of(to, shard));
    log.accept("shard " + shard + " is at " + to);
    delete(List.of(from), shard);
    return all;
  }

  /** Deletes a shard where it was, once all gateways know where it is. */
  private void delete(List<String> places, int shard) throws IOException, InterruptedException {
    for (String place : places) {
      writable(pool(place), shard, false);
    }
    await(vertx.timer(Math.max(1, settle.toMillis()), TimeUnit.MILLISECONDS));
    for (String place : places) {
      long gone = delete(pool(place), shard);
      log.accept("deleted " + gone + " records of shard " + shard + " at " + place);
    }
  }

  private Pool pool(String name) {
    return Objects.requireNonNull(pools.get(name), name);
  }

  /** The part while the shard is closed; if it fails, the shard is open at its old place. */
  private long finish(Pool source, Pool target, int shard, long last)
      throws IOException, InterruptedException {
    writable(source, shard, false);
    try {
      copy(source, target, shard, Math.max(0, last - MARGIN));
      if (count(source, COUNT, shard)[0] != count(target, COUNT, shard)[0]) {
        copy(source, target, shard, 0);
      }
      copyDaily(source, target, shard);
      long[] there = count(target, COUNT, shard);
      require(count(source, COUNT, shard), there, "records");
      require(count(source, DAILY_COUNT, shard), count(target, DAILY_COUNT, shard), "sums");
      writable(target, shard, true);
      return there[0];
    } catch (IOException | RuntimeException e) {
      writable(target, shard, false);
      writable(source, shard, true);
      throw e;
    }
  }

  private static void require(long[] source, long[] target, String what) throws IOException {
    if (source[0] != target[0] || source[1] != target[1]) {
      throw new IOException(
          "%s: %d of cost %d (expected: %d of cost %d)"
              .formatted(what, target[0], target[1], source[0], source[1]));
    }
  }

  private void writable(Pool pool, int shard, boolean now)
      throws IOException, InterruptedException {
    ask(
        pool,
        "INSERT INTO shard_state (shard, writable) VALUES (?, ?)"
            + " ON DUPLICATE KEY UPDATE writable = VALUES(writable)",
        Tuple.of(shard, now ? 1 : 0));
  }

  /** Copies what comes after a number; the last number, and how many there were. */
  private long[] copy(Pool source, Pool target, int shard, long after)
      throws IOException, InterruptedException {
    long last = after;
    long copied = 0;
    while (true) {
      JsonArray page = new JsonArray();
      for (Row row : ask(source, RECORDS, Tuple.of(shard, last, PAGE))) {
        JsonObject json = row.toJson();
        last = ((Number) Objects.requireNonNull(json.remove("seq"))).longValue();
        page.add(json);
      }
      if (page.isEmpty()) {
        return new long[] {last, copied};
      }
      copied += page.size();
      ask(target, Sql.ADD.replaceFirst("INSERT", "INSERT IGNORE"), Tuple.of(page.encode()));
    }
  }

  /** Sums are copied as they are: those of the target are only what an earlier move left. */
  private void copyDaily(Pool source, Pool target, int shard)
      throws IOException, InterruptedException {
    ask(target, "DELETE FROM usage_daily WHERE shard = ?", Tuple.of(shard));
    String columns =
        "tenant, day, model, key_id, backend, outcome, shard, requests, prompt_tokens,"
            + " cached_tokens, completion_tokens, reasoning_tokens, replayed_tokens, nanodollars";
    RowSet<Row> rows =
        ask(source, "SELECT " + columns + " FROM usage_daily WHERE shard = ?", Tuple.of(shard));
    for (Row row : rows) {
      Tuple values = Tuple.tuple();
      for (int i = 0; i < row.size(); i++) {
        values.addValue(row.getValue(i));
      }
      ask(
          target,
          "INSERT INTO usage_daily (" + columns + ") VALUES (?" + ", ?".repeat(13) + ")",
          values);
    }
  }

  /** Deletes a shard at a place; the records that it had there. */
  private static long delete(Pool place, int shard) throws IOException, InterruptedException {
    Tuple values = Tuple.of(shard, PAGE);
    String some = "DELETE FROM usage_records WHERE shard = ? ORDER BY seq LIMIT ?";
    long all = 0;
    for (int gone = PAGE; gone == PAGE; all += gone) {
      gone = ask(place, some, values).rowCount();
    }
    ask(place, "DELETE FROM usage_daily WHERE shard = ?", Tuple.of(shard));
    return all;
  }

  private long[] count(Pool pool, String sql, int shard) throws IOException, InterruptedException {
    Row row = ask(pool, sql, Tuple.of(shard, days)).iterator().next();
    return new long[] {row.getLong(0), row.getLong(1)};
  }

  private static RowSet<Row> ask(Pool pool, String sql, Tuple values)
      throws IOException, InterruptedException {
    return await(pool.preparedQuery(sql).execute(values));
  }

  static <T> T await(Future<T> future) throws IOException, InterruptedException {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(ANSWER.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(String.valueOf(cause.getMessage()), cause);
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + ANSWER, e);
    }
  }

  /**
   * Brings the tables of all databases up to date.
   *
   * @return what was applied, by database
   */
  public Map<String, Object> migrate() throws IOException, InterruptedException {
    Map<String, Object> applied = new LinkedHashMap<>();
    for (Map.Entry<String, Pool> each : pools.entrySet()) {
      applied.put(each.getKey(), await(Migrations.apply(each.getValue())));
    }
    return applied;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    for (Pool pool : pools.values()) {
      await(pool.close());
    }
  }
}
