package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Headers;
import dev.forebay.spi.jobs.Claim;
import dev.forebay.spi.jobs.Creation;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobEvents;
import dev.forebay.spi.jobs.JobRequest;
import dev.forebay.spi.jobs.JobResult;
import dev.forebay.spi.jobs.JobState;
import dev.forebay.spi.jobs.JobStore;
import dev.forebay.spi.jobs.JobStore.IdempotencyKey;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A store on a stage, with jobs whose ids no earlier trial of the same store has used. */
final class JobTrial {

  static final Duration KEEP = Duration.ofHours(1);
  static final Duration LEASE = Duration.ofSeconds(30);
  static final Duration SHORT = Duration.ofSeconds(1);
  static final JobResult RESULT =
      new JobResult(
          200, Headers.of("content-type", "application/json"), Buffer.buffer("{\"a\":1}"));

  private static final long STEP_NANOS = 20_000_000;
  private static final int STEPS = 500;

  final Stage stage;
  final JobStore store;
  private final String run;
  private int made;

  JobTrial(JobStoreContract contract) {
    stage = contract.stage();
    store = contract.plugin().create(stage.context());
    run = Long.toString(stage.context().random().nextLong() >>> 1, 36);
    store.prepare();
    Future<Void> ready = stage.await("ready", store::ready);
    require(ready.succeeded(), "not ready: %s", ready.cause());
  }

  /** The result of a step, which must not fail. */
  <V extends @Nullable Object> V ask(Function<JobStore, Future<V>> step) {
    Future<V> done = stage.await(() -> step.apply(store));
    if (done.failed()) {
      throw Rule.broken("a future of the store failed: %s (expected: none does)", done.cause());
    }
    return done.result();
  }

  long now() {
    return stage.requestTimeline().epochMillis();
  }

  String tenant(String name) {
    return name + "-" + run;
  }

  /** A request of a tenant, with an id of its own. */
  JobRequest request(String tenant, boolean callback) {
    return new JobRequest(
        run + "-" + made++, tenant(tenant), 1, now(), callback, Buffer.buffer("{\"facts\":1}"));
  }

  static Buffer body(String id) {
    return Buffer.buffer("body of " + id + " \u00fc\r\n\0");
  }

  Creation create(JobRequest request, @Nullable IdempotencyKey key, long due, Duration keep) {
    long check = now() + LEASE.toMillis();
    return ask(store -> store.create(request, body(request.id()), key, due, check, keep));
  }

  /** A job that is due, of the tenant {@code acme}. */
  Job create() {
    return created(create(request("acme", false), null, now(), KEEP));
  }

  static Job created(Creation creation) {
    if (creation instanceof Creation.Created fresh) {
      return fresh.job();
    }
    require(false, "creation: %s (expected: Created)", creation);
    throw new IllegalStateException();
  }

  Claim.Claimed claim(String id, String owner, Duration lease) {
    Claim claim = ask(store -> store.claim(id, owner, lease));
    if (claim instanceof Claim.Claimed claimed) {
      return claimed;
    }
    require(false, "claim of %s: %s (expected: Claimed)", id, claim);
    throw new IllegalStateException();
  }

  Claim.Claimed claim(Job job) {
    return claim(job.id(), "worker-a", LEASE);
  }

  Job get(String id) {
    Job job = ask(store -> store.get(id));
    require(job != null, "job %s is not there", id);
    if (job == null) {
      throw new IllegalStateException();
    }
    return job;
  }

  void requireState(String id, JobState expected) {
    Job job = get(id);
    require(job.state() == expected, "state: %s (expected: %s)", job.state(), expected);
  }

  boolean finish(Claim.Claimed claimed, JobState state, String reason) {
    return ask(store -> store.finish(claimed.lease(), state, reason, RESULT));
  }

  /** Events as text, of a job that is there. */
  List<String> events(String id, long after, int most) {
    return texts(ask(store -> store.events(id, after, most, Duration.ZERO)));
  }

  static List<String> texts(@Nullable JobEvents events) {
    require(events != null, "events: null, though the job is there");
    return events == null
        ? List.of()
        : events.events().stream().map(event -> event.number() + ":" + event.data()).toList();
  }

  /** Lets time pass until a step gives what a condition wants, for 10 s at most. */
  <V extends @Nullable Object> V until(
      Function<JobStore, Future<V>> step, Function<V, Boolean> condition) {
    V found = ask(step);
    for (int i = 0; i < STEPS && !condition.apply(found); i++) {
      Probing.pause(stage, STEP_NANOS);
      found = ask(step);
    }
    return found;
  }

  void pause(Duration time) {
    Probing.pause(stage, time.toNanos());
  }

  void close() {
    require(stage.await("close", store::close).succeeded(), "close failed");
  }
}
