package dev.forebay.ledger;

import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** The journal as the timeline sees it: all that blocks is done elsewhere, in order. */
final class OutboxFiles {

  private final Journal journal;
  private final Worker worker;
  private final Counter errors;
  private final Map<Long, Long> sizes = new HashMap<>();
  private long bytes;
  private boolean broken;

  OutboxFiles(Journal journal, Worker worker, Counter errors) {
    this.journal = journal;
    this.worker = worker;
    this.errors = errors;
  }

  /**
   * An earlier batch.
   *
   * @param size how many records it has
   * @param fresh its records, if it is later than what the notes know; else empty
   */
  record Earlier(long number, long bytes, int size, List<UsageRecord> fresh) {}

  /**
   * Takes the folder, and looks at the batches of an earlier process, the oldest first.
   *
   * @param through the last batch that the notes know
   */
  Future<List<Earlier>> open(long through) {
    return run(() -> {
          List<Earlier> found = new ArrayList<>();
          for (Journal.Stored each : journal.open()) {
            List<UsageRecord> records = journal.read(each.number());
            boolean fresh = each.number() > through;
            found.add(
                new Earlier(
                    each.number(), each.bytes(), records.size(), fresh ? records : List.of()));
          }
          return found;
        })
        .map(
            found -> {
              found.forEach(each -> grow(each.number(), each.bytes()));
              return found;
            })
        .onFailure(thrown -> broken = true);
  }

  private void grow(long number, long size) {
    sizes.put(number, size);
    bytes += size;
  }

  /** Keeps a batch; its size in bytes. */
  Future<Long> write(long number, List<UsageRecord> records) {
    sizes.put(number, 0L);
    return run(() -> journal.write(number, records))
        .map(
            size -> {
              if (sizes.containsKey(number)) { // else it was deleted meanwhile
                grow(number, size);
              }
              return size;
            });
  }

  Future<List<UsageRecord>> read(long number) {
    return run(() -> journal.read(number));
  }

  void delete(long number) {
    Long size = sizes.remove(number);
    bytes -= size == null ? 0 : size;
    run(
        () -> {
          journal.delete(number);
          return true;
        });
  }

  /** Keeps a note under a name. */
  Future<Boolean> note(String name, String text) {
    return run(
        () -> {
          journal.note(name, text);
          return true;
        });
  }

  /** A note; empty if there is none. */
  Future<String> noted(String name) {
    return run(
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
    return run(
        () -> {
          journal.close();
          return true;
        });
  }

  /** A folder that could not be taken may be another gateway's: nothing is done in it. */
  private <T> Future<T> run(Callable<T> work) {
    if (broken) {
      return Future.failedFuture("the folder cannot be used");
    }
    return worker.run(work).onFailure(thrown -> errors.increment());
  }
}
