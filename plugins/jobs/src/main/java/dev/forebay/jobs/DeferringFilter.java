package dev.forebay.jobs;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.jobs.Job;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * In front of the pipeline: a request whose caller allows it becomes a job, at once or if it has no
 * answer in the time that the caller waits. Others pass.
 */
final class DeferringFilter implements Filter {

  private final JobService jobs;
  private final Timeline gatewayTimeline;
  private final Duration maxWait;

  DeferringFilter(JobService jobs, Timeline gatewayTimeline, Duration maxWait) {
    this.jobs = jobs;
    this.gatewayTimeline = gatewayTimeline;
    this.maxWait = maxWait;
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    Preference preference = Preference.of(request.head().headers());
    if (preference == null) {
      return next.serve(request);
    }
    if (preference.patience().isZero()) {
      return defer(request, "asked");
    }
    Duration wait = preference.patience().compareTo(maxWait) < 0 ? preference.patience() : maxWait;
    return new Wait(request, wait).ask(next);
  }

  /** A request whose caller waits a little, and then takes a job. */
  private final class Wait {
    private final InferenceRequest request;
    private final Duration wait;
    private final Call call;
    private final Promise<InferenceResponse> answer = Promise.promise();
    private Registration timer = Registration.NONE;
    private boolean decided;

    Wait(InferenceRequest request, Duration wait) {
      this.request = request;
      this.wait = wait;
      this.call = request.call().child();
    }

    Future<InferenceResponse> ask(Service next) {
      timer = call.timeline().after(wait.toNanos(), () -> late());
      next.serve(request.with(call)).onComplete(this::answered);
      return answer.future();
    }

    private void late() {
      if (!decided) {
        decided = true;
        call.end(Failure.deadline("no answer within " + wait.toSeconds() + " s"));
        defer(request, "waited").onComplete(answer);
      }
    }

    private void answered(@Nullable InferenceResponse response, @Nullable Throwable thrown) {
      if (decided) {
        if (response != null) {
          response.tokens().cancel();
        }
        return;
      }
      decided = true;
      timer.cancel();
      if (response != null) {
        response.tokens().outcome().onComplete(over -> call.end());
        answer.complete(response);
        return;
      }
      call.end();
      Failure why = Failure.from(thrown == null ? Failure.internal("no response", null) : thrown);
      if (deferrable(why.status()) && !request.call().ended()) {
        defer(request, why.reason()).onComplete(answer);
      } else {
        answer.fail(why);
      }
    }
  }

  /** Whether later may be better: not if the caller is at fault, or over its limits. */
  private static boolean deferrable(Status status) {
    return status == Status.SATURATED || status == Status.TIMED_OUT || status.retryable();
  }

  private Future<InferenceResponse> defer(InferenceRequest request, String why) {
    Promise<Job> taken = Promise.promise();
    Timeline own = request.call().timeline();
    gatewayTimeline.execute(
        () ->
            jobs.submit(request, why)
                .onComplete(
                    (job, thrown) ->
                        own.execute(
                            () -> {
                              if (job != null) {
                                taken.complete(job);
                              } else {
                                taken.fail(thrown);
                              }
                            })));
    return taken.future().map(job -> accepted(request, job));
  }

  private static InferenceResponse accepted(InferenceRequest request, Job job) {
    Call call = request.call();
    StreamSource whole = new StreamSource(call, call.timeline().nanos(), () -> {});
    Chunk body = new Chunk(JobJson.of(job).toBuffer(), Chunk.Kind.CONTENT, 0, true);
    whole.write(body);
    Headers headers =
        Headers.of("content-type", "application/json")
            .with("location", "/v1/jobs/" + job.id())
            .with("preference-applied", "respond-async");
    return new InferenceResponse("jobs", 202, headers, whole);
  }
}
