package dev.forebay.core.stream;

import dev.forebay.core.kernel.OwnStream;
import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Usage;
import dev.forebay.spi.host.MemoryBudget;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stream, read by several: each reader has a cursor into the record of what came so far.
 *
 * <p>Who waits for whom: while the record is within its bound, nobody waits; the fastest reader
 * drives, and a late one starts at the beginning. Past the bound the record can no longer be joined
 * or kept; chunks that all have read are dropped, and the fastest reader waits for the slowest once
 * it is {@link #WINDOW} chunks or {@link ChunkRecord#WINDOW_BYTES} bytes ahead. The source is
 * stopped when the last reader has left.
 *
 * <p>All of it runs on one timeline, that of the request whose stream is recorded; readers of
 * requests on other timelines cross over. One loop pulls, never two inside each other: a reader
 * that asks while it turns is served by its next turn, so that the stack does not grow with chunks
 * or readers.
 */
public final class Recording {

  /** Chunks that the fastest reader may be ahead of the slowest, past the bound. */
  public static final int WINDOW = 256;

  /** What a chunk takes beside its data, in bytes: an estimate. */
  public static final int BYTES_PER_CHUNK = 100;

  private final Timeline timeline;
  private final TokenStream source;
  private final ChunkRecord record;
  private final List<Reader> readers = new ArrayList<>();
  private final Promise<@Nullable Void> over = Promise.promise();
  private final Handler<AsyncResult<Chunk>> pulled = this::pulled;
  private boolean paid;
  private boolean boarding = true;
  private boolean pumping;
  private boolean pulling;
  private boolean cancelled;
  private @Nullable Failure failure;

  /**
   * A recording of a stream. It is not given up for want of readers before {@link #aboard()}. It
   * shares memory with others: if none is left, it is as past its bound.
   *
   * @param maxBytes bound of the record, in bytes, with {@link #BYTES_PER_CHUNK} for each chunk
   * @param budget of all of them; given back when the record is dropped
   */
  public Recording(Timeline timeline, TokenStream source, long maxBytes, MemoryBudget budget) {
    this.timeline = timeline;
    this.source = source;
    this.record = new ChunkRecord(timeline, maxBytes, budget.lease());
  }

  /** Whether a new reader can still have all of it. */
  public boolean joinable() {
    timeline.check();
    return !record.overflowed() && !cancelled && failure == null;
  }

  /** All chunks, once complete and within the bound; null otherwise. */
  public @Nullable List<Chunk> complete() {
    timeline.check();
    return record.whole();
  }

  /** When a chunk of a complete record came, in milliseconds after the record began. */
  public int millis(int chunk) {
    return record.millis(chunk);
  }

  /** Completes when nothing more will come: the last chunk did, or the source broke or stopped. */
  public Future<@Nullable Void> over() {
    return over.future();
  }

  /**
   * A further reader, from the beginning; only while {@link #joinable()}.
   *
   * @param pays whether what the source used counts as used for this reader; of those for whom it
   *     does, the first to reach the end pays, and for the others it counts as a replay
   */
  public TokenStream join(Call call, boolean pays) {
    timeline.check();
    Reader reader = new Reader(call, pays);
    readers.add(reader);
    reader.watch();
    return reader;
  }

  /** The first readers have joined: from now on the source stops when the last one leaves. */
  public void aboard() {
    boarding = false;
    stopIfAlone();
  }

  private void pump() {
    if (pumping || pulling) {
      return;
    }
    pumping = true;
    try {
      while (wanted()) {
        record.asked();
        Future<Chunk> next = source.next();
        if (!next.isComplete()) {
          pulling = true;
          next.onComplete(pulled);
          return;
        }
        came(next);
      }
    } finally {
      pumping = false;
    }
  }

  private void pulled(AsyncResult<Chunk> result) {
    pulling = false;
    pumping = true;
    try {
      came(result);
    } finally {
      pumping = false;
    }
    pump();
  }

  private void came(AsyncResult<Chunk> result) {
    keep(result);
    // Delivery may add or remove readers: walk over a copy where there are several.
    if (readers.size() == 1) {
      readers.get(0).deliver();
    } else {
      for (Reader reader : List.copyOf(readers)) {
        reader.deliver();
      }
    }
    overIfOver();
  }

  private void keep(AsyncResult<Chunk> result) {
    if (result.failed()) {
      failure = Failure.from(result.cause());
    } else {
      record.add(result.result());
    }
  }

  /** The record is dropped when nothing more comes and nobody reads it. */
  private void giveBackIfDone() {
    if (readers.isEmpty() && (record.complete() || failure != null || cancelled)) {
      record.close();
    }
  }

  private void overIfOver() {
    if (record.complete() || failure != null) {
      over.tryComplete();
      giveBackIfDone();
    }
  }

  /** Whether a reader waits for a chunk that is not there, and may have it. */
  private boolean wanted() {
    if (record.complete() || failure != null) {
      return false;
    }
    boolean waits = false;
    int slowest = Integer.MAX_VALUE;
    for (int i = 0; i < readers.size(); i++) {
      Reader reader = readers.get(i);
      waits |= reader.waiting != null;
      slowest = Math.min(slowest, reader.cursor);
    }
    if (record.overflowed() && waits) {
      record.forget(slowest);
      return record.mayGrow(slowest);
    }
    return waits;
  }

  private void left(Reader reader) {
    readers.remove(reader);
    stopIfAlone();
    pump();
  }

  private void stopIfAlone() {
    if (readers.isEmpty() && !boarding && !record.complete() && failure == null && !cancelled) {
      cancelled = true;
      source.cancel();
      over.tryComplete();
    }
    giveBackIfDone();
  }

  /** A reader. What it is given is noted on its request's timeline, the rest on the recording's. */
  final class Reader implements OwnStream {
    private final Call call;
    private final boolean here;
    private final boolean pays;
    private final long startedNanos;
    private final Promise<Outcome> ended = Promise.promise();
    private Registration callEnd = Registration.NONE;
    private @Nullable Promise<Chunk> waiting;
    private int cursor;
    private long firstContentNanos = -1;
    private @Nullable Failure stopped;

    private Reader(Call call, boolean pays) {
      this.call = call;
      this.pays = pays;
      this.here = call.timeline().equals(timeline);
      this.startedNanos = call.timeline().nanos();
    }

    private void watch() {
      callEnd = call.onEnd(() -> stop(Endings.why(call)));
    }

    @Override
    public Future<Chunk> next() {
      if (!here) {
        Promise<Chunk> promise = Promise.promise();
        timeline.execute(() -> read(promise));
        return promise.future();
      }
      if (waiting == null && stopped == null && cursor < record.end()) {
        Chunk chunk = record.get(cursor++);
        note(chunk);
        return Future.succeededFuture(chunk);
      }
      return alone() ? pass() : queue();
    }

    private Future<Chunk> queue() {
      Promise<Chunk> promise = Promise.promise();
      read(promise);
      return promise.future();
    }

    /** Whether nobody else reads, or drives the source: then what it gives can be passed on. */
    private boolean alone() {
      return readers.size() == 1
          && waiting == null
          && stopped == null
          && !pulling
          && !pumping
          && !record.complete()
          && failure == null;
    }

    /** The common case, without a promise of its own where the source is ready. */
    private Future<Chunk> pass() {
      record.asked();
      if (record.overflowed()) {
        record.forget(cursor);
      }
      Future<Chunk> next = source.next();
      if (!next.isComplete()) {
        Promise<Chunk> promise = Promise.promise();
        waiting = promise;
        pulling = true;
        next.onComplete(pulled);
        return promise.future();
      }
      keep(next);
      if (next.succeeded()) {
        cursor++;
        note(next.result());
      } else {
        end(Outcome.failed(Failure.from(next.cause()), Usage.NONE, timings()));
      }
      overIfOver();
      return next;
    }

    @Override
    public void cancel() {
      stop(Failure.cancelled());
    }

    @Override
    public Future<Outcome> outcome() {
      return ended.future();
    }

    private void read(Promise<Chunk> promise) {
      if (waiting != null) {
        promise.fail(
            Failure.internal(
                "next() while another call is outstanding (expected: one at most)", null));
        return;
      }
      waiting = promise;
      deliver();
      pump();
    }

    private void deliver() {
      Promise<Chunk> promise = waiting;
      if (promise == null) {
        return;
      }
      if (stopped == null && cursor < record.end()) {
        waiting = null;
        Chunk chunk = record.get(cursor++);
        if (here) {
          give(promise, chunk);
        } else {
          call.timeline().execute(() -> give(promise, chunk));
        }
      } else if (stopped != null || failure != null || record.complete()) {
        waiting = null;
        Failure why = stopped != null ? stopped : failure;
        Failure told = why != null ? why : Failure.internal("next() after the last chunk", null);
        call.timeline().execute(() -> refuse(promise, told));
      }
    }

    private void give(Promise<Chunk> promise, Chunk chunk) {
      note(chunk);
      promise.tryComplete(chunk);
    }

    private void note(Chunk chunk) {
      if (firstContentNanos < 0 && chunk.kind() == Chunk.Kind.CONTENT) {
        firstContentNanos = call.timeline().nanos();
      }
      if (chunk.last()) {
        Future<Outcome> made = source.outcome();
        Usage usage = made.succeeded() ? made.result().usage() : Usage.NONE;
        boolean first = pay();
        double costUsd = first && made.succeeded() ? made.result().costUsd() : 0;
        end(Outcome.ok(first ? usage : usage.asReplay(), timings()).withCost(costUsd));
      }
    }

    /** Once for a recording. Readers elsewhere may race, so it is settled under a lock. */
    private boolean pay() {
      synchronized (record) {
        boolean first = pays && !paid;
        paid |= first;
        return first;
      }
    }

    private void refuse(Promise<Chunk> promise, Failure why) {
      end(Outcome.failed(why, Usage.NONE, timings()));
      promise.tryFail(why);
    }

    /** However it ends, it reads no more. */
    private void end(Outcome outcome) {
      callEnd.cancel();
      ended.tryComplete(outcome);
      timeline.execute(
          () -> {
            readers.remove(this);
            giveBackIfDone();
          });
    }

    private void stop(Failure why) {
      timeline.execute(
          () -> {
            if (stopped == null && !ended.future().isComplete()) {
              stopped = why;
              cursor = record.end();
              Promise<Chunk> promise = waiting;
              waiting = null;
              call.timeline()
                  .execute(() -> refuse(promise == null ? Promise.promise() : promise, why));
              left(this);
            }
          });
    }

    private Timings timings() {
      return new Timings(startedNanos, firstContentNanos, call.timeline().nanos());
    }
  }
}
