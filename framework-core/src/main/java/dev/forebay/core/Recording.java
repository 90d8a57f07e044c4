package dev.forebay.core;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.Timings;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Usage;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
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
 * it is {@link #WINDOW} chunks ahead. The source is stopped when the last reader has left.
 *
 * <p>All of it lives on one timeline, the source's home; readers of other homes cross over.
 */
final class Recording {

  /** Chunks that the fastest reader may be ahead of the slowest, past the bound. */
  static final int WINDOW = 256;

  private final Timeline home;
  private final TokenStream source;
  private final long maxBytes;
  private final List<Chunk> chunks = new ArrayList<>();
  private final List<Reader> readers = new ArrayList<>();
  private final Promise<Outcome> outcome = Promise.promise();
  private int dropped;
  private long bytes;
  private boolean overflowed;
  private boolean pulling;
  private @Nullable Failure failure;
  private boolean complete;

  /**
   * A recording of a stream.
   *
   * @param maxBytes bound of the record, in bytes of chunk data
   */
  Recording(Timeline home, TokenStream source, long maxBytes) {
    this.home = home;
    this.source = source;
    this.maxBytes = maxBytes;
    source.outcome().onComplete(ended -> outcome.tryComplete(ended.result()));
  }

  /** Whether a new reader can still have all of it. On the home only. */
  boolean joinable() {
    return !overflowed && failure == null;
  }

  /** All chunks, once complete and within the bound; null otherwise. On the home only. */
  @Nullable List<Chunk> complete() {
    return complete && !overflowed ? chunks : null;
  }

  /** How the source ended. */
  Future<Outcome> outcome() {
    return outcome.future();
  }

  /** A further reader, from the beginning; only while {@link #joinable()}. On the home only. */
  TokenStream join(Call call) {
    Reader reader = new Reader(call);
    readers.add(reader);
    return reader;
  }

  private void pump() {
    if (pulling) {
      return;
    }
    while (wanted()) {
      pulling = true;
      Future<Chunk> next = source.next();
      if (!next.isComplete()) {
        next.onComplete(this::pulled);
        return;
      }
      came(next);
    }
  }

  private void pulled(AsyncResult<Chunk> result) {
    came(result);
    pump();
  }

  private void came(AsyncResult<Chunk> result) {
    pulling = false;
    if (result.failed()) {
      failure = Failure.from(result.cause());
    } else {
      append(result.result());
    }
    // Delivery may add or remove readers: walk over a copy where there are several.
    if (readers.size() == 1) {
      readers.get(0).deliver();
    } else {
      for (Reader reader : List.copyOf(readers)) {
        reader.deliver();
      }
    }
  }

  private void append(Chunk chunk) {
    chunks.add(chunk);
    bytes += chunk.data().length();
    complete = chunk.last();
    if (bytes > maxBytes) {
      overflowed = true;
    }
  }

  /** Whether a reader waits for a chunk that is not there, and may have it. */
  private boolean wanted() {
    if (complete || failure != null) {
      return false;
    }
    boolean waits = false;
    int slowest = Integer.MAX_VALUE;
    for (int i = 0; i < readers.size(); i++) {
      Reader reader = readers.get(i);
      waits |= reader.waiting != null;
      slowest = Math.min(slowest, reader.cursor);
    }
    if (overflowed && waits) {
      forget(slowest);
      return dropped + chunks.size() - slowest < WINDOW;
    }
    return waits;
  }

  private void forget(int slowest) {
    int count = slowest - dropped;
    if (count >= WINDOW / 2 || count == chunks.size()) {
      chunks.subList(0, count).clear();
      dropped = slowest;
    }
  }

  private void left(Reader reader) {
    readers.remove(reader);
    if (readers.isEmpty() && !complete && failure == null) {
      source.cancel();
    } else {
      pump();
    }
  }

  private final class Reader implements TokenStream {
    private final Call call;
    private final long startedNanos;
    private final Promise<Outcome> ended = Promise.promise();
    private final Registration callEnd;
    private @Nullable Promise<Chunk> waiting;
    private int cursor;
    private long firstContentNanos = -1;
    private @Nullable Failure stopped;

    Reader(Call call) {
      this.call = call;
      this.startedNanos = call.home().nanos();
      this.callEnd = call.onEnd(() -> stop(Endings.why(call)));
    }

    @Override
    public Future<Chunk> next() {
      Promise<Chunk> promise = Promise.promise();
      home.execute(() -> read(promise));
      return promise.future();
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
        promise.fail(Failure.internal("next() while another call is outstanding", null));
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
      int index = cursor - dropped;
      if (index < chunks.size()) {
        waiting = null;
        Chunk chunk = chunks.get(index);
        cursor++;
        call.home().execute(() -> give(promise, chunk));
      } else if (stopped != null || failure != null || complete) {
        waiting = null;
        Failure why = stopped != null ? stopped : failure;
        Failure told = why != null ? why : Failure.internal("next() after the last chunk", null);
        call.home().execute(() -> refuse(promise, told));
      }
    }

    private void give(Promise<Chunk> promise, Chunk chunk) {
      if (firstContentNanos < 0 && chunk.kind() == Chunk.Kind.CONTENT) {
        firstContentNanos = call.home().nanos();
      }
      if (chunk.last()) {
        callEnd.cancel();
        Future<Outcome> made = outcome.future();
        Usage usage = made.succeeded() ? made.result().usage() : Usage.NONE;
        ended.tryComplete(Outcome.ok(usage, timings()));
        home.execute(() -> readers.remove(this));
      }
      promise.tryComplete(chunk);
    }

    private void refuse(Promise<Chunk> promise, Failure why) {
      callEnd.cancel();
      ended.tryComplete(Outcome.failed(why, Usage.NONE, timings()));
      promise.tryFail(why);
    }

    private void stop(Failure why) {
      home.execute(
          () -> {
            if (stopped == null && !ended.future().isComplete()) {
              stopped = why;
              cursor = Math.max(cursor, dropped + chunks.size());
              Promise<Chunk> promise = waiting;
              waiting = null;
              left(this);
              call.home().execute(() -> refuse(promise == null ? Promise.promise() : promise, why));
            }
          });
    }

    private Timings timings() {
      return new Timings(startedNanos, firstContentNanos, call.home().nanos());
    }
  }
}
