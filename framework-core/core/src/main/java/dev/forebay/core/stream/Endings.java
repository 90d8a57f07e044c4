package dev.forebay.core.stream;

import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Usage;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * When a request is over: the one place that turns a future of a response, its stream and the end
 * of the call into one {@link Outcome}, exactly once. Permits, leases and counts hang on it, so
 * that none leaks, whatever a plugin further down forgets.
 */
public final class Endings {

  private Endings() {}

  /**
   * Tells how a request ended.
   *
   * @param startedNanos when it was sent, on the request's timeline
   * @param over is told exactly once, on the request's timeline: when the response fails, when its
   *     stream ends, or at the latest right after the call has ended
   */
  public static void track(
      Call call, long startedNanos, Future<InferenceResponse> future, Consumer<Outcome> over) {
    call.timeline().check();
    Tracker tracker = new Tracker(call, startedNanos, over);
    if (future.isComplete()) {
      tracker.response(future);
    } else {
      future.onComplete(tracker::response);
    }
    tracker.watch();
  }

  /**
   * A response that does not outlast its call.
   *
   * @return as {@code future}, but fails right after the call has ended; a response that arrives
   *     after that is cancelled
   */
  public static Future<InferenceResponse> guard(Call call, Future<InferenceResponse> future) {
    if (future.failed() || (future.succeeded() && !call.ended())) {
      return future;
    }
    Promise<InferenceResponse> promise = Promise.promise();
    // What is further down knows more, such as the endpoint that stalled: it goes first.
    Registration registration =
        future.isComplete()
            ? Registration.NONE
            : call.onEnd(() -> soon(call.timeline(), () -> promise.tryFail(why(call))));
    future.onComplete(
        result -> {
          registration.cancel();
          if (result.failed()) {
            promise.tryFail(result.cause());
          } else if (call.ended()) {
            result.result().tokens().cancel();
            promise.tryFail(why(call));
          } else if (!promise.tryComplete(result.result())) {
            result.result().tokens().cancel();
          }
        });
    return promise.future();
  }

  /**
   * Guards and tracks at once.
   *
   * @param startedNanos when it was sent, on the request's timeline
   * @param over as of {@link #track}; is told before what is returned completes
   * @return as of {@link #guard}
   */
  public static Future<InferenceResponse> guardAndTrack(
      Call call, long startedNanos, Future<InferenceResponse> future, Consumer<Outcome> over) {
    return new Guard(call, startedNanos, over).guard(future);
  }

  /**
   * As {@link #guardAndTrack}, for the one who is next to a backend and so knows most: fails as
   * soon as the call ends, and takes to the request's timeline what the backend answers on another
   * thread.
   *
   * @param sound makes a response keep the rules; on the request's timeline, and may throw
   */
  public static Future<InferenceResponse> guardFirst(
      Call call,
      long startedNanos,
      Future<InferenceResponse> future,
      UnaryOperator<InferenceResponse> sound,
      Consumer<Outcome> over) {
    return new FirstGuard(call, startedNanos, sound, over).guard(future);
  }

  /** Why a call has ended. */
  public static Failure why(Call call) {
    Failure reason = call.reason();
    return reason == null ? Failure.cancelled() : reason;
  }

  /** After all that is under way on a timeline now; from any thread. */
  private static void soon(Timeline timeline, Runnable action) {
    timeline.execute(() -> timeline.after(0, action));
  }

  private static class Tracker {
    final Call call;
    private final long startedNanos;
    private final Consumer<Outcome> over;
    private @Nullable Registration registration;
    private @Nullable TokenStream tokens;
    private boolean told;

    Tracker(Call call, long startedNanos, Consumer<Outcome> over) {
      this.call = call;
      this.startedNanos = startedNanos;
      this.over = over;
    }

    final void watch() {
      if (!told) {
        Registration made = call.onEnd(this::ending);
        if (told) {
          made.cancel();
        } else {
          registration = made;
        }
      }
    }

    /** On the thread that ends the call. The stream's own outcome knows more: it goes first. */
    void ending() {
      soon(call.timeline(), this::callEnded);
    }

    /** A stream that heeds its call has told by now; one that does not is stopped. */
    void callEnded() {
      if (!told) {
        failed(why(call));
        if (tokens != null) {
          tokens.cancel();
        }
      }
    }

    final void response(AsyncResult<InferenceResponse> result) {
      if (result.failed()) {
        failed(Failure.from(result.cause()));
      } else {
        response(result.result());
      }
    }

    final void response(InferenceResponse response) {
      TokenStream stream = response.tokens();
      tokens = stream;
      if (told) {
        stream.cancel(); // it came after the call's end
      } else {
        stream.outcome().onComplete(this::streamEnded);
      }
    }

    private void streamEnded(AsyncResult<Outcome> ended) {
      tell(
          ended.succeeded()
              ? ended.result()
              : outcome(Failure.internal("outcome() failed", ended.cause())));
    }

    final void failed(Failure failure) {
      if (!told) {
        tell(outcome(failure));
      }
    }

    private Outcome outcome(Failure failure) {
      return Outcome.failed(
          failure, Usage.NONE, new Timings(startedNanos, -1, call.timeline().nanos()));
    }

    private void tell(Outcome outcome) {
      call.timeline().check();
      if (!told) {
        told = true;
        if (registration != null) {
          registration.cancel();
        }
        over.accept(outcome);
      }
    }
  }

  /** One promise, one listener and one registration do for the guard and the tracker. */
  private static class Guard extends Tracker {
    private final Promise<InferenceResponse> promise = Promise.promise();

    Guard(Call call, long startedNanos, Consumer<Outcome> over) {
      super(call, startedNanos, over);
    }

    final Future<InferenceResponse> guard(Future<InferenceResponse> future) {
      if (future.isComplete()) {
        came(future);
        watch();
      } else {
        watch();
        future.onComplete(this::arrived);
      }
      return promise.future();
    }

    void arrived(AsyncResult<InferenceResponse> result) {
      came(result);
    }

    @Override
    final void callEnded() {
      super.callEnded();
      promise.tryFail(why(call));
    }

    final boolean waiting() {
      return !promise.future().isComplete();
    }

    /** Makes a response keep the rules. */
    InferenceResponse sound(InferenceResponse response) {
      return response;
    }

    final void came(AsyncResult<InferenceResponse> result) {
      if (result.failed()) {
        broken(result.cause());
        return;
      }
      InferenceResponse response;
      try {
        response = sound(result.result());
      } catch (RuntimeException e) {
        broken(e);
        return;
      }
      if (call.ended() || !waiting()) {
        response.tokens().cancel();
        broken(why(call));
      } else {
        response(response);
        promise.tryComplete(response);
      }
    }

    private void broken(Throwable thrown) {
      failed(Failure.from(thrown));
      promise.tryFail(thrown);
    }
  }

  private static final class FirstGuard extends Guard {
    private final UnaryOperator<InferenceResponse> sound;

    FirstGuard(
        Call call,
        long startedNanos,
        UnaryOperator<InferenceResponse> sound,
        Consumer<Outcome> over) {
      super(call, startedNanos, over);
      this.sound = sound;
    }

    @Override
    InferenceResponse sound(InferenceResponse response) {
      return sound.apply(response);
    }

    @Override
    void arrived(AsyncResult<InferenceResponse> result) {
      call.timeline().execute(() -> came(result));
    }

    @Override
    void ending() {
      call.timeline().execute(this::endingAtHome);
    }

    private void endingAtHome() {
      if (waiting()) {
        callEnded();
      } else {
        super.ending();
      }
    }
  }
}
