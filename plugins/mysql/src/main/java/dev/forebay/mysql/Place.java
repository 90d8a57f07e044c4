package dev.forebay.mysql;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A database, and the one place that decides which server is asked: the primary for what is written
 * and for what must be the newest; for other reads the replicas that are there and not too far
 * behind, in turn; the primary if there is none.
 *
 * <p>Lag is measured, not asked of the server: this gateway writes the time at the primary once a
 * second, and looks which time a replica has. So a replica whose replication has stopped is left
 * out after {@code max-lag} and a second, and comes back within a second of having caught up. What
 * this gateway wrote of a user is read at the primary for {@code max-lag} and three seconds: no
 * replica that is read can lack it later.
 */
final class Place {

  private static final System.Logger LOG = System.getLogger(Place.class.getName());

  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final int MOST_PINNED = 10_000;

  private final Database database;
  private final Pool primary;
  private final List<Replica> replicas = new ArrayList<>();
  private final Databases databases;
  private final Timeline timeline;
  private final String beater;
  private final Map<String, Long> pinned = new LinkedHashMap<>();
  private final Counter writes;
  private final Counter primaryReads;
  private final Counter replicaReads;
  private long allPinned = Long.MIN_VALUE;
  private int turn;

  private static final class Replica {
    final String address;
    final Pool pool;
    boolean usable;
    boolean looking;
    double lagSeconds = Double.NaN;

    Replica(String address, Pool pool) {
      this.address = address;
      this.pool = pool;
    }
  }

  Place(
      Database database,
      Pool primary,
      List<Pool> pools,
      PluginContext context,
      Databases databases) {
    this.database = database;
    this.primary = primary;
    this.databases = databases;
    this.timeline = context.timeline();
    this.beater = Long.toHexString(context.random().nextLong());
    for (int i = 0; i < pools.size(); i++) {
      Replica replica = new Replica(database.replicas().get(i), pools.get(i));
      replicas.add(replica);
      context
          .gauges("replica_lag_seconds", Label.of("database"), Label.of("replica"))
          .of(database.name(), replica.address)
          .set(() -> replica.lagSeconds);
    }
    Labelled<Counter> questions =
        context.counters("questions", Label.of("database"), new Label("role", 3));
    this.writes = questions.of(database.name(), "write");
    this.primaryReads = questions.of(database.name(), "read_primary");
    this.replicaReads = questions.of(database.name(), "read_replica");
  }

  String name() {
    return database.name();
  }

  /** The address of the server that is written. */
  String address() {
    return database.primary();
  }

  /** The server that is written. */
  Pool primary() {
    writes.increment();
    return primary;
  }

  /** Reads what must be the newest. */
  Future<RowSet<Row>> readNewest(String sql, Tuple values) {
    primaryReads.increment();
    return databases.ask(primary, sql, values);
  }

  /** Reads what may be as old as {@code max-lag}. */
  Future<RowSet<Row>> read(String sql, Tuple values) {
    for (int i = 0; i < replicas.size(); i++) {
      turn = (turn + 1) % replicas.size();
      Replica replica = replicas.get(turn);
      if (replica.usable) {
        replicaReads.increment();
        return databases
            .ask(replica.pool, sql, values)
            .recover(
                thrown -> {
                  usable(replica, false, String.valueOf(thrown.getMessage()));
                  return readNewest(sql, values);
                });
      }
    }
    return readNewest(sql, values);
  }

  /** Reads what this gateway wrote of a user, if it did, and what may be older else. */
  Future<RowSet<Row>> readOwn(String user, String sql, Tuple values) {
    long until = Math.max(allPinned, pinned.getOrDefault(user, Long.MIN_VALUE));
    return timeline.nanos() < until ? readNewest(sql, values) : read(sql, values);
  }

  /** Notes that this gateway wrote of a user. */
  void wrote(String user) {
    if (replicas.isEmpty()) {
      return;
    }
    pinned.remove(user);
    pinned.put(user, timeline.nanos() + databases.options().maxLag().toNanos() + 3 * SECOND_NANOS);
    if (pinned.size() > MOST_PINNED) {
      // Too many to tell apart: all are read at the primary until the oldest is over.
      Map.Entry<String, Long> oldest = pinned.entrySet().iterator().next();
      allPinned = oldest.getValue();
      pinned.remove(oldest.getKey());
    }
  }

  /** Looks how far the replicas are behind. */
  void look() {
    if (replicas.isEmpty()) {
      return;
    }
    long now = timeline.epochMillis();
    databases.ask(primary, Sql.BEAT, Tuple.of(beater, now));
    replicas.forEach(this::look);
  }

  private void look(Replica replica) {
    if (replica.looking) {
      return;
    }
    replica.looking = true;
    databases
        .ask(replica.pool, Sql.BEATEN, Tuple.of(beater))
        .onComplete(
            result -> {
              replica.looking = false;
              if (result.failed()) {
                replica.lagSeconds = Double.NaN;
                usable(replica, false, String.valueOf(result.cause().getMessage()));
                return;
              }
              boolean known = result.result().size() > 0;
              long beaten = known ? result.result().iterator().next().getLong(0) : 0;
              replica.lagSeconds =
                  known ? Math.max(0, timeline.epochMillis() - beaten) / 1e3 : Double.NaN;
              boolean near =
                  known && replica.lagSeconds <= databases.options().maxLag().toMillis() / 1e3 + 1;
              usable(replica, near, "it is " + replica.lagSeconds + " s behind");
            });
  }

  private void usable(Replica replica, boolean now, String why) {
    if (replica.usable != now) {
      replica.usable = now;
      LOG.log(
          now ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
          now ? "mysql: replica {0} of {1} is read" : "mysql: replica {0} of {1} is not read: {2}",
          replica.address,
          name(),
          why);
    }
  }

  /** Pools of this database, by what they are. */
  Map<String, Pool> pools() {
    Map<String, Pool> pools = new LinkedHashMap<>();
    pools.put("primary " + database.primary(), primary);
    replicas.forEach(each -> pools.put("replica " + each.address, each.pool));
    return pools;
  }

  Future<Void> close() {
    List<Future<Void>> closing = new ArrayList<>();
    pools().values().forEach(pool -> closing.add(pool.close()));
    return Future.join(closing).mapEmpty();
  }
}
