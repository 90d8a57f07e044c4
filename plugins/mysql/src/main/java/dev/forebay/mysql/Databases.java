package dev.forebay.mysql;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.options.Names;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.mysqlclient.MySQLBuilder;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.SslMode;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The databases of a ledger, with a pool of connections for each primary and each replica. Whatever
 * is asked of them has a time bound, and completes on the gateway's timeline.
 */
final class Databases {

  /** Questions that wait for a connection, at most: beyond, a pool fails them at once. */
  private static final int MOST_WAITING = 1000;

  /**
   * A connection is closed after so many times of {@code idle}, though it is used: a server gives a
   * connection the rights that its user had when it began, and another server may have the address.
   */
  private static final int LIFETIMES = 5;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final MysqlLedger options;
  private final Vertx vertx;
  private final Timeline timeline;
  private final Map<String, Place> places = new LinkedHashMap<>();

  Databases(MysqlLedger options, Vertx vertx, PluginContext context) {
    this.options = options;
    this.vertx = vertx;
    this.timeline = context.timeline();
    for (Database each : options.databases()) {
      List<Pool> replicas = new ArrayList<>();
      each.replicas().forEach(one -> replicas.add(bounded(one, options.readConnections())));
      Pool primary = bounded(each.primary(), options.writeConnections());
      places.put(each.name(), new Place(each, primary, replicas, context, this));
    }
  }

  /**
   * Connections whose statements the server itself gives up in about the time after which nobody
   * waits for them: so one that waits for a lock does not keep its connection from others, and does
   * not stay at the server when its connection is closed.
   */
  private Pool bounded(String address, int connections) {
    long seconds = Math.max(1, options.timeout().toSeconds());
    String sql =
        ("SET SESSION /*M!100101 max_statement_time = %1$d, */"
                + " /*!50708 max_execution_time = %2$d, */"
                + " innodb_lock_wait_timeout = %3$d, lock_wait_timeout = %3$d")
            .formatted(seconds, 1000 * seconds, Math.max(1, seconds - 1));
    return pool(
        options,
        vertx,
        address,
        connections,
        connection -> connection.query(sql).execute().onComplete(bounded -> connection.close()));
  }

  /** Connections to a server, whose statements may take any time there. */
  static Pool pool(MysqlLedger options, Vertx vertx, String address, int connections) {
    return pool(options, vertx, address, connections, null);
  }

  private static Pool pool(
      MysqlLedger options,
      Vertx vertx,
      String address,
      int connections,
      @Nullable Handler<SqlConnection> first) {
    URI uri = URI.create(address);
    int idle = (int) options.idle().toSeconds();
    MySQLConnectOptions connect =
        new MySQLConnectOptions()
            .setHost(uri.getHost())
            .setPort(uri.getPort())
            .setDatabase(uri.getPath().substring(1))
            .setUser(options.user())
            .setPassword(options.password())
            .setCharset("utf8mb4")
            .setCollation("utf8mb4_bin")
            .setCachePreparedStatements(true)
            .setPreparedStatementCacheMaxSize(options.statements())
            .setPreparedStatementCacheSqlLimit(1 << 14)
            .setSslMode(SslMode.DISABLED);
    Tls tls = options.tls();
    if (tls != null) {
      connect
          .setSslMode(tls.verifyHost() ? SslMode.VERIFY_IDENTITY : SslMode.VERIFY_CA)
          .setSslOptions(tls.options());
    }
    PoolOptions pool =
        new PoolOptions()
            .setMaxSize(connections)
            .setMaxWaitQueueSize(MOST_WAITING)
            .setIdleTimeout(idle)
            .setIdleTimeoutUnit(TimeUnit.SECONDS)
            .setPoolCleanerPeriod(1000)
            .setMaxLifetime(LIFETIMES * idle)
            .setMaxLifetimeUnit(TimeUnit.SECONDS)
            .setConnectionTimeout((int) Math.max(1, options.timeout().toSeconds()))
            .setConnectionTimeoutUnit(TimeUnit.SECONDS);
    return MySQLBuilder.pool(
        builder ->
            builder
                .with(pool)
                // also of a connection that waits for an answer which never comes
                .with(
                    new io.vertx.core.net.NetClientOptions()
                        .setConnectTimeout((int) options.timeout().toMillis())
                        .setIdleTimeout(idle)
                        .setIdleTimeoutUnit(TimeUnit.SECONDS))
                .connectingTo(connect)
                .withConnectHandler(first)
                .using(vertx));
  }

  /**
   * Brings the tables of a database up to date, on a connection of its own, as that may take long:
   * it goes on after somebody who waits for it has given up.
   */
  Future<List<String>> migrate(Place place) {
    Pool own = pool(options, vertx, place.address(), 1);
    return Migrations.apply(own).eventually(own::close);
  }

  /** The database of the directory. */
  Place directory() {
    return places.values().iterator().next();
  }

  List<Place> all() {
    return List.copyOf(places.values());
  }

  /**
   * A database by its name.
   *
   * @throws IllegalStateException if there is none: the directory names one that this gateway does
   *     not have
   */
  Place place(String name) {
    Place place = places.get(name);
    if (place == null) {
      throw new IllegalStateException(
          "database: " + name + " (expected: " + Names.oneOf(places.keySet(), name) + ")");
    }
    return place;
  }

  /** A statement on a pool. */
  Future<RowSet<Row>> ask(Pool pool, String sql, Tuple values) {
    return within(options.timeout().toNanos(), () -> pool.preparedQuery(sql).execute(values));
  }

  /** Bounds the time of a question, and brings its answer to the timeline. */
  <T> Future<T> within(long nanos, Supplier<Future<T>> question) {
    Promise<T> asked = Promise.promise();
    caught(question, asked);
    return timeline.within(
        nanos,
        asked.future(),
        () -> new TimeoutException("no answer within " + nanos / NANOS_PER_MILLI + " ms"));
  }

  /** Asks; what is thrown is a failure. */
  <T> void caught(Supplier<Future<T>> question, Promise<T> asked) {
    try {
      question.get().onComplete(asked);
    } catch (RuntimeException e) {
      asked.fail(e);
    }
  }

  /** Does what takes long on another thread, and brings its result to the timeline. */
  <T> Future<T> elsewhere(Callable<T> work) {
    return timeline.bring(vertx.executeBlocking(work, false));
  }

  MysqlLedger options() {
    return options;
  }

  Timeline timeline() {
    return timeline;
  }

  Future<Void> close() {
    List<Future<Void>> closing = new ArrayList<>();
    places.values().forEach(place -> closing.add(place.close()));
    return Future.join(closing).mapEmpty();
  }
}
