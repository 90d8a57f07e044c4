package dev.forebay.mysql;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import io.vertx.mysqlclient.MySQLException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Adds records: in each database in one transaction, which looks whether the shards may be written
 * there, leaves out what is there already, adds the rest, and adds it to the sums of its days. If
 * two transactions are in each other's way, one is tried again. If one database fails, the batch
 * does, and what the others took is left out the next time.
 */
final class Appending {

  private static final int TRIES = 4;
  private static final int DEADLOCK = 1213;
  private static final int LOCK_WAIT = 1205;
  private static final int DUPLICATE = 1062;

  private final Databases databases;
  private final Routing routing;
  private final Counter again;
  private final Counter added;

  Appending(Databases databases, Routing routing, PluginContext context) {
    this.databases = databases;
    this.routing = routing;
    this.again = context.counter("transactions_again");
    this.added = context.counter("added");
  }

  Future<Void> append(List<UsageRecord> records) {
    Map<Place, List<UsageRecord>> byPlace = new LinkedHashMap<>();
    for (UsageRecord record : records) {
      Place place = routing.of(Shards.of(record.owner()));
      byPlace.computeIfAbsent(place, key -> new ArrayList<>()).add(record);
    }
    List<Future<Void>> all = new ArrayList<>();
    byPlace.forEach((place, some) -> all.add(append(place, some, 1)));
    return Future.join(all).mapEmpty();
  }

  private Future<Void> append(Place place, List<UsageRecord> records, int attempt) {
    return databases
        .within(
            () -> place.primary().withTransaction(connection -> transaction(connection, records)))
        .map(
            number -> {
              added.add(number);
              records.forEach(each -> place.wrote(each.owner()));
              return (Void) null;
            })
        .recover(
            thrown -> {
              if (!inTheWay(thrown) || attempt >= TRIES) {
                return Future.failedFuture(thrown);
              }
              again.increment();
              return append(place, records, attempt + 1);
            });
  }

  private static boolean inTheWay(Throwable thrown) {
    return thrown instanceof MySQLException failed
        && (failed.getErrorCode() == DEADLOCK
            || failed.getErrorCode() == LOCK_WAIT
            || failed.getErrorCode() == DUPLICATE);
  }

  private static Future<Integer> transaction(SqlConnection connection, List<UsageRecord> records) {
    return connection
        .preparedQuery(Sql.WRITABLE)
        .execute()
        .compose(
            rows -> {
              requireWritable(rows, records);
              return connection.preparedQuery(Sql.THERE).execute(Tuple.of(Rows.records(records)));
            })
        .compose(there -> add(connection, fresh(records, there)));
  }

  private static void requireWritable(RowSet<Row> rows, List<UsageRecord> records) {
    Set<Integer> writable = new HashSet<>();
    rows.forEach(row -> writable.add(row.getInteger(0)));
    for (UsageRecord record : records) {
      int shard = Shards.of(record.owner());
      if (!writable.contains(shard)) {
        throw new IllegalStateException("shard " + shard + " is being moved");
      }
    }
  }

  private static List<UsageRecord> fresh(List<UsageRecord> records, RowSet<Row> there) {
    Set<String> ids = new HashSet<>();
    there.forEach(row -> ids.add(row.getString(0)));
    return records.stream().filter(each -> !ids.contains(each.id())).toList();
  }

  private static Future<Integer> add(SqlConnection connection, List<UsageRecord> fresh) {
    if (fresh.isEmpty()) {
      return Future.succeededFuture(0);
    }
    Tuple rows = Tuple.of(Rows.records(fresh));
    return connection
        .preparedQuery(Sql.ADD)
        .execute(rows)
        .compose(done -> connection.preparedQuery(Sql.SUM_UP).execute(rows))
        .map(fresh.size());
  }
}
