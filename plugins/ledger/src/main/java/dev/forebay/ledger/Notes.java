package dev.forebay.ledger;

import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.IssuedKey;
import dev.forebay.spi.ledger.KeyRegister.Known;
import dev.forebay.spi.ledger.UsageLedger.Total;
import dev.forebay.spi.ledger.UsageRecord;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway knows of keys and budgets, in the outbox's folder: so it can start again while the
 * store is down. {@code known.json} has keys and budgets; {@code spent.json} what was spent in all
 * batches up to a number, what was granted, and what was counted.
 */
final class Notes {

  private static final System.Logger LOG = System.getLogger(Notes.class.getName());
  private static final String KNOWN = "known.json";
  private static final String SPENT = "spent.json";
  private static final String COUNTED = "counted.json";

  /** Notes of keys and budgets may be long: they are tried again more rarely than others. */
  private static final int PATIENCE = 50;

  private final @Nullable OutboxFiles files;
  private final Outbox outbox;
  private final Budgets budgets;
  private final Counts counts;
  private final String counter;
  private @Nullable Spent written;
  private Future<Boolean> noted = Future.succeededFuture(true);
  private @Nullable List<Total> writtenCounts = List.of();
  private @Nullable Known unwritten;
  private int waited;
  private boolean openFailed;
  private List<Total> earlierCounts = List.of();
  private String earlierCounter = "";
  private String spender;

  /**
   * Notes.
   *
   * @param counter the start of this gateway, which its counts are told by
   * @param spender the name of this process for the register, if no earlier one left notes
   */
  Notes(
      @Nullable OutboxFiles files,
      Outbox outbox,
      Budgets budgets,
      Counts counts,
      String counter,
      String spender) {
    this.files = files;
    this.outbox = outbox;
    this.budgets = budgets;
    this.counts = counts;
    this.counter = counter;
    this.spender = spender;
  }

  /** What is noted of budgets: what was spent in some batches, and in some records of the last. */
  private record Spent(String spender, long through, int records, List<Budgets.Note> accounts) {
    JsonObject json() {
      JsonArray notes = new JsonArray();
      accounts.forEach(each -> notes.add(each.json()));
      return new JsonObject()
          .put("spender", spender)
          .put("through", through)
          .put("records", records)
          .put("accounts", notes);
    }

    static Spent read(JsonObject json) {
      return new Spent(
          Objects.requireNonNull(json.getString("spender"), "spender"),
          json.getLong("through"),
          json.getInteger("records"),
          Budgets.Note.read(json.getJsonArray("accounts")));
    }
  }

  /** What a start of a gateway counted, and no ledger has been told. */
  private record Counted(String counter, List<Total> totals) {
    static Counted read(JsonObject json) {
      return new Counted(
          Objects.requireNonNull(json.getString("counter"), "counter"),
          Counts.read(json.getJsonArray("totals")));
    }
  }

  /**
   * What an earlier process left.
   *
   * @param known null if it noted none
   * @param fresh records that were kept after the last note of what was spent
   * @param counter the start of the gateway that counted
   * @param counted what it did not tell the ledger
   */
  record Earlier(
      @Nullable Known known, List<UsageRecord> fresh, String counter, List<Total> counted) {}

  /** Takes the folder and what is in it; if that fails, nothing more is done in it. */
  Future<Earlier> open() {
    OutboxFiles there = files;
    if (there == null) {
      return Future.succeededFuture(new Earlier(null, List.of(), "", List.of()));
    }
    Spent nothing = new Spent(spender, 0, Integer.MAX_VALUE, List.of());
    Counted none = new Counted("", List.of());
    return there
        .take()
        .compose(taken -> read(there, SPENT, Spent::read, nothing))
        .compose(
            spent ->
                read(there, KNOWN, Notes::known, Known.NOTHING)
                    .compose(
                        known ->
                            read(there, COUNTED, Counted::read, none)
                                .compose(counted -> open(there, spent, known, counted))))
        .onFailure(
            thrown -> {
              openFailed = true;
              there.giveUp();
            });
  }

  /** A note; what stands for none if there is none, or if it is not whole. */
  private static <T> Future<T> read(
      OutboxFiles there, String name, Function<JsonObject, T> reader, T none) {
    return there
        .noted(name)
        .map(
            text -> {
              try {
                return text.isEmpty() ? none : reader.apply(new JsonObject(text));
              } catch (RuntimeException e) {
                LOG.log(
                    System.Logger.Level.ERROR,
                    "ledger: {0} in the outbox''s folder cannot be read, and is left out: {1}",
                    name,
                    e);
                return none;
              }
            });
  }

  private Future<Earlier> open(OutboxFiles there, Spent spent, Known known, Counted counted) {
    return there
        .open(spent.through(), spent.records())
        .map(
            found -> {
              List<UsageRecord> fresh = new ArrayList<>();
              List<Batch> batches = new ArrayList<>();
              for (OutboxFiles.Earlier each : found) {
                fresh.addAll(each.fresh());
                batches.add(
                    Batch.stored(
                        each.stored().number(), each.stored().changedMillis(), each.size()));
              }
              outbox.after(spent.through());
              outbox.resume(batches);
              outbox.lost(found.stream().mapToInt(OutboxFiles.Earlier::lost).sum());
              budgets.restore(spent.accounts());
              spender = spent.spender();
              earlierCounter = counted.counter();
              earlierCounts = counted.totals();
              return new Earlier(
                  known == Known.NOTHING ? null : known, fresh, earlierCounter, earlierCounts);
            });
  }

  /** The counts of an earlier process are told. */
  void toldEarlier() {
    earlierCounter = "";
    earlierCounts = List.of();
  }

  /** Under which name this gateway spends: that of an earlier process, if its notes are there. */
  String spender() {
    return spender;
  }

  /**
   * Notes what is spent and counted, if that has changed.
   *
   * @return completes when what is spent is noted, or cannot be
   */
  Future<Boolean> write() {
    if (files == null || openFailed) {
      return Future.succeededFuture(false);
    }
    Spent now = new Spent(spender, outbox.last(), outbox.lastSize(), budgets.note());
    if (!now.equals(written)) {
      written = now;
      noted =
          files
              .note(SPENT, now::json)
              .onFailure(thrown -> written = null) // it is written again, though nothing changes
              .otherwise(false);
    }
    // Counts of two processes at once are kept only until the first are told.
    String start = earlierCounter.isEmpty() ? counter : earlierCounter;
    List<Total> counted = earlierCounter.isEmpty() ? counts.untold() : earlierCounts;
    if (!counted.equals(writtenCounts)) {
      writtenCounts = counted;
      files
          .note(
              COUNTED,
              () -> new JsonObject().put("counter", start).put("totals", Counts.json(counted)))
          .onFailure(thrown -> writtenCounts = null);
    }
    Known again = unwritten;
    if (again != null && ++waited % PATIENCE == 0) {
      write(again);
    }
    return noted;
  }

  /** Notes keys and budgets. */
  void write(Known known) {
    if (files != null && !openFailed) {
      unwritten = null;
      files.note(KNOWN, () -> json(known)).onFailure(thrown -> unwritten = known);
    }
  }

  private static JsonObject json(Known known) {
    JsonArray keys = new JsonArray();
    for (IssuedKey key : known.keys()) {
      keys.add(
          new JsonObject()
              .put("id", key.id())
              .put("sha256", key.sha256())
              .put("tenant", key.tenant())
              .put("priority", key.priority())
              .put("models", new JsonArray(key.models())));
    }
    JsonArray limits = new JsonArray();
    for (Budget budget : known.budgets()) {
      limits.add(
          new JsonObject()
              .put("scope", budget.scope().name())
              .put("of", budget.of())
              .put("unit", budget.unit().name())
              .put("limit", budget.limit()));
    }
    return new JsonObject()
        .put("version", known.version())
        .put("keys", keys)
        .put("budgets", limits);
  }

  private static Known known(JsonObject json) {
    List<IssuedKey> keys = new ArrayList<>();
    for (Object each : json.getJsonArray("keys")) {
      JsonObject key = (JsonObject) each;
      keys.add(
          new IssuedKey(
              key.getString("id"),
              key.getString("sha256"),
              key.getString("tenant"),
              key.getInteger("priority"),
              key.getJsonArray("models").stream().map(String::valueOf).toList()));
    }
    List<Budget> budgets = new ArrayList<>();
    for (Object each : json.getJsonArray("budgets")) {
      JsonObject budget = (JsonObject) each;
      budgets.add(
          new Budget(
              Budget.Scope.valueOf(budget.getString("scope")),
              budget.getString("of"),
              Budget.Unit.valueOf(budget.getString("unit")),
              budget.getLong("limit")));
    }
    // The version is asked for again, in case the store is another one.
    return new Known(-1, keys, budgets);
  }

  /** Gives the folder back, as the end of a process does. */
  void crash() {
    if (files != null) {
      files.close();
      files.giveUp();
    }
  }

  /** Writes the last notes, and gives the folder back. */
  Future<Void> close() {
    if (files == null) {
      return Future.succeededFuture();
    }
    write();
    return files.close().mapEmpty();
  }
}
