package dev.forebay.core.retrying;

import dev.forebay.core.cost.CostedStream;
import dev.forebay.core.kernel.LatencyWindow;
import dev.forebay.core.stream.Endings;
import dev.forebay.core.stream.FirstContent;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Registration;
import dev.forebay.spi.RequestSpan;
import dev.forebay.spi.Service;
import dev.forebay.spi.Timeline;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.jspecify.annotations.Nullable;

/** One request of a {@link HedgeFilter}: one runner, perhaps two. */
final class Race {

  private final HedgeFilter filter;
  private final InferenceRequest request;
  private final Service next;
  private final LatencyWindow window;
  private final long delayNanos;
  private final Timeline timeline;
  private final Promise<InferenceResponse> answer = Promise.promise();
  private final Runner first;
  private @Nullable Runner second;
  private Registration timer = Registration.NONE;
  private boolean over;
  private double lostUsd;

  /**
   * A race.
   *
   * @param window takes the first runner's time to first content
   * @param delayNanos from the moment an endpoint was reached until the second starts; -1 for never
   */
  Race(
      HedgeFilter filter,
      InferenceRequest request,
      Service next,
      LatencyWindow window,
      long delayNanos) {
    this.filter = filter;
    this.request = request;
    this.next = next;
    this.window = window;
    this.delayNanos = delayNanos;
    this.timeline = request.call().timeline();
    this.first = new Runner();
  }

  Future<InferenceResponse> start() {
    first.go(request.attempt());
    if (!over && delayNanos >= 0) {
      timer = timeline.after(delayNanos, this::slow);
    }
    return answer.future();
  }

  /** The delay has passed since the start, or since the timer was set again. */
  private void slow() {
    if (over || request.call().ended()) {
      return;
    }
    Call.Reached reached = first.call.reached();
    long left = reached == null ? delayNanos : reached.nanos() + delayNanos - timeline.nanos();
    if (left > 0) { // it queued in the gateway first
      timer = timeline.after(left, this::slow);
    } else if (reached != null && filter.allowed(request)) {
      RequestSpan span = request.call().span();
      if (span != null) {
        span.event("hedge", "slow", reached.endpoint());
      }
      Runner hedge = new Runner();
      second = hedge;
      hedge.go(request.attempt().next(reached.endpoint()));
    }
  }

  private void won(Runner winner, InferenceResponse response, boolean content) {
    Runner loser = winner == first ? second : first;
    if (content) {
      learn();
    }
    finish();
    if (loser == null) {
      answer.complete(response);
      return;
    }
    if (winner != first) {
      filter.won.increment();
    }
    loser.giveUp();
    answer.complete(
        CostedStream.of(response, outcome -> outcome.withCost(outcome.costUsd() + lostUsd)));
  }

  private void failed(Failure failure) {
    finish();
    Runner hedge = second;
    first.giveUp();
    if (hedge != null) {
      hedge.giveUp();
    }
    answer.fail(hedge == null ? failure : failure.after(2));
  }

  private void finish() {
    over = true;
    timer.cancel();
    filter.over();
  }

  /** Of a first runner that lost it is known that it takes at least so long. */
  private void learn() {
    Call.Reached reached = first.call.reached();
    if (reached != null && first.failure == null) {
      window.add(timeline.nanos() - reached.nanos());
    }
  }

  /** One of the calls. */
  private final class Runner {
    private final Call call = request.call().child();
    private @Nullable Failure failure;
    private @Nullable InferenceResponse empty;
    private @Nullable Outcome outcome;
    private boolean lost;

    void go(Attempt attempt) {
      Future<InferenceResponse> response =
          Endings.guardAndTrack(
              call,
              timeline.nanos(),
              next.serve(request.with(call).with(attempt)).compose(FirstContent::await),
              this::ended);
      response.onComplete(this::arrived);
    }

    private void ended(Outcome how) {
      outcome = how;
      call.end();
      countIfLost();
    }

    private void countIfLost() {
      Outcome how = outcome;
      if (lost && how != null) {
        lostUsd += filter.lost(request, call, how);
      }
    }

    private void arrived(AsyncResult<InferenceResponse> result) {
      if (over) {
        return; // its call has ended, and so has what it brought
      }
      if (result.failed()) {
        failure = Failure.from(result.cause());
      } else if (FirstContent.content(result.result())) {
        won(this, result.result(), true);
        return;
      } else {
        empty = result.result();
      }
      judge();
    }

    /** This one brought no content: whether the other still may. */
    private void judge() {
      Runner other = this == first ? second : first;
      Failure why = failure;
      boolean hopeless = why != null && why.status().callersFault() && !why.status().retryable();
      if (other != null && other.running() && !hopeless) {
        return;
      }
      if (empty != null) {
        won(this, empty, false);
      } else if (other != null && other.empty != null && !hopeless) {
        won(other, other.empty, false);
      } else if (why != null) {
        Failure ofFirst = first.failure;
        failed(hopeless || ofFirst == null ? why : ofFirst);
      }
    }

    private boolean running() {
      return failure == null && empty == null;
    }

    void giveUp() {
      if (failure == null) {
        lost = true;
        countIfLost(); // an empty answer has ended already
      }
      InferenceResponse response = empty;
      call.end();
      if (response != null) {
        response.tokens().cancel();
      }
    }
  }
}
