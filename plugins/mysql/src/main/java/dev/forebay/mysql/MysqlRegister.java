package dev.forebay.mysql;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.IssuedKey;
import dev.forebay.spi.ledger.KeyRegister;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mysqlclient.MySQLException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;

/** Keys and budgets in the database of the directory; always read at its primary. */
final class MysqlRegister implements KeyRegister {

  private static final System.Logger LOG = System.getLogger(MysqlRegister.class.getName());
  private static final int DUPLICATE = 1062;
  private static final int MOST_TOLD = 20;

  private final Databases databases;
  private final Supplier<Future<Void>> begun;
  private Set<String> told = Collections.emptySet();
  private int wrongRows;

  MysqlRegister(Databases databases, Supplier<Future<Void>> begun, PluginContext context) {
    this.databases = databases;
    this.begun = begun;
    context.gauge("wrong_rows", () -> wrongRows);
  }

  /**
   * The tables may be there although the ledger has not begun: another gateway may be making an
   * index of the records, which takes long. Keys and budgets need not wait for that.
   */
  private <T> Future<T> early(Supplier<Future<T>> question) {
    Future<Void> ready = begun.get();
    return ready.succeeded()
        ? question.get()
        : databases.within(
            Transaction.MOST_NANOS,
            () -> question.get().recover(thrown -> ready.compose(nothing -> question.get())));
  }

  private Future<RowSet<Row>> read(String sql, Tuple values) {
    return early(() -> databases.directory().readNewest(sql, values));
  }

  /** A change of something, which is noted and makes a new version, or is none. */
  private Future<Boolean> change(
      String what, String by, Function<Transaction, Future<Boolean>> action) {
    long now = databases.timeline().epochMillis();
    return begun
        .get()
        .compose(
            nothing ->
                Transaction.again(
                    databases,
                    databases.directory().primary(),
                    transaction ->
                        action
                            .apply(transaction)
                            .compose(
                                changed ->
                                    changed
                                        ? note(transaction, what, by, now)
                                        : Future.succeededFuture(false)),
                    () -> {}));
  }

  private static Future<Boolean> note(Transaction transaction, String what, String by, long now) {
    return transaction
        .ask(Sql.CHANGED, Tuple.tuple())
        .compose(changed -> transaction.ask(Sql.NOTE_CHANGE, Tuple.of(now, by, what)))
        .map(true);
  }

  /**
   * The version is read first: what changes meanwhile is read again. Rows become keys on another
   * thread: there may be 100,000.
   */
  @Override
  public Future<Optional<Known>> known(long seen) {
    return databases.within(Transaction.MOST_NANOS, () -> newerThan(seen));
  }

  private Future<Optional<Known>> newerThan(long seen) {
    return read(Sql.VERSION, Tuple.tuple())
        .compose(
            rows -> {
              long version = rows.size() == 0 ? 0 : rows.iterator().next().getLong(0);
              return version == seen
                  ? Future.succeededFuture(Optional.empty())
                  : read(Sql.KEYS, Tuple.tuple())
                      .compose(
                          keys ->
                              read(Sql.BUDGETS, Tuple.tuple())
                                  .compose(
                                      budgets ->
                                          databases.elsewhere(
                                              () -> RegisterRows.read(version, keys, budgets))))
                      .map(
                          found -> {
                            tell(found.wrong());
                            return Optional.of(found.known());
                          });
            });
  }

  /** Tells once of each row that is wrong, with a bound on lines: somebody may have changed all. */
  private void tell(List<String> wrong) {
    wrongRows = wrong.size();
    List<String> fresh = wrong.stream().filter(each -> !told.contains(each)).toList();
    fresh.stream()
        .limit(MOST_TOLD)
        .forEach(each -> LOG.log(System.Logger.Level.WARNING, "mysql: {0}", each));
    if (fresh.size() > MOST_TOLD) {
      LOG.log(
          System.Logger.Level.WARNING,
          "mysql: {0} more rows of keys and budgets are wrong",
          fresh.size() - MOST_TOLD);
    }
    told = Set.copyOf(wrong);
  }

  @Override
  public Future<Void> issue(IssuedKey key, String by) {
    Tuple values =
        Tuple.of(
            key.id(), key.sha256(), key.tenant(), key.priority(), String.join(",", key.models()));
    return change(
            "issue key " + key.id() + " of " + key.tenant(),
            by,
            transaction -> transaction.ask(Sql.ISSUE, values).map(true))
        .recover(
            thrown ->
                Future.failedFuture(
                    thrown instanceof MySQLException failed && failed.getErrorCode() == DUPLICATE
                        ? new IllegalArgumentException("key: " + key.id() + " is there already")
                        : thrown))
        .mapEmpty();
  }

  @Override
  public Future<Boolean> revoke(String id, String by) {
    return change(
        "revoke key " + id,
        by,
        transaction -> transaction.ask(Sql.REVOKE, Tuple.of(id)).map(rows -> rows.rowCount() > 0));
  }

  @Override
  public Future<Void> limit(Budget budget, String by) {
    Tuple values =
        Tuple.of(
            budget.id(), budget.scope().name(), budget.of(), budget.unit().name(), budget.limit());
    boolean end = budget.limit() == Budget.NONE;
    return change(
            "limit " + budget.id() + " to " + budget.limit(),
            by,
            transaction ->
                transaction
                    .ask(end ? Sql.UNLIMIT : Sql.LIMIT, end ? Tuple.of(budget.id()) : values)
                    .map(true))
        .mapEmpty();
  }

  /** Budgets are locked in one order: so what others were granted does not change meanwhile. */
  @Override
  public Future<List<Grant>> grant(String gateway, List<Request> requests) {
    Map<String, Request> places = new TreeMap<>(); // of one that is there twice, the last
    requests.forEach(each -> places.put(place(each.budget(), each.month()), each));
    List<Request> ordered = List.copyOf(places.values());
    Tuple asked = Tuple.of(json(ordered));
    return early(
        () ->
            Transaction.again(
                databases,
                databases.directory().primary(),
                transaction ->
                    transaction
                        .ask(Sql.LOCKED, asked)
                        .compose(
                            limits ->
                                transaction
                                    .ask(Sql.GRANTS, asked)
                                    .map(given -> granted(gateway, ordered, limits, given)))
                        .compose(grants -> write(transaction, gateway, grants)),
                () -> {}));
  }

  private static String place(String budget, String month) {
    return budget + " " + month;
  }

  private static String json(List<Request> requests) {
    JsonArray rows = new JsonArray();
    requests.forEach(
        each -> rows.add(new JsonObject().put("b", each.budget()).put("m", each.month())));
    return rows.encode();
  }

  private static Future<List<Grant>> write(
      Transaction transaction, String gateway, List<Grant> grants) {
    if (grants.isEmpty()) {
      return Future.succeededFuture(grants);
    }
    JsonArray rows = new JsonArray();
    for (Grant each : grants) {
      rows.add(
          new JsonObject()
              .put("b", each.budget())
              .put("m", each.month())
              .put("g", each.granted())
              .put("s", each.spent()));
    }
    return transaction.ask(Sql.GRANT, Tuple.of(gateway, rows.encode())).map(grants);
  }

  private static List<Grant> granted(
      String gateway, List<Request> requests, RowSet<Row> limits, RowSet<Row> given) {
    Map<String, Long> limitOf = new HashMap<>();
    limits.forEach(row -> limitOf.put(row.getString(0), RegisterRows.amount(row.getLong(1))));
    Map<String, Long> others = new HashMap<>();
    Map<String, Long> own = new HashMap<>();
    for (Row row : given) {
      String place = place(row.getString(0), row.getString(1));
      if (row.getString(2).equals(gateway)) {
        own.put(place, RegisterRows.amount(row.getLong(4)));
      } else {
        others.merge(place, RegisterRows.amount(row.getLong(3)), MysqlRegister::sum);
      }
    }
    List<Grant> grants = new ArrayList<>();
    for (Request request : requests) {
      Long limit = limitOf.get(request.budget());
      String place = place(request.budget(), request.month());
      if (limit != null) {
        long spent = Math.max(request.spent(), own.getOrDefault(place, 0L));
        long room = Math.max(0, limit - others.getOrDefault(place, 0L) - spent);
        long more = Math.min(request.more(), room);
        grants.add(new Grant(request.budget(), request.month(), spent + more, spent, room - more));
      }
    }
    return grants;
  }

  private static long sum(long one, long other) {
    return Math.min(Budget.MOST, one + other);
  }

  @Override
  public Future<List<Change>> changes(int most) {
    return read(Sql.CHANGES, Tuple.of(most))
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(row -> new Change(row.getLong(0), row.getString(1), row.getString(2)))
                    .toList());
  }
}
