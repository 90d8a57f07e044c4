package dev.forebay.core.retrying;

import dev.forebay.core.kernel.OwnFilter;
import dev.forebay.core.stream.Endings;
import dev.forebay.core.stream.FirstContent;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.RequestSpan;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * Tries again what failed before its first content, elsewhere if there is an elsewhere: by the
 * outcome table, within the budget for extra work, with full jitter (Brooker, "Exponential Backoff
 * and Jitter", 2015), and never past the deadline.
 */
final class RetryFilter implements OwnFilter {

  private final Retry options;
  private final RetryBudget budget;
  private final RandomGenerator random;
  private final Counter retries;
  private final Counter recovered;
  private final Counter denied;

  /** A filter with its options, drawing on a gateway's budget. */
  public RetryFilter(Retry options, RetryBudget budget, PluginContext context) {
    this.options = options;
    this.budget = budget;
    this.random = context.random();
    this.retries = context.counter("retries");
    this.recovered = context.counter("recovered");
    this.denied = context.counter("budget_denied");
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    Tries tries = new Tries(request, next);
    tries.go();
    return tries.answer.future();
  }

  private final class Tries {
    private final InferenceRequest request;
    private final Service next;
    private final Timeline timeline;
    private final Promise<InferenceResponse> answer = Promise.promise();
    private Attempt attempt;
    private int made;
    private Registration stall = Registration.NONE;

    Tries(InferenceRequest request, Service next) {
      this.request = request;
      this.next = next;
      this.timeline = request.call().timeline();
      this.attempt = request.attempt();
    }

    void go() {
      made++;
      Call child = request.call().child();
      stall = Registration.NONE;
      long started = timeline.nanos();
      Future<InferenceResponse> response =
          Endings.guardAndTrack(
              child,
              started,
              next.serve(request.with(child).with(attempt)).compose(FirstContent::await),
              outcome -> child.end());
      Duration bound = options.firstContent();
      // A whole answer has its first content at its end: this bound is for streams.
      if (bound != null && request.info().stream() && !response.isComplete()) {
        stall = timeline.after(bound.toNanos(), () -> slow(child, bound));
      }
      response.onComplete(
          result -> {
            stall.cancel();
            done(result);
          });
    }

    /** The bound has passed since the try began, or since the timer was set again. */
    private void slow(Call child, Duration bound) {
      Call.Reached reached = child.reached();
      long left =
          reached == null ? bound.toNanos() : reached.nanos() + bound.toNanos() - timeline.nanos();
      if (reached == null || left > 0) { // it queued in the gateway first
        stall = timeline.after(left, () -> slow(child, bound));
        return;
      }
      String message = "no content within " + bound.toMillis() + " ms on one try";
      child.end(Failure.of(Status.STALLED, 504, "first_content", message).at(reached.endpoint()));
    }

    private void done(AsyncResult<InferenceResponse> result) {
      if (result.succeeded()) {
        if (made > 1) {
          recovered.increment();
        }
        InferenceResponse response = result.result();
        answer.complete(response.withHeader("x-forebay-attempts", Integer.toString(made)));
        return;
      }
      Failure failure = Failure.from(result.cause());
      long pause = pauseNanos(failure);
      if (pause < 0) {
        Failure told = failure.after(made);
        answer.fail(failure.status().retryable() ? told.exhaust() : told);
        return;
      }
      retries.increment();
      note(failure, pause);
      attempt = attempt.next(failure.servedBy());
      pause(pause);
    }

    private void note(Failure failure, long pauseNanos) {
      RequestSpan span = request.call().span();
      if (span != null) {
        span.event(
            "retry",
            "reason",
            failure.reason(),
            "endpoint",
            Objects.requireNonNullElse(failure.servedBy(), ""),
            "pause_ms",
            Long.toString(pauseNanos / 1_000_000));
      }
    }

    /** How long to wait before the next try; -1 for no further try. */
    private long pauseNanos(Failure failure) {
      if (!failure.status().retryable()
          || made >= options.attempts()
          || request.call().ended()
          || failure.retryAfterNanos() > options.maxRetryAfter().toNanos()) {
        return -1;
      }
      double bound =
          Math.min(
              (double) options.maxBackoff().toNanos(),
              options.backoff().toNanos() * Math.pow(2, made - 1));
      long pause = Math.max(jitter(bound), failure.retryAfterNanos());
      long now = timeline.nanos();
      if (pause >= request.info().deadlineNanos() - now) {
        return -1;
      }
      if (!budget.take(failure, now)) {
        denied.increment();
        return -1;
      }
      return pause;
    }

    private void pause(long nanos) {
      Registration[] end = {Registration.NONE};
      Registration timer =
          timeline.after(
              nanos,
              () -> {
                end[0].cancel();
                if (request.call().ended()) {
                  answer.tryFail(Endings.why(request.call()));
                } else {
                  go();
                }
              });
      end[0] =
          request
              .call()
              .onEnd(
                  () ->
                      timeline.execute(
                          () -> {
                            timer.cancel();
                            answer.tryFail(Endings.why(request.call()).after(made));
                          }));
    }
  }

  private synchronized long jitter(double bound) {
    return (long) (random.nextDouble() * bound);
  }
}
