package dev.forebay.core;

import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.Timings;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Consumer;
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
   * @param startedNanos when it was sent, on the call's home
   * @param over is told exactly once, on the call's home: when the response fails, when its stream
   *     ends, or at the latest right after the call has ended
   */
  public static void track(
      Call call, long startedNanos, Future<InferenceResponse> future, Consumer<Outcome> over) {
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
    // What is further down knows more, such as the endpoint that stalled: it goes first.
    return guard(call, future, promise -> soon(call.home(), () -> promise.tryFail(why(call))));
  }

  /** As {@link #guard}, but for the one who knows most: fails as soon as the call ends. */
  static Future<InferenceResponse> guardFirst(Call call, Future<InferenceResponse> future) {
    return guard(call, future, promise -> call.home().execute(() -> promise.tryFail(why(call))));
  }

  private static Future<InferenceResponse> guard(
      Call call, Future<InferenceResponse> future, Consumer<Promise<InferenceResponse>> giveUp) {
    if (future.failed() || (future.succeeded() && !call.ended())) {
      return future;
    }
    Promise<InferenceResponse> promise = Promise.promise();
    Registration registration =
        future.isComplete() ? Registration.NONE : call.onEnd(() -> giveUp.accept(promise));
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

  /** Why a call has ended. */
  public static Failure why(Call call) {
    Failure reason = call.reason();
    return reason == null ? Failure.cancelled() : reason;
  }

  /** After all that is under way on a timeline now; from any thread. */
  private static void soon(Timeline home, Runnable action) {
    home.execute(() -> home.after(0, action));
  }

  private static final class Tracker {
    private final Call call;
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

    void watch() {
      if (!told) {
        Registration made =
            call.onEnd(
                () ->
                    // The stream's own outcome knows more: it goes first.
                    soon(call.home(), this::callEnded));
        if (told) {
          made.cancel();
        } else {
          registration = made;
        }
      }
    }

    /** A stream that heeds its call has told by now; one that does not is stopped. */
    private void callEnded() {
      if (!told) {
        failed(why(call));
        if (tokens != null) {
          tokens.cancel();
        }
      }
    }

    void response(io.vertx.core.AsyncResult<InferenceResponse> result) {
      if (result.failed()) {
        failed(Failure.from(result.cause()));
        return;
      }
      TokenStream stream = result.result().tokens();
      tokens = stream;
      if (told) {
        stream.cancel(); // it came after the call's end
      } else {
        stream
            .outcome()
            .onComplete(
                ended ->
                    tell(
                        ended.succeeded()
                            ? ended.result()
                            : outcome(Failure.internal("outcome() failed", ended.cause()))));
      }
    }

    private void failed(Failure failure) {
      tell(outcome(failure));
    }

    private Outcome outcome(Failure failure) {
      return Outcome.failed(
          failure, Usage.NONE, new Timings(startedNanos, -1, call.home().nanos()));
    }

    private void tell(Outcome outcome) {
      if (!told) {
        told = true;
        if (registration != null) {
          registration.cancel();
        }
        over.accept(outcome);
      }
    }
  }
}
