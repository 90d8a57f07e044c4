package dev.forebay.core.retrying;

import dev.forebay.core.kernel.OwnStream;
import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import io.vertx.core.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A stream with a bound on the time from one content to the next. Only the time counts for which a
 * reader waits, so that one who reads slowly ends nothing; keep-alives do not extend it. When it
 * has passed, the call of the stream ends.
 */
final class NextContent implements OwnStream {

  private final TokenStream stream;
  private final Call call;
  private final Timeline timeline;
  private final Duration bound;
  private final String servedBy;
  private long leftNanos;
  private boolean begun;

  private NextContent(Duration bound, Call call, InferenceResponse response) {
    this.stream = response.tokens();
    this.call = call;
    this.timeline = call.timeline();
    this.bound = bound;
    this.servedBy = response.servedBy();
  }

  /**
   * A response whose stream is bounded.
   *
   * @param call whose end ends the stream
   */
  static InferenceResponse within(Duration bound, Call call, InferenceResponse response) {
    return response.with(new NextContent(bound, call, response));
  }

  @Override
  public Future<Chunk> next() {
    Future<Chunk> next = stream.next();
    if (next.isComplete()) {
      came(next.result());
    } else if (!begun) {
      next.onComplete((chunk, thrown) -> came(chunk));
    } else {
      long asked = timeline.nanos();
      Registration timer = timeline.after(leftNanos, this::stalled);
      next.onComplete(
          (chunk, thrown) -> {
            timer.cancel();
            leftNanos = Math.max(1, leftNanos - (timeline.nanos() - asked));
            came(chunk);
          });
    }
    return next;
  }

  private void came(@Nullable Chunk chunk) {
    if (chunk != null && chunk.kind() == Chunk.Kind.CONTENT) {
      begun = true;
      leftNanos = bound.toNanos();
    }
  }

  private void stalled() {
    String message = "no further content within " + bound.toMillis() + " ms";
    call.end(Failure.overloaded(504, "stalled", message).at(servedBy));
  }

  @Override
  public void cancel() {
    stream.cancel();
  }

  @Override
  public Future<Outcome> outcome() {
    return stream.outcome();
  }
}
