package dev.forebay.mysql;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.mysqlclient.MySQLException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.function.Function;

/**
 * A transaction: each of its statements has the time bound of a statement, and all of it a bound of
 * its own, after which nothing more is sent, so it is rolled back. If two are in each other's way,
 * one is tried again.
 */
final class Transaction {

  /** So that what is asked of a ledger is answered within 30 s. */
  static final long MOST_NANOS = 28_000_000_000L;

  private static final int STATEMENTS = 3; // as long as so many that are as slow as may be
  private static final int TRIES = 4;
  private static final int DEADLOCK = 1213;
  private static final int LOCK_WAIT = 1205;
  private static final int DUPLICATE = 1062;

  private final Databases databases;
  private final SqlConnection connection;
  private final long endNanos;

  private Transaction(Databases databases, SqlConnection connection, long endNanos) {
    this.databases = databases;
    this.connection = connection;
    this.endNanos = endNanos;
  }

  /** The time that a transaction may take. */
  static long mostNanos(Databases databases) {
    return Math.min(MOST_NANOS, STATEMENTS * databases.options().timeout().toNanos());
  }

  private static <T> Future<T> once(
      Databases databases,
      Pool pool,
      Function<Transaction, Future<T>> action,
      long most,
      long endNanos) {
    return databases.within(
        most,
        () ->
            pool.withTransaction(
                connection -> {
                  Promise<T> done = Promise.promise();
                  Transaction transaction = new Transaction(databases, connection, endNanos);
                  databases
                      .timeline()
                      .execute(() -> databases.caught(() -> action.apply(transaction), done));
                  return done.future();
                }));
  }

  /**
   * One that is tried again if another was in its way, or added the same rows.
   *
   * @param action asks on the gateway's timeline
   */
  static <T> Future<T> again(
      Databases databases, Pool pool, Function<Transaction, Future<T>> action, Runnable counter) {
    return again(
        databases, pool, action, counter, databases.timeline().nanos() + mostNanos(databases), 1);
  }

  private static <T> Future<T> again(
      Databases databases,
      Pool pool,
      Function<Transaction, Future<T>> action,
      Runnable counter,
      long endNanos,
      int attempt) {
    long most = endNanos - databases.timeline().nanos();
    return once(databases, pool, action, most, endNanos)
        .recover(
            thrown -> {
              boolean late = databases.timeline().nanos() >= endNanos;
              if (!inTheWay(thrown) || attempt >= TRIES || late) {
                return Future.failedFuture(thrown);
              }
              counter.run();
              return again(databases, pool, action, counter, endNanos, attempt + 1);
            });
  }

  private static boolean inTheWay(Throwable thrown) {
    return thrown instanceof MySQLException failed
        && (failed.getErrorCode() == DEADLOCK
            || failed.getErrorCode() == LOCK_WAIT
            || failed.getErrorCode() == DUPLICATE);
  }

  /** Sends a statement. */
  Future<RowSet<Row>> ask(String sql, Tuple values) {
    return databases.timeline().nanos() >= endNanos
        ? Future.failedFuture("the time of the transaction is over")
        : databases.within(
            databases.options().timeout().toNanos(),
            () -> connection.preparedQuery(sql).execute(values));
  }
}
