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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A ledger at work: it watches requests, and keeps the store and what it knows of it up to date.
 */
final class LedgerSection implements Section, RequestWatcher, CallerKeys {

  private static final System.Logger LOG = System.getLogger(LedgerSection.class.getName());
  private static final double NANODOLLARS = 1e9;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long CLOSE_NANOS = 10_000_000_000L;
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
  private final AtomicLong made = new AtomicLong();
  private final AtomicBoolean asking = new AtomicBoolean();
  private final Counter refused;
  private volatile Map<String, IssuedKey> keys = Collections.emptyMap();
  private volatile Known known = Known.NOTHING;
  private boolean reading;
  private boolean telling;
  private boolean closed;
  private boolean unread;
  private Registration flushes = Registration.NONE;
  private Registration refreshes = Registration.NONE;

  LedgerSection(
      Ledger options, UsageLedger ledger, PluginContext context, @Nullable OutboxFiles files) {
    this.options = options;
    this.ledger = ledger;
    this.timeline = context.timeline();
    this.start =
        Long.toString(timeline.epochMillis(), BASE)
            + Long.toString(context.random().nextLong() >>> 24, BASE);
    this.outbox = new Outbox(options.outbox(), ledger, context, files, budgets::seal);
    this.notes = new Notes(files, outbox, budgets, counts, start);
    this.refused = context.counter("over_budget");
    this.drift = new Drift(ledger, context);
    context.gauge("keys", () -> keys.size());
    context.gauge("budgets", () -> budgets.accounts().size());
    context.gauge("register_up", () -> unread ? 0 : 1);
  }

  @Override
  public @Nullable Failure begins(RequestInfo request) {
    Account closedAccount = budgets.closed(request);
    if (closedAccount == null) {
      return null;
    }
    refused.increment();
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
    UsageRecord record = record(request);
    boolean used = record.nanodollars() > 0 || record.usage().totalTokens() > 0;
    if (!used && !options.failures() && record.outcome() != Status.OK) {
      return;
    }
    counts.add(record);
    if (budgets.spend(record) && asking.compareAndSet(false, true)) {
      timeline.execute(this::ask);
    }
    outbox.add(record);
  }

  private UsageRecord record(Ended request) {
    RequestInfo info = request.info();
    return new UsageRecord(
        start + "-" + Long.toString(made.getAndIncrement(), BASE),
        timeline.epochMillis(),
        info.caller().tenant(),
        info.caller().user(),
        info.caller().keyId(),
        info.model(),
        request.servedBy(),
        request.outcome().usage(),
        Math.max(0, Math.round(request.outcome().costUsd() * NANODOLLARS)),
        request.outcome().status(),
        Math.max(0, request.nanos() / NANOS_PER_MILLI),
        request.cache(),
        request.job());
  }

  @Override
  public @Nullable IssuedKey find(String sha256) {
    return keys.get(sha256);
  }

  @Override
  public void prepare() {
    notes
        .open()
        .onSuccess(
            earlier -> {
              if (earlier.known() != null) {
                take(earlier.known());
              }
              earlier.fresh().forEach(budgets::spend);
              budgets.seal(earlier.fresh());
              if (!earlier.counted().isEmpty()) {
                tellEarlier(earlier);
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

  private void tellEarlier(Notes.Earlier earlier) {
    ledger
        .counted(earlier.counter(), earlier.counted())
        .onSuccess(told -> notes.toldEarlier())
        .onFailure(
            thrown -> {
              if (!closed) {
                timeline.after(SECOND_NANOS, () -> tellEarlier(earlier));
              }
            });
  }

  private void flush() {
    flushes = timeline.after(options.outbox().every().toNanos(), this::flush);
    outbox.flush();
    notes.write();
  }

  private void refresh() {
    refreshes = timeline.after(options.refresh().toNanos(), this::refresh);
    if (!reading) {
      reading = true;
      asked(() -> ledger.register().known(known.version()))
          .onComplete(
              result -> {
                reading = false;
                unread(result.failed() ? result.cause() : null);
                if (result.succeeded()) {
                  result.result().ifPresent(this::take);
                  if (asking.compareAndSet(false, true)) {
                    ask();
                  }
                }
              });
    }
    tell();
    drift.look();
  }

  private void unread(@Nullable Throwable why) {
    if (why != null && !unread) {
      LOG.log(
          System.Logger.Level.WARNING,
          "ledger: keys and budgets cannot be read, and hold as they were last known: {0}",
          why.getMessage());
    } else if (why == null && unread) {
      LOG.log(System.Logger.Level.INFO, "ledger: keys and budgets can be read again");
    }
    unread = why != null;
  }

  private void take(Known now) {
    Map<String, IssuedKey> byHash = new HashMap<>();
    now.keys().forEach(key -> byHash.put(key.sha256(), key));
    keys = byHash;
    budgets.limit(now.budgets(), timeline.epochMillis());
    known = now;
    notes.write(now);
  }

  /** Asks the register for parts of budgets. */
  private void ask() {
    timeline.check();
    List<KeyRegister.Request> requests = budgets.requests(timeline.epochMillis());
    if (requests.isEmpty()) {
      asking.set(false);
      return;
    }
    asked(() -> ledger.register().grant(options.gateway(), requests))
        .onComplete(
            result -> {
              if (result.succeeded()) {
                budgets.grant(result.result());
              }
              asking.set(false);
            });
  }

  /** Tells the ledger what was counted. */
  private Future<Void> tell() {
    List<UsageLedger.Total> totals = counts.changed();
    if (telling || totals.isEmpty()) {
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
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  /** Ends without a word, as a process that is killed; for tests. */
  void crash() {
    closed = true;
    flushes.cancel();
    refreshes.cancel();
    outbox.crash();
    notes.crash();
  }

  @Override
  public Future<Void> close() {
    closed = true;
    flushes.cancel();
    refreshes.cancel();
    return outbox.close(CLOSE_NANOS).eventually(this::tell).eventually(notes::close);
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
    return ledger
        .register()
        .known(known.version())
        .map(
            now -> {
              now.ifPresent(this::take);
              return null;
            });
  }
}
