package dev.forebay.ledger;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes records from requests, and gives them to the ledger in batches, one batch at a time and the
 * oldest first. A request only puts its record into a queue. While the ledger does not answer,
 * batches wait, in memory and, if there is a folder, in files; the last one grows until it is full,
 * so a ledger that is slow has few of them. If there is no room, the oldest are dropped and
 * counted. A batch that may have arrived is sent again, with the same ids.
 */
final class Outbox {

  private static final System.Logger LOG = System.getLogger(Outbox.class.getName());
  private static final long FIRST_PAUSE_NANOS = 100_000_000L;
  private static final long LONGEST_PAUSE_NANOS = 5_000_000_000L;
  private static final long ANSWER_NANOS = 30_000_000_000L;

  private final Ledger.OutboxOptions options;
  private final UsageLedger ledger;
  private final Timeline timeline;
  private final PluginContext context;
  private final @Nullable OutboxFiles files;
  private final Consumer<List<UsageRecord>> sealed;
  private final ConcurrentLinkedQueue<UsageRecord> incoming = new ConcurrentLinkedQueue<>();
  private final AtomicInteger incomingSize = new AtomicInteger();
  private final Deque<Batch> batches = new ArrayDeque<>();
  private final Counter recorded;
  private final Counter arrived;
  private final Counter dropped;
  private final Counter failures;
  private final Counter spilled;
  private long next = 1;
  private long inMemory;
  private long waiting;
  private boolean begun;
  private boolean sending;
  private boolean paused;
  private boolean storingAgain;
  private long pause;
  private final Trouble refused =
      new Trouble("the ledger does not take records, which wait", "the ledger answers again");
  private Registration retry = Registration.NONE;
  private @Nullable Promise<Void> empty;

  /**
   * An outbox.
   *
   * @param files null if batches are kept in memory only
   * @param sealed is told the records of each new batch, before it is stored
   */
  Outbox(
      Ledger.OutboxOptions options,
      UsageLedger ledger,
      PluginContext context,
      @Nullable OutboxFiles files,
      Consumer<List<UsageRecord>> sealed) {
    this.options = options;
    this.ledger = ledger;
    this.context = context;
    this.timeline = context.timeline();
    this.files = files;
    this.sealed = sealed;
    this.recorded = context.counter("recorded");
    this.arrived = context.counter("arrived");
    this.dropped = context.counter("dropped");
    this.failures = context.counter("failures");
    this.spilled = context.counter("spilled");
    context.gauge("waiting_records", () -> waiting + incomingSize.get());
    context.gauge("oldest_seconds", this::oldestSeconds);
    context.gauge("fill_ratio", this::fill);
    context.gauge("up", () -> up() ? 1 : 0);
  }

  /** Takes a record. From any thread; never waits. */
  void add(UsageRecord record) {
    recorded.increment();
    incoming.add(record);
    int size = incomingSize.incrementAndGet();
    if (size > options.maxRecords() && incoming.poll() != null) {
      incomingSize.decrementAndGet();
      dropped.increment();
    } else if (size == options.batch()) {
      timeline.execute(this::flush);
    }
  }

  /** How long the oldest batch has waited; 0 if none does. */
  private double oldestSeconds() {
    Batch oldest = batches.peekFirst();
    return oldest == null ? 0 : Math.max(0, timeline.epochMillis() - oldest.madeMillis) / 1e3;
  }

  /** How much of the room is taken: from 1 on, the oldest records are dropped. */
  private double fill() {
    double memory = (inMemory + incomingSize.get()) / (double) mostInMemory();
    return files == null || !files.works() ? memory : files.bytes() / (double) options.maxBytes();
  }

  /** Records that no ledger has yet. On the timeline. */
  long waiting() {
    return waiting + incomingSize.get();
  }

  /** Whether the ledger took the last batch. */
  boolean up() {
    return !refused.lasts();
  }

  /** Goes on with batches of an earlier process, which come before all others. */
  void resume(List<Batch> earlier) {
    for (Batch batch : earlier.reversed()) {
      batches.addFirst(batch);
      waiting += batch.size;
      next = Math.max(next, batch.number + 1);
    }
  }

  /** Counts records of an earlier process that cannot be read. */
  void lost(int records) {
    if (records > 0) {
      dropped.add(records);
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}: {1} lines of the outbox''s files cannot be read, and are lost",
          context.name(),
          records);
    }
  }

  /** The number of the last batch. */
  long last() {
    return next - 1;
  }

  /** The records of the last batch so far; 0 if it is gone. */
  int lastSize() {
    Batch batch = batches.peekLast();
    return batch == null || batch.number != last() ? 0 : batch.size;
  }

  /** Numbers of batches begin after one. */
  void after(long number) {
    next = Math.max(next, number + 1);
  }

  /** From now on there are batches: those of an earlier process are known. */
  void begin() {
    begun = true;
  }

  /** Makes batches of what came in, and sends. On the timeline. */
  void flush() {
    timeline.check();
    if (!begun) {
      return;
    }
    Batch last = growing();
    int room = last == null ? options.batch() : options.batch() - last.size;
    for (List<UsageRecord> some = taken(room); !some.isEmpty(); some = taken(options.batch())) {
      if (last == null) {
        last = new Batch(next++, timeline.epochMillis(), new ArrayList<>());
        last.incomplete = files == null;
        batches.add(last);
      }
      Objects.requireNonNull(last.records).addAll(some);
      last.size += some.size();
      waiting += some.size();
      inMemory += some.size();
      sealed.accept(some);
      store(last, some);
      last = null;
    }
    storeAgain();
    makeRoom();
    send();
  }

  /** The last batch, if records may come to it; null if they may not. */
  private @Nullable Batch growing() {
    Batch last = batches.peekLast();
    return last == null
            || last.underWay
            || last.records == null
            || last.number != last()
            || last.size >= options.batch()
        ? null
        : last;
  }

  private List<UsageRecord> taken(int most) {
    List<UsageRecord> some = new ArrayList<>();
    while (some.size() < most) {
      UsageRecord record = incoming.poll();
      if (record == null) {
        break;
      }
      incomingSize.decrementAndGet();
      some.add(record);
    }
    return some;
  }

  /** Puts more records of a batch into its file: all, if some before could not be put there. */
  private Future<Long> store(Batch batch, List<UsageRecord> more) {
    if (files == null) {
      return Future.succeededFuture(0L);
    }
    batch.writing++;
    boolean all = batch.incomplete && batch.records != null;
    return (all
            ? files.replace(batch.number, List.copyOf(batch.records))
            : files.add(batch.number, more))
        .onComplete(
            done -> {
              batch.writing--;
              batch.incomplete = done.failed() || (batch.incomplete && !all);
              spill(batch);
              makeRoom();
            });
  }

  /** Puts into files what there was no room for when it came, one batch after the other. */
  private void storeAgain() {
    if (storingAgain || files == null) {
      return;
    }
    for (Batch batch : batches) {
      if (batch.incomplete && batch.records != null && batch.writing == 0) {
        storingAgain = true;
        store(batch, List.of())
            .onComplete(
                done -> {
                  storingAgain = false;
                  if (done.succeeded()) {
                    storeAgain();
                  }
                });
        return;
      }
    }
  }

  /** A batch that is in its file leaves the memory, if that is full. */
  private void spill(Batch batch) {
    boolean full = inMemory > options.maxRecords();
    if (full && batch.stored() && batch.records != null && !batch.underWay) {
      batch.records = null;
      inMemory -= batch.size;
      spilled.add(batch.size);
    }
  }

  /** Drops the oldest batches, if there are too many. */
  private void makeRoom() {
    boolean found = true;
    while (found && inMemory > mostInMemory()) {
      found = dropOldest(batch -> batch.records != null);
    }
    while (found && files != null && files.bytes() > options.maxBytes()) {
      found = dropOldest(Batch::stored);
    }
  }

  /** A batch whose file is being written may stay for that time. */
  private long mostInMemory() {
    return (files == null ? 1L : 2L) * options.maxRecords();
  }

  /** Drops the oldest batch of some that is not under way; false if there is none. */
  private boolean dropOldest(Predicate<Batch> some) {
    for (Batch batch : batches) {
      if (!batch.underWay && some.test(batch)) {
        batches.remove(batch);
        dropped.add(batch.size);
        gone(batch);
        return true;
      }
    }
    return false;
  }

  private void gone(Batch batch) {
    waiting -= batch.size;
    inMemory -= batch.records == null ? 0 : batch.size;
    batch.records = null;
    if (files != null) {
      files.delete(batch.number);
    }
  }

  private void send() {
    Batch batch = batches.peekFirst();
    if (batch == null && empty != null) {
      empty.tryComplete();
    }
    if (sending || batch == null || paused) {
      return;
    }
    sending = true;
    batch.underWay = true;
    records(batch)
        .compose(records -> records.isEmpty() ? Future.succeededFuture() : inTime(records))
        .onComplete(
            done -> {
              timeline.check();
              sending = false;
              batch.underWay = false;
              if (done.succeeded()) {
                went(batch);
              } else {
                failed(done.cause());
              }
            });
  }

  /** What somebody took out of a file is lost, and counted; the rest goes on. */
  private Future<List<UsageRecord>> records(Batch batch) {
    if (batch.records != null || files == null) {
      // a ledger that was given up may still read what it was given
      return Future.succeededFuture(List.copyOf(Objects.requireNonNull(batch.records)));
    }
    return files
        .read(batch.number)
        .onSuccess(
            records -> {
              int lost = batch.size - records.size();
              dropped.add(lost);
              waiting -= lost;
              batch.size = records.size();
            });
  }

  private Future<Void> inTime(List<UsageRecord> records) {
    Future<Void> asked;
    try {
      asked = ledger.append(records);
    } catch (RuntimeException | LinkageError e) {
      asked = Future.failedFuture(e);
    }
    return timeline.within(
        ANSWER_NANOS, asked, () -> new TimeoutException("no answer within 30 s"));
  }

  private void went(Batch batch) {
    refused.is(null);
    pause = 0;
    arrived.add(batch.size);
    batches.remove(batch);
    gone(batch);
    send();
  }

  /** Tries again after a pause, which grows; chance keeps gateways from doing so together. */
  private void failed(Throwable cause) {
    failures.increment();
    refused.is(cause);
    pause = Math.min(LONGEST_PAUSE_NANOS, Math.max(FIRST_PAUSE_NANOS, 2 * pause));
    long wait = pause / 2 + (long) (context.random().nextDouble() * pause / 2);
    paused = true;
    retry =
        timeline.after(
            wait,
            () -> {
              paused = false;
              send();
            });
  }

  /**
   * Gives the ledger what is waiting, within a time.
   *
   * @return completes when all is there, or the time is over; what is left and has no file is lost
   */
  Future<Void> close(long nanos) {
    Promise<Void> done = Promise.promise();
    empty = done;
    paused = false;
    flush();
    return timeline
        .within(nanos, done.future(), () -> new TimeoutException("the time is over"))
        .otherwiseEmpty()
        .eventually(
            () -> {
              retry.cancel();
              lose();
              return Future.succeededFuture();
            });
  }

  /** Sends no more. */
  void crash() {
    retry.cancel();
    paused = true;
  }

  private void lose() {
    long lost = 0;
    for (Batch batch : batches) {
      lost += batch.stored() ? 0 : batch.size;
    }
    dropped.add(lost);
    if (lost > 0) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}: {1} records are lost: the ledger does not take them, and they have no file",
          context.name(),
          lost);
    }
  }
}
