package dev.forebay.ledger;

import dev.forebay.spi.Failure;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.CallerKeys;
import dev.forebay.spi.host.RequestWatcher;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.ledger.IssuedKey;
import dev.forebay.spi.ledger.KeyRegister;
import dev.forebay.spi.ledger.KeyRegister.Known;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A ledger at work: it watches requests, and keeps the store and what it knows of it up to date.
 */
final class LedgerSection implements Section, RequestWatcher, CallerKeys {

  private static final System.Logger LOG = System.getLogger(LedgerSection.class.getName());
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long CLOSE_NANOS = 10_000_000_000L;
  private static final long PATIENCE_NANOS = 1_000_000_000L;
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final long HOUR_NANOS = 3600 * SECOND_NANOS;
  private static final int BASE = 36;

  private final Ledger options;
  private final UsageLedger ledger;
  private final Timeline timeline;
  private final String start;
  private final Outbox outbox;
  private final Budgets budgets = new Budgets();
  private final Counts counts = new Counts();
  private final Notes notes;
  private final Drift drift;
  private final RecordMaker records;
  private final AtomicBoolean asking = new AtomicBoolean();
  private final Counter refused;
  private volatile Map<String, IssuedKey> keys = Collections.emptyMap();
  private volatile Known known = Known.NOTHING;
  private volatile boolean read;
  private boolean reading;
  private long asks;
  private long taken;
  private boolean telling;
  private boolean closed;
  private final Trouble unread =
      new Trouble(
          "keys and budgets cannot be read, and hold as they were last known",
          "keys and budgets can be read again");

  /** Keys and budgets may be read although nothing is granted: by a primary without writes. */
  private final Trouble ungranted =
      new Trouble(
          "no part of a budget is granted, and what was granted before holds",
          "parts of budgets are granted again");

  private Registration flushes = Registration.NONE;
  private Registration refreshes = Registration.NONE;
  private Registration asksAgain = Registration.NONE;

  LedgerSection(
      Ledger options, UsageLedger ledger, PluginContext context, @Nullable OutboxFiles files) {
    this.options = options;
    this.ledger = ledger;
    this.timeline = context.timeline();
    this.start =
        Long.toString(timeline.epochMillis(), BASE)
            + Long.toString(context.random().nextLong() >>> 24, BASE);
    this.records = new RecordMaker(start, timeline);
    this.outbox = new Outbox(options.outbox(), ledger, context, files, budgets::seal);
    this.notes = new Notes(files, outbox, budgets, counts, start, options.gateway() + "/" + start);
    this.refused = context.counter("over_budget");
    this.drift = new Drift(ledger, context);
    context.gauge("keys", () -> keys.size());
    context.gauge("budgets", () -> budgets.accounts().size());
    context.gauge("register_up", () -> unread.lasts() ? 0 : 1);
  }

  @Override
  public @Nullable Failure begins(RequestInfo request) {
    if (!ready()) {
      return Failure.saturated("ledger_unread", "keys and budgets have not been read yet")
          .retryAfter(SECOND_NANOS);
    }
    Account closedAccount = budgets.closed(request);
    if (closedAccount == null) {
      return null;
    }
    refused.increment();
    if (budgets.call(closedAccount)) {
      askSoon();
    }
    boolean used = closedAccount.usedUp();
    return Failure.of(
            Status.REFUSED,
            429,
            "budget_exceeded",
            "budget "
                + closedAccount.budget().id()
                + (used ? ": used up for this month" : ": no part of it is free now"))
        .retryAfter(used ? HOUR_NANOS : SECOND_NANOS);
  }

  @Override
  public void ended(Ended request) {
    UsageRecord record = records.of(request);
    boolean used = record.nanodollars() > 0 || record.usage().totalTokens() > 0;
    if (!used && !options.failures() && record.outcome() != Status.OK) {
      return;
    }
    counts.add(record);
    if (budgets.spend(record)) {
      askSoon();
    }
    outbox.add(record);
  }

  /** From any thread. */
  private void askSoon() {
    if (asking.compareAndSet(false, true)) {
      timeline.execute(this::ask);
    }
  }

  @Override
  public @Nullable IssuedKey find(String sha256) {
    return keys.get(sha256);
  }

  /** Keys in the folder are old: one that was issued since is not among them. */
  @Override
  public boolean allRead() {
    return read;
  }

  @Override
  public boolean ready() {
    return !options.knownFirst() || known != Known.NOTHING;
  }

  @Override
  public void prepare() {
    notes
        .open()
        .onSuccess(
            earlier -> {
              if (earlier.known() != null) {
                takeKeys(earlier.known());
                takeBudgets(earlier.known());
              }
              earlier.fresh().forEach(budgets::spend);
              budgets.seal(earlier.fresh());
              if (!earlier.counted().isEmpty()) {
                tellEarlier(earlier.counter(), earlier.counted());
              }
            })
        .onFailure(
            thrown ->
                LOG.log(
                    System.Logger.Level.ERROR,
                    "ledger: {0}; records are kept in memory only",
                    thrown.getMessage()))
        .onComplete(
            done -> {
              outbox.begin();
              if (!closed) {
                flush();
                refresh();
              }
            });
  }

  private void tellEarlier(String counter, List<UsageLedger.Total> counted) {
    int some = Math.min(counted.size(), UsageLedger.MOST_AT_ONCE);
    asked(() -> ledger.counted(counter, counted.subList(0, some)))
        .onSuccess(
            told -> {
              if (some == counted.size()) {
                notes.toldEarlier();
              } else {
                tellEarlier(counter, counted.subList(some, counted.size()));
              }
            })
        .onFailure(
            thrown -> {
              if (!closed) {
                timeline.after(SECOND_NANOS, () -> tellEarlier(counter, counted));
              }
            });
  }

  private void flush() {
    flushes = timeline.after(options.outbox().every().toNanos(), this::flush);
    outbox.flush();
    notes.write();
  }

  /** A month ends to the millisecond: its grants are of no use then. */
  private void refresh() {
    long now = timeline.epochMillis();
    long untilMonthEnds = (Month.of(now).ends() - now) * NANOS_PER_MILLI;
    long pause = Math.min(options.refresh().toNanos(), untilMonthEnds);
    refreshes = timeline.after(pause, this::refresh);
    budgets.turn(now);
    if (!reading) {
      reading = true;
      read()
          .onComplete(
              result -> {
                reading = false;
                unread.is(result.failed() ? result.cause() : null);
                if (result.succeeded()) {
                  askSoon();
                }
              });
    }
    tell();
    drift.look();
  }

  /** Reads keys and budgets; what was asked later and is there already holds. */
  private Future<Void> read() {
    long number = ++asks;
    return asked(() -> ledger.register().known(known.version()))
        .compose(
            now ->
                now.isEmpty() || number < taken
                    ? Future.succeededFuture()
                    : take(now.get(), number));
  }

  /** A revoked key goes at once; new budgets hold as soon as they have something to spend. */
  private Future<Void> take(Known now, long number) {
    taken = number;
    takeKeys(now);
    read = true;
    List<KeyRegister.Request> first = budgets.prepare(now.budgets(), timeline.epochMillis());
    Future<Void> granted =
        first.isEmpty()
            ? Future.succeededFuture()
            : granted(first).onSuccess(budgets::grant).mapEmpty();
    return noLonger(granted, PATIENCE_NANOS) // without a grant they let nothing in
        .map(
            done -> {
              if (number == taken) {
                takeBudgets(now);
                notes.write(now);
              }
              return null;
            });
  }

  /** Asks for parts of budgets; what is given back by that is noted before, as others have it. */
  private Future<List<KeyRegister.Grant>> granted(List<KeyRegister.Request> requests) {
    return notes
        .write()
        .compose(noted -> asked(() -> ledger.register().grant(notes.spender(), requests)));
  }

  private void takeKeys(Known now) {
    Map<String, IssuedKey> byHash = new HashMap<>();
    now.keys().forEach(key -> byHash.put(key.sha256(), key));
    keys = byHash;
  }

  private void takeBudgets(Known now) {
    budgets.limit(now.budgets(), timeline.epochMillis());
    known = now;
  }

  /** Asks the register for parts of budgets; if it fails, not again before the next refresh. */
  private void ask() {
    timeline.check();
    List<KeyRegister.Request> requests =
        closed ? List.of() : budgets.requests(timeline.epochMillis());
    if (requests.isEmpty()) {
      asking.set(false);
      return;
    }
    granted(requests)
        .onComplete(
            result -> {
              ungranted.is(result.failed() ? result.cause() : null);
              if (result.succeeded()) {
                budgets.grant(result.result());
                asking.set(false);
              } else {
                budgets.unanswered(requests);
                asksAgain = timeline.after(options.refresh().toNanos(), () -> asking.set(false));
              }
            });
  }

  /** Tells what was spent, and lets others have the rest: no longer than a moment. */
  private Future<Void> giveBack() {
    List<KeyRegister.Request> requests = unread.lasts() ? List.of() : budgets.last();
    Future<Void> given = Future.succeededFuture();
    for (int i = 0; i < requests.size(); i += KeyRegister.MOST_REQUESTS) {
      List<KeyRegister.Request> some =
          requests.subList(i, Math.min(requests.size(), i + KeyRegister.MOST_REQUESTS));
      given = given.compose(before -> granted(some).mapEmpty());
    }
    return noLonger(given, PATIENCE_NANOS);
  }

  /** Completes with something, whether it succeeds or fails, and after a time at the latest. */
  private Future<Void> noLonger(Future<Void> asked, long nanos) {
    return timeline
        .within(nanos, asked, () -> new TimeoutException("no answer in time"))
        .otherwiseEmpty();
  }

  /** Tells the ledger what was counted. */
  private Future<Void> tell() {
    List<UsageLedger.Total> totals = telling ? List.of() : counts.changed();
    if (totals.isEmpty()) {
      return Future.succeededFuture();
    }
    telling = true;
    return asked(() -> ledger.counted(start, totals))
        .onComplete(
            result -> {
              telling = false;
              if (result.succeeded()) {
                counts.told(totals, timeline.epochMillis());
              }
            });
  }

  private static <T> Future<T> asked(Supplier<Future<T>> question) {
    try {
      return question.get();
    } catch (RuntimeException | LinkageError e) {
      return Future.failedFuture(e);
    }
  }

  /** Ends without a word, as a process that is killed; for tests. */
  void crash() {
    closed = true;
    flushes.cancel();
    refreshes.cancel();
    asksAgain.cancel();
    outbox.crash();
    notes.crash();
  }

  @Override
  public Future<Void> close() {
    closed = true;
    flushes.cancel();
    refreshes.cancel();
    asksAgain.cancel();
    return outbox
        .close(CLOSE_NANOS)
        .eventually(this::tell)
        .eventually(this::giveBack)
        .eventually(notes::close);
  }

  UsageLedger ledger() {
    return ledger;
  }

  Known known() {
    return known;
  }

  Budgets budgets() {
    return budgets;
  }

  Outbox outbox() {
    return outbox;
  }

  /** Reads keys and budgets at once, after a change. */
  Future<Void> reread() {
    return read();
  }
}
