package dev.forebay.mysql;

import dev.forebay.servers.MariaDb;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.mysqlclient.MySQLBuilder;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Real servers, which the tests of this module share. */
final class Servers {

  static final Vertx VERTX = Vertx.vertx();

  private static final Map<String, MariaDb> BY_NAME = new HashMap<>();
  private static final Map<String, Pool> POOLS = new HashMap<>();

  private Servers() {}

  /** A server of its own for a name. */
  static synchronized MariaDb server(String name) {
    return started(name, null);
  }

  /** A replica of a server. */
  static synchronized MariaDb replica(String name) {
    return started(name + " replica", server(name));
  }

  private static MariaDb started(String name, @Nullable MariaDb primary) {
    MariaDb known = BY_NAME.get(name);
    try {
      if (known == null) {
        known =
            primary == null
                ? MariaDb.start("userstat=1")
                : MariaDb.replicaOf(primary, "userstat=1");
        BY_NAME.put(name, known);
      }
      return known;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static MysqlLedger ledger(Database... databases) {
    return MysqlLedger.in(List.of(databases)).withPassword(MariaDb.PASSWORD);
  }

  static Database database(String name, MariaDb primary, MariaDb... replicas) {
    List<String> urls = new ArrayList<>();
    for (MariaDb each : replicas) {
      urls.add(each.url());
    }
    return new Database(name, primary.url(), urls);
  }

  /** The rows of a statement, sent on a connection of the test's own. */
  static List<Row> ask(MariaDb server, String sql) {
    Pool pool;
    synchronized (Servers.class) {
      pool = POOLS.computeIfAbsent(server.url(), url -> pool(server));
    }
    List<Row> rows = new ArrayList<>();
    await(pool.query(sql).execute()).forEach(rows::add);
    return rows;
  }

  static long number(MariaDb server, String sql) {
    Long number = ask(server, sql).getFirst().getLong(0);
    return number == null ? 0 : number;
  }

  private static Pool pool(MariaDb server) {
    return MySQLBuilder.pool(
        builder ->
            builder
                .with(new PoolOptions().setMaxSize(4))
                .connectingTo(
                    new MySQLConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(server.port())
                        .setDatabase(MariaDb.DATABASE)
                        .setUser(MariaDb.USER)
                        .setPassword(MariaDb.PASSWORD))
                .using(VERTX));
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (ExecutionException | InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A condition that is asked for again and again. */
  @FunctionalInterface
  interface Condition {
    boolean holds();
  }

  /** Waits until a condition holds. */
  static void until(String what, int seconds, Condition condition) {
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        throw new AssertionError(what + ": not within " + seconds + " s");
      }
      java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
    }
  }
}
