package dev.forebay.spi;

import dev.forebay.spi.Outcome.Timings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The producing side of a {@link TokenStream}, for backends: chunks are written as they come and
 * read as they are asked for. Used on the request's {@linkplain Timeline timeline} only.
 *
 * <p>It keeps the rules of streams so that backends need not: the outcome completes exactly once;
 * the end of the call, or a cancellation, stops the producer and fails whoever waits; the time of
 * the first content is taken when it is written. The buffer is bounded, in chunks and in bytes: a
 * producer stops when {@link #write} returns false, until it is told that there is room. A chunk of
 * whatever size is taken; a reader who is slow holds one that is too large, not many.
 */
public final class StreamSource implements TokenStream {

  /** Chunks that a source holds before {@link #write} asks to pause. */
  public static final int HIGH_WATER = 32;

  /** Bytes that a source holds before {@link #write} asks to pause. */
  public static final int HIGH_WATER_BYTES = 64 << 10;

  private final Timeline timeline;
  private final long startedNanos;
  private final Runnable onStop;
  private final Promise<Outcome> outcome = Promise.promise();
  private Registration callEnd = Registration.NONE; // until told: the call may have ended
  private @Nullable ArrayDeque<Chunk> buffer;
  private @Nullable Promise<Chunk> waiting;
  private @Nullable Runnable onDrain;
  private @Nullable Failure failure;
  private Usage usage = Usage.NONE;
  private long firstContentNanos = -1;
  private int contentTokens;
  private long heldBytes;
  private boolean produced;
  private boolean over;

  /**
   * A source.
   *
   * @param call ends the stream when it ends
   * @param startedNanos when the request was sent, on its timeline
   * @param onStop stops the producer when the consumer gives up; runs at most once, and not after
   *     {@link #fail} or a last chunk
   */
  public StreamSource(Call call, long startedNanos, Runnable onStop) {
    this.timeline = call.timeline();
    this.startedNanos = startedNanos;
    this.onStop = onStop;
    this.callEnd =
        call.onEnd(
            () -> {
              Failure why = call.reason();
              timeline.execute(() -> stop(why == null ? Failure.cancelled() : why));
            });
  }

  /**
   * Hands a chunk to the consumer.
   *
   * @return false if the producer should pause until it is told that there is room
   */
  public boolean write(Chunk chunk) {
    timeline.check();
    if (over || produced || failure != null) {
      return true;
    }
    produced = chunk.last();
    if (chunk.kind() == Chunk.Kind.CONTENT) {
      if (firstContentNanos < 0) {
        firstContentNanos = timeline.nanos();
      }
      contentTokens += chunk.tokens();
    }
    Promise<Chunk> reader = waiting;
    if (reader != null) {
      waiting = null;
      if (chunk.last()) {
        finish(Outcome.ok(used(), timings()));
      }
      reader.complete(chunk);
      return true;
    }
    if (buffer == null) {
      buffer = new ArrayDeque<>();
    }
    buffer.add(chunk);
    heldBytes += chunk.data().length();
    return buffer.size() < HIGH_WATER && heldBytes < HIGH_WATER_BYTES;
  }

  /** Says what the answer used; before the last chunk. Without it, content chunks are counted. */
  public void usage(Usage known) {
    usage = known;
  }

  /** Breaks the stream; chunks that are buffered are still read first. */
  public void fail(Failure why) {
    timeline.check();
    if (over || produced) {
      return;
    }
    produced = true;
    failure = why;
    if (buffer == null || buffer.isEmpty()) {
      breakOff(why);
    }
  }

  /** Is told, each time, when a buffer that was full has been read empty. */
  public void onDrain(Runnable action) {
    onDrain = action;
  }

  /** Bytes of the chunks that were written and not read yet. */
  public long held() {
    return heldBytes;
  }

  /** Whether the stream has ended, for whatever reason. */
  public boolean over() {
    return over;
  }

  @Override
  public Future<Chunk> next() {
    timeline.check();
    if (waiting != null) {
      return Future.failedFuture(
          Failure.internal(
              "next() while another call is outstanding (expected: one at most)", null));
    }
    Chunk chunk = buffer == null ? null : buffer.poll();
    if (chunk == null) {
      return over ? Future.failedFuture(ended()) : wait(Promise.promise());
    }
    heldBytes -= chunk.data().length();
    if (chunk.last()) {
      finish(Outcome.ok(used(), timings()));
    } else if (buffer != null && buffer.isEmpty()) {
      drained();
    }
    return Future.succeededFuture(chunk);
  }

  @Override
  public void cancel() {
    stop(Failure.cancelled());
  }

  @Override
  public Future<Outcome> outcome() {
    return outcome.future();
  }

  private Future<Chunk> wait(Promise<Chunk> promise) {
    waiting = promise;
    return promise.future();
  }

  private void drained() {
    if (failure != null) {
      breakOff(failure);
    } else if (onDrain != null) {
      onDrain.run();
    }
  }

  private void stop(Failure why) {
    if (over) {
      return;
    }
    boolean producing = !produced;
    produced = true;
    buffer = null;
    heldBytes = 0;
    failure = why;
    try {
      if (producing) {
        onStop.run();
      }
    } finally {
      breakOff(why);
    }
  }

  private void breakOff(Failure why) {
    Promise<Chunk> reader = waiting;
    waiting = null;
    finish(Outcome.failed(why, used(), timings()));
    if (reader != null) {
      reader.fail(why);
    }
  }

  private void finish(Outcome how) {
    over = true;
    callEnd.cancel();
    outcome.tryComplete(how);
  }

  private Usage used() {
    return usage.completionTokens() > 0 || contentTokens == 0
        ? usage
        : new Usage(usage.promptTokens(), usage.cachedTokens(), contentTokens, 0);
  }

  private Timings timings() {
    return new Timings(startedNanos, firstContentNanos, timeline.nanos());
  }

  private Failure ended() {
    return failure != null ? failure : Failure.internal("next() after the last chunk", null);
  }
}
