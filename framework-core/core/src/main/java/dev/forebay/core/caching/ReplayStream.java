package dev.forebay.core.caching;

import dev.forebay.core.kernel.OwnStream;
import dev.forebay.core.stream.Endings;
import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.CachedAnswer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A complete answer given again: each chunk when it is asked for, but not before its time at the
 * given pace. What it used counts as a replay.
 */
final class ReplayStream implements OwnStream {

  /** When a chunk may come. */
  @FunctionalInterface
  interface Pace {

    /** All chunks at once. */
    Pace AT_ONCE = chunk -> 0;

    /** Nanoseconds from the start of the replay to a chunk, by its place. */
    long dueNanos(int chunk);
  }

  private final Timeline timeline;
  private final List<Chunk> chunks;
  private final Usage usage;
  private final Pace pace;
  private final long startedNanos;
  private final Promise<Outcome> outcome = Promise.promise();
  private long firstContentNanos = -1;
  private Registration callEnd = Registration.NONE;
  private Registration timer = Registration.NONE;
  private @Nullable Promise<Chunk> waiting;
  private int cursor;

  /** A replay of a stored answer, that ends with a call. */
  ReplayStream(Call call, CachedAnswer answer) {
    this(call, answer, Pace.AT_ONCE);
  }

  /** A replay of a stored answer at a pace, that ends with a call. */
  ReplayStream(Call call, CachedAnswer answer, Pace pace) {
    this(call.timeline(), answer, pace);
    callEnd = call.onEnd(() -> timeline.execute(() -> stop(Endings.why(call))));
  }

  /** A replay of a stored answer, on a timeline. */
  ReplayStream(Timeline timeline, CachedAnswer answer) {
    this(timeline, answer, Pace.AT_ONCE);
  }

  private ReplayStream(Timeline timeline, CachedAnswer answer, Pace pace) {
    this.timeline = timeline;
    this.chunks = answer.chunks();
    this.usage = answer.usage().asReplay();
    this.pace = pace;
    this.startedNanos = timeline.nanos();
  }

  @Override
  public Future<Chunk> next() {
    if (waiting != null) {
      return Future.failedFuture(
          Failure.internal(
              "next() while another call is outstanding (expected: one at most)", null));
    }
    if (cursor >= chunks.size()) {
      return Future.failedFuture(ended());
    }
    long early = pace.dueNanos(cursor) - (timeline.nanos() - startedNanos);
    if (early <= 0) {
      return Future.succeededFuture(take());
    }
    Promise<Chunk> promise = Promise.promise();
    waiting = promise;
    timer = timeline.after(early, this::due);
    return promise.future();
  }

  private void due() {
    Promise<Chunk> promise = waiting;
    if (promise != null) {
      waiting = null;
      promise.complete(take());
    }
  }

  private Chunk take() {
    Chunk chunk = chunks.get(cursor++);
    if (firstContentNanos < 0 && chunk.kind() == Chunk.Kind.CONTENT) {
      firstContentNanos = timeline.nanos();
    }
    if (chunk.last()) {
      callEnd.cancel();
      outcome.tryComplete(Outcome.ok(usage, timings()));
    }
    return chunk;
  }

  private Failure ended() {
    Outcome how = outcome.future().isComplete() ? outcome.future().result() : null;
    Failure why = how == null ? null : how.failure();
    return why == null ? Failure.internal("next() after the last chunk", null) : why;
  }

  @Override
  public void cancel() {
    stop(Failure.cancelled());
  }

  private void stop(Failure why) {
    callEnd.cancel();
    timer.cancel();
    cursor = chunks.size();
    outcome.tryComplete(Outcome.failed(why, usage, timings()));
    Promise<Chunk> promise = waiting;
    if (promise != null) {
      waiting = null;
      promise.tryFail(why);
    }
  }

  @Override
  public Future<Outcome> outcome() {
    return outcome.future();
  }

  private Timings timings() {
    return new Timings(startedNanos, firstContentNanos, timeline.nanos());
  }
}
