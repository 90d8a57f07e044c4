package dev.forebay.mysql;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.ledger.KeyRegister;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.ledger.UsageSum;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.mysqlclient.MySQLException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Records in databases. It begins by itself: until the tables and the directory are there, what is
 * asked of it fails, and the outbox waits.
 */
final class MysqlRecords implements UsageLedger {

  private static final System.Logger LOG = System.getLogger(MysqlRecords.class.getName());
  private static final long LOOK_NANOS = 1_000_000_000L;
  private static final Comparator<UsageSum> LARGEST =
      Comparator.comparingLong(UsageSum::nanodollars)
          .thenComparingLong(UsageSum::requests)
          .reversed()
          .thenComparing(UsageSum::group);

  private final Databases databases;
  private final Timeline timeline;
  private final Routing routing;
  private final MysqlRegister register;
  private final Appending appending;
  private final Retention retention;
  private Registration next = Registration.NONE;
  private boolean ready;
  private boolean reading;
  private boolean closed;
  private Promise<Void> begun = Promise.promise();
  private String problem = "";
  private final Set<String> told = new HashSet<>();

  MysqlRecords(Databases databases, PluginContext context) {
    this.databases = databases;
    this.timeline = databases.timeline();
    this.routing = new Routing(databases);
    this.register = new MysqlRegister(databases, this::begun, context);
    this.appending = new Appending(databases, routing, context);
    this.retention = new Retention(databases, context);
    context.gauge("ready", () -> ready ? 1 : 0);
  }

  @Override
  public void prepare() {
    begin();
  }

  /** Tables, figures of the servers, directory; again after a second if something fails. */
  private void begin() {
    tables()
        .compose(nothing -> routing.begin())
        .onComplete(
            done -> {
              if (closed) {
                return;
              }
              String why = done.failed() ? why(done.cause()) : "";
              if (done.failed() && !why.equals(problem)) {
                LOG.log(System.Logger.Level.WARNING, "mysql: not ready: {0}", why);
              }
              problem = why;
              if (done.succeeded()) {
                ready = true;
                begun.tryComplete();
                check();
                look();
                retention.begin();
              } else {
                begun.tryFail(done.cause());
                begun = Promise.promise();
                next = timeline.after(LOOK_NANOS, this::begin);
              }
            });
  }

  private String why(Throwable thrown) {
    boolean noTable =
        thrown instanceof MySQLException failed
            && failed.getErrorCode() == Migrations.NO_SUCH_TABLE;
    return thrown.getMessage()
        + (noTable && !databases.options().migrate()
            ? " (expected: the tables, as ./forebay ledger migrate makes them)"
            : "");
  }

  private Future<Void> tables() {
    Future<Void> last = Future.succeededFuture();
    if (databases.options().migrate()) {
      for (Place place : databases.all()) {
        last = last.compose(nothing -> tables(place).recover(thrown -> at(place, thrown)));
      }
    }
    return last;
  }

  private static Future<Void> at(Place place, Throwable thrown) {
    return Future.failedFuture(
        new IllegalStateException(place.name() + ": " + thrown.getMessage(), thrown));
  }

  private Future<Void> tables(Place place) {
    return databases
        .within(databases.options().timeout().toNanos(), () -> Migrations.look(place.primary()))
        .compose(
            found -> {
              if (told.addAll(found.newer())) {
                LOG.log(
                    System.Logger.Level.WARNING,
                    "mysql: {0}: {1} are of a newer gateway (expected: at most {2})",
                    place.name(),
                    found.newer(),
                    Migrations.FILES.getLast());
              }
              return found.missing().isEmpty()
                  ? Future.succeededFuture(List.<String>of())
                  : databases.within(
                      Transaction.mostNanos(databases), () -> databases.migrate(place));
            })
        .map(
            files -> {
              if (!files.isEmpty()) {
                LOG.log(System.Logger.Level.INFO, "mysql: {0}: applied {1}", place.name(), files);
              }
              return null;
            });
  }

  /** Says how the servers differ from what is documented. */
  private void check() {
    for (Place place : databases.all()) {
      place
          .pools()
          .forEach(
              (what, pool) -> {
                int connections =
                    what.startsWith("primary")
                        ? databases.options().writeConnections()
                        : databases.options().readConnections();
                databases
                    .within(
                        databases.options().timeout().toNanos(),
                        () -> ServerCheck.of(what, pool, connections, databases.options()))
                    .onSuccess(
                        lines ->
                            lines.forEach(
                                line -> LOG.log(System.Logger.Level.WARNING, "mysql: " + line)));
              });
    }
  }

  /** Looks after replicas and the directory once a second. */
  private void look() {
    next = timeline.after(LOOK_NANOS, this::look);
    databases.all().forEach(Place::look);
    if (!reading) {
      reading = true;
      routing
          .read()
          .onComplete(
              done -> {
                reading = false;
                say(done.failed() ? String.valueOf(done.cause().getMessage()) : "");
              });
    }
  }

  /** Says once why the directory cannot be read; a database that is not there is in it. */
  private void say(String why) {
    if (!why.isEmpty() && !why.equals(problem)) {
      LOG.log(System.Logger.Level.WARNING, "mysql: the directory of shards: {0}", why);
    }
    problem = why;
  }

  /** Completes when it is ready, with the first attempt that is under way. */
  private Future<Void> begun() {
    return ready ? Future.succeededFuture() : begun.future();
  }

  @Override
  public Future<Void> append(List<UsageRecord> records) {
    return begun().compose(nothing -> appending.append(records));
  }

  @Override
  public Future<List<UsageSum>> sums(UsageQuery query) {
    boolean one = query.tenant() != null;
    String sql = Sql.sums(query.by(), one);
    return begun()
        .compose(
            nothing ->
                overShards(
                    (place, bits) ->
                        place.read(
                            sql,
                            one
                                ? Tuple.of(query.tenant(), query.from(), query.to(), bits)
                                : Tuple.of(query.from(), query.to(), bits))))
        .map(
            all -> {
              Map<String, UsageSum> sums = new LinkedHashMap<>();
              all.forEach(
                  row -> {
                    UsageSum sum = Rows.sum(row);
                    sums.merge(sum.group(), sum, UsageSum::plus);
                  });
              return sums.values().stream().sorted(LARGEST).limit(MOST_GROUPS).toList();
            });
  }

  /** Asks a database for some of its shards. */
  @FunctionalInterface
  private interface ShardQuestion {
    Future<RowSet<Row>> ask(Place place, int bits);
  }

  /** Asks all databases at once, each for the shards that the directory gives it. */
  private Future<List<Row>> overShards(ShardQuestion question) {
    List<Future<RowSet<Row>>> asked = new ArrayList<>();
    routing.shardBits().forEach((place, bits) -> asked.add(question.ask(place, bits)));
    return Future.all(asked)
        .map(
            all -> {
              List<Row> rows = new ArrayList<>();
              asked.forEach(each -> each.result().forEach(rows::add));
              return rows;
            });
  }

  @Override
  public Future<List<UsageRecord>> ofUser(String tenant, String user, int most) {
    String owner = user.isEmpty() ? tenant : user;
    int shard = Shards.of(owner);
    return begun()
        .compose(
            nothing ->
                routing.of(shard).readOwn(owner, Sql.OF_USER, Tuple.of(shard, tenant, user, most)))
        .map(
            rows -> {
              List<UsageRecord> records = new ArrayList<>();
              rows.forEach(row -> records.add(Rows.record(row)));
              return records;
            });
  }

  @Override
  public Future<Void> counted(String counter, List<Total> totals) {
    return begun()
        .compose(
            nothing ->
                databases.ask(
                    databases.directory().primary(),
                    Sql.COUNT,
                    Tuple.of(counter, Rows.json(totals))))
        .mapEmpty();
  }

  /** What was counted is read first: so requests that end meanwhile are no drift upwards. */
  @Override
  public Future<List<Audited>> audit(LocalDate from, LocalDate to) {
    return begun()
        .compose(nothing -> databases.directory().readNewest(Sql.AUDIT_COUNTED, Tuple.of(from, to)))
        .compose(
            counted ->
                overShards(
                        (place, bits) ->
                            place.readNewest(Sql.AUDIT_RECORDED, Tuple.of(from, to, bits)))
                    .map(recorded -> audited(recorded, counted)));
  }

  private static List<Audited> audited(List<Row> recorded, RowSet<Row> counted) {
    Map<String, Total[]> found = new TreeMap<>();
    recorded.forEach(row -> add(found, 0, Rows.total(row)));
    counted.forEach(row -> add(found, 1, Rows.total(row)));
    return found.values().stream().map(both -> new Audited(both[0], both[1])).toList();
  }

  private static void add(Map<String, Total[]> found, int place, Total total) {
    Total none = new Total(total.day(), total.tenant(), 0, 0, 0);
    Total[] both =
        Objects.requireNonNull(
            found.computeIfAbsent(
                total.day() + " " + total.tenant(), key -> new Total[] {none, none}));
    Total before = both[place];
    both[place] =
        new Total(
            total.day(),
            total.tenant(),
            before.requests() + total.requests(),
            before.tokens() + total.tokens(),
            before.nanodollars() + total.nanodollars());
  }

  @Override
  public KeyRegister register() {
    return register;
  }

  @Override
  public Future<Void> close() {
    closed = true;
    next.cancel();
    retention.close();
    begun.tryFail("closed");
    return databases.close();
  }

  Databases databases() {
    return databases;
  }

  Retention retention() {
    return retention;
  }

  /** For a look at the plans of all statements. */
  Pool directory() {
    return databases.directory().primary();
  }
}
