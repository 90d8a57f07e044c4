package dev.forebay.mysql;

import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.IssuedKey;
import dev.forebay.spi.ledger.KeyRegister;
import io.vertx.core.Future;
import io.vertx.mysqlclient.MySQLException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;

/** Keys and budgets in the database of the directory; always read at its primary. */
final class MysqlRegister implements KeyRegister {

  private static final int DUPLICATE = 1062;

  private final Databases databases;
  private final Supplier<Future<Void>> begun;

  MysqlRegister(Databases databases, Supplier<Future<Void>> begun) {
    this.databases = databases;
    this.begun = begun;
  }

  private Future<RowSet<Row>> read(String sql, Tuple values) {
    return begun.get().compose(nothing -> databases.directory().readNewest(sql, values));
  }

  /** A change of something, which is noted and makes a new version, or is none. */
  private Future<Boolean> change(
      String what, String by, java.util.function.Function<SqlConnection, Future<Boolean>> action) {
    long now = databases.timeline().epochMillis();
    return begun
        .get()
        .compose(
            nothing ->
                databases.within(
                    () ->
                        databases
                            .directory()
                            .primary()
                            .withTransaction(
                                connection ->
                                    action
                                        .apply(connection)
                                        .compose(
                                            changed ->
                                                changed
                                                    ? note(connection, what, by, now)
                                                    : Future.succeededFuture(false)))));
  }

  private static Future<Boolean> note(SqlConnection connection, String what, String by, long now) {
    return connection
        .preparedQuery(Sql.CHANGED)
        .execute()
        .compose(
            changed -> connection.preparedQuery(Sql.NOTE_CHANGE).execute(Tuple.of(now, by, what)))
        .map(true);
  }

  /** The version is read first: what changes meanwhile is read again. */
  @Override
  public Future<Optional<Known>> known(long seen) {
    return read(Sql.VERSION, Tuple.tuple())
        .compose(
            rows -> {
              long version = rows.iterator().next().getLong(0);
              return version == seen
                  ? Future.succeededFuture(Optional.empty())
                  : read(Sql.KEYS, Tuple.tuple())
                      .compose(
                          keys ->
                              read(Sql.BUDGETS, Tuple.tuple())
                                  .map(
                                      budgets ->
                                          Optional.of(
                                              new Known(version, keys(keys), budgets(budgets)))));
            });
  }

  private static List<IssuedKey> keys(RowSet<Row> rows) {
    return StreamSupport.stream(rows.spliterator(), false)
        .map(
            row ->
                new IssuedKey(
                    row.getString(0),
                    row.getString(1),
                    row.getString(2),
                    row.getInteger(3),
                    row.getString(4).isEmpty()
                        ? List.of()
                        : List.of(row.getString(4).split(",", -1))))
        .toList();
  }

  private static List<Budget> budgets(RowSet<Row> rows) {
    return StreamSupport.stream(rows.spliterator(), false)
        .map(
            row ->
                new Budget(
                    Budget.Scope.valueOf(row.getString(0)),
                    row.getString(1),
                    Budget.Unit.valueOf(row.getString(2)),
                    row.getLong(3)))
        .toList();
  }

  @Override
  public Future<Void> issue(IssuedKey key, String by) {
    Tuple values =
        Tuple.of(
            key.id(), key.sha256(), key.tenant(), key.priority(), String.join(",", key.models()));
    return change(
            "issue key " + key.id() + " of " + key.tenant(),
            by,
            connection -> connection.preparedQuery(Sql.ISSUE).execute(values).map(true))
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
        connection ->
            connection
                .preparedQuery(Sql.REVOKE)
                .execute(Tuple.of(id))
                .map(rows -> rows.rowCount() > 0));
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
            connection ->
                connection
                    .preparedQuery(end ? Sql.UNLIMIT : Sql.LIMIT)
                    .execute(end ? Tuple.of(budget.id()) : values)
                    .map(true))
        .mapEmpty();
  }

  @Override
  public Future<List<Grant>> grant(String gateway, List<Request> requests) {
    List<Grant> grants = new ArrayList<>();
    Future<Void> last = begun.get();
    for (Request request : requests) {
      last =
          last.compose(
              nothing ->
                  databases
                      .within(
                          () ->
                              databases
                                  .directory()
                                  .primary()
                                  .withTransaction(
                                      connection -> grant(connection, gateway, request)))
                      .map(
                          grant -> {
                            grant.ifPresent(grants::add);
                            return null;
                          }));
    }
    return last.map(grants);
  }

  /** The budget's row is locked: so what others were granted does not change meanwhile. */
  private static Future<Optional<Grant>> grant(
      SqlConnection connection, String gateway, Request request) {
    return connection
        .preparedQuery(Sql.BUDGET)
        .execute(Tuple.of(request.budget()))
        .compose(
            budget ->
                budget.size() == 0
                    ? Future.succeededFuture(Optional.empty())
                    : connection
                        .preparedQuery(Sql.GRANTS)
                        .execute(Tuple.of(request.budget(), request.month()))
                        .map(
                            rows ->
                                grant(budget.iterator().next().getLong(0), rows, gateway, request))
                        .compose(
                            grant ->
                                connection
                                    .preparedQuery(Sql.GRANT)
                                    .execute(
                                        Tuple.of(
                                            request.budget(),
                                            request.month(),
                                            gateway,
                                            grant.granted(),
                                            grant.spent()))
                                    .map(Optional.of(grant))));
  }

  private static Grant grant(long limit, RowSet<Row> rows, String gateway, Request request) {
    long others = 0;
    long spent = request.spent();
    for (Row row : rows) {
      if (row.getString(0).equals(gateway)) {
        spent = Math.max(spent, row.getLong(2));
      } else {
        others += row.getLong(1);
      }
    }
    long room = Math.max(0, limit - others - spent);
    long more = Math.min(request.more(), room);
    return new Grant(request.budget(), request.month(), spent + more, spent, room - more);
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
