package dev.forebay.ledger;

import dev.forebay.spi.Timeline;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** The journal as the timeline sees it: all that blocks is done elsewhere, in order. */
final class OutboxFiles {

  private static final System.Logger LOG = System.getLogger(OutboxFiles.class.getName());

  private static final String BATCHES = "batches";
  private static final long MINUTE_NANOS = 60_000_000_000L;

  private final Journal journal;
  private final Worker worker;
  private final Timeline timeline;
  private final Counter errors;
  private final Map<Long, Long> sizes = new HashMap<>();
  private long bytes;
  private final Set<String> failing = new HashSet<>();
  private boolean broken;
  private long quietUntil = Long.MIN_VALUE;

  OutboxFiles(Journal journal, Worker worker, Timeline timeline, Counter errors) {
    this.journal = journal;
    this.worker = worker;
    this.timeline = timeline;
    this.errors = errors;
  }

  /**
   * An earlier batch.
   *
   * @param stored its file
   * @param size how many records it has
   * @param fresh those of its records that the notes do not know
   * @param lost how many more it had, which cannot be read
   */
  record Earlier(Journal.Stored stored, int size, List<UsageRecord> fresh, int lost) {}

  /** Takes the folder. */
  Future<Boolean> take() {
    return run(
        "lock",
        () -> {
          journal.take();
          return true;
        });
  }

  /** From now on, nothing is done in the folder. */
  void giveUp() {
    broken = true;
  }

  /** Whether all that was to be kept last is in the folder. */
  boolean works() {
    return !broken && failing.isEmpty();
  }

  /**
   * Looks at the batches of an earlier process, the oldest first.
   *
   * @param through the last batch that the notes know
   * @param records how many records of that batch they know
   */
  Future<List<Earlier>> open(long through, int records) {
    return run(
            BATCHES,
            () -> {
              List<Earlier> found = new ArrayList<>();
              for (Journal.Stored each : journal.open()) {
                Journal.Read read = journal.read(each.number());
                List<UsageRecord> all = read.records();
                int known =
                    each.number() > through ? 0 : each.number() < through ? all.size() : records;
                found.add(
                    new Earlier(
                        each,
                        all.size(),
                        List.copyOf(all.subList(Math.min(known, all.size()), all.size())),
                        read.unreadable()));
              }
              return found;
            })
        .map(
            found -> {
              found.forEach(each -> grown(each.stored().number(), each.stored().bytes()));
              return found;
            });
  }

  private void grown(long number, long size) {
    Long before = sizes.put(number, size);
    bytes += size - (before == null ? 0 : before);
  }

  /** Keeps more records of a batch. */
  Future<Long> add(long number, List<UsageRecord> records) {
    return kept(number, () -> journal.add(number, records));
  }

  /** Keeps all records of a batch, some of which could not be kept before. */
  Future<Long> replace(long number, List<UsageRecord> records) {
    return kept(number, () -> journal.replace(number, records));
  }

  private Future<Long> kept(long number, Callable<Long> work) {
    sizes.putIfAbsent(number, 0L);
    return run(BATCHES, work)
        .map(
            size -> {
              if (sizes.containsKey(number)) { // else it was deleted meanwhile
                grown(number, size);
              }
              return size;
            });
  }

  Future<List<UsageRecord>> read(long number) {
    return run("reading", () -> journal.read(number).records());
  }

  void delete(long number) {
    Long size = sizes.remove(number);
    bytes -= size == null ? 0 : size;
    run(
        "deleting",
        () -> {
          journal.delete(number);
          return true;
        });
  }

  /** Keeps a note under a name; the thread that writes it makes its text. */
  Future<Boolean> note(String name, Supplier<JsonObject> note) {
    return run(
        name,
        () -> {
          journal.note(name, note.get().encode());
          return true;
        });
  }

  /** A note; empty if there is none. */
  Future<String> noted(String name) {
    return run(
        "notes",
        () -> {
          String text = journal.noted(name);
          return text == null ? "" : text;
        });
  }

  /** Bytes of all batches. */
  long bytes() {
    return bytes;
  }

  Future<Boolean> close() {
    return worker.run( // also of a folder that was given up
        () -> {
          journal.close();
          return true;
        });
  }

  /**
   * Does something in the folder. One that could not be taken may be another gateway's: nothing is
   * done in it.
   *
   * @param what is kept or done: what fails of one kind is not mended by another that succeeds
   */
  private <T> Future<T> run(String what, Callable<T> work) {
    if (broken) {
      return Future.failedFuture("the folder cannot be used");
    }
    return worker.run(work).onSuccess(done -> works(what)).onFailure(thrown -> fails(what, thrown));
  }

  private void works(String what) {
    if (failing.remove(what) && failing.isEmpty()) {
      LOG.log(System.Logger.Level.INFO, "ledger: the outbox''s folder {0} works again", journal);
    }
  }

  /** A folder that is nearly full fails and works in turn: that is told once a minute at most. */
  private void fails(String what, Throwable thrown) {
    errors.increment();
    if (failing.add(what) && timeline.nanos() >= quietUntil) {
      quietUntil = timeline.nanos() + MINUTE_NANOS;
      LOG.log(
          System.Logger.Level.ERROR,
          "ledger: the outbox''s folder {0} fails ({1}), and what it does not take is in memory"
              + " only: {2}",
          journal,
          what,
          thrown);
    }
  }
}
