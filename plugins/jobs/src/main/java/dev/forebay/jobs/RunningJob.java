package dev.forebay.jobs;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.jobs.Claim;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobDelivery;
import dev.forebay.spi.jobs.JobLease;
import dev.forebay.spi.jobs.JobResult;
import dev.forebay.spi.jobs.JobState;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One try of a job: a request of the gateway's pipeline whose answer goes to the store.
 *
 * <p>It ends once: with an answer, a failure, a lost lease, or because the worker stops. At an end
 * the store is told first, and then the entry is settled; both are asked until they have answered.
 */
final class RunningJob {

  /** Events that one append holds at most. */
  private static final int MOST_EVENTS = 500;

  private static final int HEARTBEATS = 3;
  private static final Duration GRACE = Duration.ofSeconds(30);
  private static final int LONGEST_REASON = 300;

  private final Worker worker;
  private final JobDelivery delivery;
  private final Job job;
  private final JobLease lease;
  private final Buffer body;
  private final Call call;
  private final boolean stream;
  private final Buffer whole = Buffer.buffer();
  private List<Buffer> unwritten = new ArrayList<>();
  private Future<Boolean> appending = Future.succeededFuture(true);
  private Registration heartbeat = Registration.NONE;
  private @Nullable InferenceResponse head;
  private long written;
  private long bytes;
  private boolean over;

  RunningJob(Worker worker, JobDelivery delivery, Claim.Claimed claimed) {
    this.worker = worker;
    this.delivery = delivery;
    this.job = claimed.job();
    this.lease = claimed.lease();
    this.body = claimed.body();
    this.call = Call.root(worker.timeline);
    call.keep();
    this.stream = Facts.isStream(job.request().facts());
    this.written = job.events();
  }

  /** Takes an entry out whose job is over; a dead one leaves a dead letter, perhaps again. */
  static Future<Void> settle(JobDelivery delivery, Job job) {
    return job.state() == JobState.DEAD
        ? delivery.reject(job.reason(), job.attempts())
        : delivery.done();
  }

  void begin() {
    if (job.attempts() > 1 + worker.options.retries()) {
      String reason = "its workers were lost " + (job.attempts() - 1) + " times";
      finish(JobState.DEAD, reason, null, "lost");
      return;
    }
    beat();
    if (stream && written > 0) {
      unwritten.add(
          Buffer.buffer("event: restart\ndata: {\"attempt\":" + job.attempts() + "}\n\n"));
    }
    Timeline timeline = worker.timeline;
    InferenceRequest request =
        Facts.request(
            job.request().facts(),
            body,
            job.id() + "-" + job.epoch(),
            worker.options.priority(),
            call,
            timeline.nanos() + worker.options.timeout().toNanos());
    Registration limit =
        timeline.after(
            worker.options.timeout().toNanos(),
            () ->
                call.end(
                    Failure.deadline(
                        "no answer within " + worker.options.timeout().toSeconds() + " s")));
    call.onEnd(
        () -> {
          limit.cancel();
          timeline.execute(this::ended);
        });
    worker
        .gateway
        .get()
        .serve(request)
        .onComplete((answer, thrown) -> timeline.execute(() -> answered(answer, thrown)));
  }

  /** The lease is extended as long as the work goes on; a slow store ends no work. */
  private void beat() {
    heartbeat =
        worker.timeline.after(
            worker.options.lease().toNanos() / HEARTBEATS,
            () -> {
              beat();
              delivery.extend();
              worker
                  .jobs
                  .bounded
                  .ask(() -> worker.jobs.store.extend(lease, worker.options.lease()))
                  .onSuccess(held -> held(held));
            });
  }

  private void held(boolean held) {
    if (!held && !over) {
      leave();
    }
  }

  /** Somebody else has the job, or it was cancelled: what was done is nobody's. */
  private void leave() {
    if (stop()) {
      worker.lost();
    }
    settle(delivery::done);
  }

  /** The call has ended for a reason of its own. */
  private void ended() {
    Failure why = call.reason();
    if (!over) {
      failed(why == null ? Failure.cancelled() : why);
    }
  }

  private void answered(@Nullable InferenceResponse answer, @Nullable Throwable thrown) {
    if (over) {
      if (answer != null) {
        answer.tokens().cancel();
      }
    } else if (answer == null) {
      failed(Failure.from(thrown == null ? Failure.internal("no response", null) : thrown));
    } else {
      head = answer;
      read(answer.tokens());
    }
  }

  private void read(TokenStream tokens) {
    while (!over && unwritten.size() < MOST_EVENTS) {
      Future<Chunk> next = tokens.next();
      if (!next.isComplete()) {
        if (!unwritten.isEmpty()) {
          write(() -> {});
        }
        next.onComplete(
            (chunk, thrown) ->
                worker.timeline.execute(
                    () -> {
                      take(tokens, chunk, thrown);
                      read(tokens);
                    }));
        return;
      }
      take(tokens, next.result(), next.cause());
    }
    if (!over) {
      write(() -> read(tokens));
    }
  }

  private void take(TokenStream tokens, @Nullable Chunk chunk, @Nullable Throwable thrown) {
    if (over) {
      return;
    }
    if (chunk == null) {
      failed(Failure.from(thrown == null ? Failure.internal("no chunk", null) : thrown));
      return;
    }
    bytes += chunk.data().length();
    if (bytes > worker.options.maxResult()) {
      tokens.cancel();
      String reason = "its answer is larger than " + worker.options.maxResult() + " bytes";
      finish(JobState.FAILED, reason, error(500, "answer_too_large", reason), "too_large");
    } else if (chunk.last() || chunk.kind() != Chunk.Kind.WAITING) {
      keep(chunk);
    }
  }

  private void keep(Chunk chunk) {
    if (!stream) {
      whole.appendBuffer(chunk.data());
    } else if (chunk.data().length() > 0) {
      unwritten.add(chunk.data());
    }
    if (chunk.last()) {
      finish(JobState.DONE, "", result(), "ok");
    }
  }

  private JobResult result() {
    InferenceResponse answer = head;
    return answer == null
        ? error(500, "internal", "no head")
        : new JobResult(answer.status(), answer.headers(), whole);
  }

  private static JobResult error(int status, String code, String message) {
    Headers json = Headers.of("content-type", "application/json");
    return new JobResult(status, json, JobJson.error(code, message));
  }

  /** Appends what was read, in order: the next append waits for the one before. */
  private Future<Boolean> write(Runnable then) {
    List<Buffer> data = unwritten;
    long first = written + 1;
    unwritten = new ArrayList<>();
    written += data.size();
    Future<Boolean> appended =
        appending.compose(
            held ->
                !held || data.isEmpty()
                    ? Future.succeededFuture(held)
                    : worker.jobs.bounded.insist(
                        () -> worker.jobs.store.append(lease, first, data)));
    appending = appended;
    return appended.onSuccess(
        held -> {
          held(held);
          then.run();
        });
  }

  private void failed(Failure failure) {
    Status status = failure.status();
    String reason = shortened(failure.reason() + ": " + failure.getMessage());
    if (status == Status.SATURATED || status == Status.REFUSED) {
      putOff(failure);
    } else if (status.callersFault()) {
      Headers json = Headers.of("content-type", "application/json");
      JobResult answer = new JobResult(failure.callerStatus(), json, JobJson.error(failure));
      finish(JobState.FAILED, reason, answer, status.name());
    } else if (job.attempts() > worker.options.retries()) {
      finish(JobState.DEAD, reason, null, status.name());
    } else {
      retry(failure, reason);
    }
  }

  private static String shortened(String reason) {
    String line = reason.replaceAll("\\s*\\R\\s*", " ");
    return line.length() > LONGEST_REASON ? line.substring(0, LONGEST_REASON) : line;
  }

  private void finish(JobState state, String reason, @Nullable JobResult result, String outcome) {
    if (!stop()) {
      return;
    }
    worker.tried(outcome.toLowerCase(Locale.ROOT));
    write(() -> {})
        .compose(
            held ->
                worker.jobs.bounded.insist(
                    () -> worker.jobs.store.finish(lease, state, reason, result)))
        .onSuccess(
            mine ->
                settle(
                    mine && state == JobState.DEAD
                        ? () -> delivery.reject(reason, job.attempts())
                        : delivery::done))
        .onFailure(closed -> worker.left(this));
  }

  private void retry(Failure failure, String reason) {
    if (!stop()) {
      return;
    }
    worker.tried(failure.status().name().toLowerCase(Locale.ROOT));
    long pause =
        Math.max(worker.options.pauseMillis(job.attempts()), failure.retryAfterNanos() / 1_000_000);
    long due = worker.timeline.epochMillis() + pause;
    write(() -> {})
        .compose(
            held ->
                worker.jobs.bounded.insist(
                    () -> worker.jobs.store.retryAt(lease, due, GRACE, reason)))
        .onSuccess(mine -> settle(mine ? () -> delivery.retryAt(due) : delivery::done))
        .onFailure(closed -> worker.left(this));
  }

  /** The gateway has no room, or the caller is over its limits: no try of the job's. */
  private void putOff(Failure failure) {
    long pause = Math.max(1_000, failure.retryAfterNanos() / 1_000_000);
    release("put_off", pause);
  }

  /** The worker stops: another one takes it, at once. */
  void giveBack() {
    release("given_back", 0);
  }

  /** The entry comes again after a pause; the job is checked later than that. */
  private void release(String outcome, long pauseMillis) {
    if (!stop()) {
      return;
    }
    Duration grace = GRACE.plusMillis(pauseMillis);
    long due = worker.timeline.epochMillis() + pauseMillis;
    worker.tried(outcome);
    write(() -> {})
        .compose(held -> worker.jobs.bounded.insist(() -> worker.jobs.store.release(lease, grace)))
        .onSuccess(mine -> settle(mine ? () -> delivery.retryAt(due) : delivery::done))
        .onFailure(closed -> worker.left(this));
  }

  /** Ends the work; false if it had ended. */
  private boolean stop() {
    if (over) {
      return false;
    }
    over = true;
    heartbeat.cancel();
    InferenceResponse reading = head;
    call.end();
    if (reading != null) {
      reading.tokens().cancel();
    }
    return true;
  }

  private void settle(Supplier<Future<Void>> settlement) {
    worker.jobs.bounded.insist(settlement).onComplete(done -> worker.left(this));
  }
}
