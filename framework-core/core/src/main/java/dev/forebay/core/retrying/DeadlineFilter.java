package dev.forebay.core.retrying;

import dev.forebay.core.kernel.OwnFilter;
import dev.forebay.core.stream.Endings;
import dev.forebay.core.stream.FirstContent;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Service;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import java.time.Duration;

/**
 * Bounds on the time of a request, by the wall clock: keep-alives do not extend them. When one
 * passes, the call below ends, and whatever waits or runs on it ends with it.
 */
final class DeadlineFilter implements OwnFilter {

  private final Deadline options;

  /** A filter with its options. */
  public DeadlineFilter(Deadline options) {
    this.options = options;
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    Timeline timeline = request.call().timeline();
    long now = timeline.nanos();
    long arrived = Math.min(now, request.info().arrivedNanos());
    long deadline =
        Math.min(request.info().deadlineNanos(), saturatedAdd(arrived, options.total().toNanos()));
    if (deadline <= now) {
      return Future.failedFuture(Failure.deadline("the deadline had passed on arrival"));
    }
    Call child = request.call().child();
    Registration total = end(timeline, child, arrived, deadline, "no complete answer in time");
    Registration first =
        request.info().stream()
            ? firstContent(timeline, child, arrived, deadline)
            : Registration.NONE;
    Future<InferenceResponse> answer =
        Endings.guardAndTrack(
            child,
            now,
            next.serve(request.with(child).with(request.info().withDeadlineNanos(deadline)))
                .map(response -> steady(child, response))
                .compose(FirstContent::await),
            outcome -> {
              first.cancel();
              total.cancel();
              child.end();
            });
    if (first != Registration.NONE) {
      answer.onComplete(result -> first.cancel());
    }
    return answer;
  }

  private InferenceResponse steady(Call child, InferenceResponse response) {
    Duration bound = options.nextContent();
    return bound == null ? response : NextContent.within(bound, child, response);
  }

  private Registration firstContent(Timeline timeline, Call child, long arrived, long deadline) {
    Duration bound = options.firstContent();
    if (bound == null || saturatedAdd(arrived, bound.toNanos()) >= deadline) {
      return Registration.NONE;
    }
    return end(timeline, child, arrived, arrived + bound.toNanos(), "no content in time");
  }

  private static Registration end(
      Timeline timeline, Call child, long arrived, long atNanos, String what) {
    return timeline.after(
        atNanos - timeline.nanos(),
        () ->
            child.end(
                Failure.deadline(
                    what + ": " + (atNanos - arrived) / 1_000_000 + " ms have passed")));
  }

  private static long saturatedAdd(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
