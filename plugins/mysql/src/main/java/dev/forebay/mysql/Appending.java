package dev.forebay.mysql;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
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
 * one database fails, the batch does, and what the others took is left out the next time. Records
 * become rows on another thread: five hundred would keep requests waiting.
 */
final class Appending {

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
    return databases.elsewhere(() -> records.stream().map(Line::of).toList()).compose(this::spread);
  }

  private Future<Void> spread(List<Line> lines) {
    Map<Place, List<Line>> byPlace = new LinkedHashMap<>();
    for (Line line : lines) {
      byPlace.computeIfAbsent(routing.of(line.shard()), key -> new ArrayList<>()).add(line);
    }
    List<Future<Void>> all = new ArrayList<>();
    byPlace.forEach((place, some) -> all.add(append(place, some)));
    return Future.join(all).mapEmpty();
  }

  private Future<Void> append(Place place, List<Line> lines) {
    return Transaction.again(
            databases,
            place.primary(),
            transaction -> transaction(transaction, lines),
            again::increment)
        .map(
            number -> {
              added.add(number);
              lines.forEach(each -> place.wrote(each.owner()));
              return null;
            });
  }

  private static Future<Integer> transaction(Transaction transaction, List<Line> lines) {
    return transaction
        .ask(Sql.WRITABLE, Tuple.tuple())
        .compose(
            rows -> {
              requireWritable(rows, lines);
              return transaction.ask(Sql.THERE, Tuple.of(Line.rows(lines)));
            })
        .compose(there -> add(transaction, fresh(lines, there)));
  }

  private static void requireWritable(RowSet<Row> rows, List<Line> lines) {
    Set<Integer> writable = new HashSet<>();
    rows.forEach(row -> writable.add(row.getInteger(0)));
    for (Line line : lines) {
      if (!writable.contains(line.shard())) {
        throw new IllegalStateException("shard " + line.shard() + " is being moved");
      }
    }
  }

  private static List<Line> fresh(List<Line> lines, RowSet<Row> there) {
    Set<String> ids = new HashSet<>();
    there.forEach(row -> ids.add(row.getString(0)));
    return ids.isEmpty() ? lines : lines.stream().filter(each -> !ids.contains(each.id())).toList();
  }

  private static Future<Integer> add(Transaction transaction, List<Line> fresh) {
    if (fresh.isEmpty()) {
      return Future.succeededFuture(0);
    }
    Tuple rows = Tuple.of(Line.rows(fresh));
    return transaction
        .ask(Sql.ADD, rows)
        .compose(done -> transaction.ask(Sql.SUM_UP, rows))
        .map(fresh.size());
  }
}
