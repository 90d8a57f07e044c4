package dev.forebay.mysql;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Tuple;

/**
 * Removes what is older than {@code retention}: once an hour, a thousand rows at a time, with a
 * pause after each thousand. What is old is decided by the clock of the database, so a gateway
 * whose clock is wrong removes nothing. Several gateways may do so at once.
 */
final class Retention {

  private static final System.Logger LOG = System.getLogger(Retention.class.getName());
  private static final long EVERY_NANOS = 3_600_000_000_000L;
  private static final long PAUSE_NANOS = 100_000_000L;

  private final Databases databases;
  private final PluginContext context;
  private final Counter removed;
  private final long days;
  private Registration next = Registration.NONE;
  private boolean closed;

  Retention(Databases databases, PluginContext context) {
    this.databases = databases;
    this.context = context;
    this.removed = context.counter("removed_rows");
    this.days = databases.options().retention().toDays();
  }

  /** From now on, once an hour: at a time of chance, so that gateways do not come together. */
  void begin() {
    next =
        databases
            .timeline()
            .after((long) (context.random().nextDouble() * EVERY_NANOS), this::again);
  }

  /**
   * The next time is an hour after the end of this one, so that they never run beside each other.
   */
  private void again() {
    clean()
        .onComplete(
            cleaned -> {
              if (!closed) {
                next = databases.timeline().after(EVERY_NANOS, this::again);
              }
            });
  }

  /** Removes what is too old from all databases; how many rows. What fails is tried again later. */
  Future<Long> clean() {
    Future<Long> all = Future.succeededFuture(0L);
    for (Place place : databases.all()) {
      all = all.compose(before -> clean(place).map(rows -> before + rows));
    }
    return all;
  }

  private Future<Long> clean(Place place) {
    Future<Long> all = Future.succeededFuture(0L);
    for (String old : Sql.OLD_BY_DAYS) {
      all = all.compose(before -> clean(place, old, Tuple.of(days)).map(rows -> before + rows));
    }
    for (String old : Sql.OLD) {
      all = all.compose(before -> clean(place, old, Tuple.tuple()).map(rows -> before + rows));
    }
    return all;
  }

  /** The rows of one table, with 0 for those of a database that fails: others are cleaned then. */
  private Future<Long> clean(Place place, String sql, Tuple values) {
    Promise<Long> done = Promise.promise();
    remove(place, sql, values, 0, done);
    return done.future()
        .otherwise(
            thrown -> {
              LOG.log(
                  System.Logger.Level.WARNING,
                  "mysql: rows that are too old stay for now: {0}",
                  thrown.getMessage());
              return 0L;
            });
  }

  private void remove(Place place, String sql, Tuple values, long before, Promise<Long> done) {
    if (closed) {
      done.complete(before);
      return;
    }
    databases
        .ask(place.primary(), sql, values)
        .onComplete(
            asked -> {
              if (asked.failed()) {
                done.fail(asked.cause());
                return;
              }
              int rows = asked.result().rowCount();
              removed.add(rows);
              if (rows < Sql.OLD_AT_ONCE) {
                done.complete(before + rows);
              } else {
                databases
                    .timeline()
                    .after(PAUSE_NANOS, () -> remove(place, sql, values, before + rows, done));
              }
            });
  }

  void close() {
    closed = true;
    next.cancel();
  }
}
