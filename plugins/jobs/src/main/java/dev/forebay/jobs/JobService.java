package dev.forebay.jobs;

import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.jobs.Creation;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.jobs.JobRequest;
import dev.forebay.spi.jobs.JobResult;
import dev.forebay.spi.jobs.JobState;
import dev.forebay.spi.jobs.JobStore;
import dev.forebay.spi.jobs.JobStore.IdempotencyKey;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes jobs, tells of them and cancels them: what all ways in use. On the gateway's timeline. */
final class JobService {

  /** How long a job may be without its entry in the queue before it is given one. */
  private static final long UNSURE_MILLIS = 30_000;

  /** How long after its due time a job whose entry the queue has is given another. */
  static final long SURE_MILLIS = Duration.ofHours(1).toMillis();

  private static final int LONGEST_KEY = 255;
  private static final long WARN_EVERY_NANOS = Duration.ofMinutes(1).toNanos();
  private static final Logger LOG = LoggerFactory.getLogger(JobService.class);

  final JobStore store;
  final JobQueue queue;
  final Bounded bounded;
  private final Jobs options;
  private final Timeline timeline;
  private final RandomGenerator chance;
  private final Labelled<Counter> taken;
  private final Labelled<Counter> refused;
  private final String name;
  private boolean warned;
  private long warnedNanos;
  private @Nullable String unusable = "the store and the queue of jobs are not ready yet";

  JobService(Jobs options, PluginContext context) {
    this.options = options;
    this.name = context.name();
    this.timeline = context.timeline();
    this.bounded = new Bounded(timeline);
    this.chance = context.resource(RandomGenerator.class).orElseGet(context::random);
    this.store = context.create(options.store());
    this.queue = context.create(options.queue());
    this.taken = context.counters("taken", Label.of("why"));
    this.refused = context.counters("refused", Label.of("reason"));
  }

  /** A name that cannot be guessed. */
  String name(String prefix) {
    HexFormat hex = HexFormat.of();
    return prefix + hex.toHexDigits(chance.nextLong()) + hex.toHexDigits(chance.nextLong());
  }

  /** Asks both stores whether they can be used; fails with what is wrong. */
  Future<Void> ready() {
    return bounded
        .ask(store::ready)
        .compose(done -> bounded.ask(queue::ready))
        .onSuccess(done -> usable())
        .onFailure(thrown -> unusable = String.valueOf(thrown.getMessage()));
  }

  private void usable() {
    unusable = null;
    if (warned) {
      warned = false;
      LOG.warn("{}: jobs are taken again", name); // beside the line that they are not
    }
  }

  /** Says in the log what cannot be done, and why, once a minute at most. */
  void warn(String what) {
    long now = timeline.nanos();
    if (!warned || now - warnedNanos >= WARN_EVERY_NANOS) {
      warned = true;
      warnedNanos = now;
      LOG.warn("{}: {}: {}", name, what, unusable);
    }
  }

  /** Why no jobs are taken; null if they are. */
  @Nullable String unusable() {
    return unusable;
  }

  /**
   * Takes a job. Completes when both stores have acknowledged it.
   *
   * @param why {@code asked}, or the reason that an answer was not to be had
   */
  Future<Job> submit(InferenceRequest request, String why) {
    return create(request)
        .onSuccess(job -> taken.of(why).increment())
        .onFailure(thrown -> refused.of(Failure.from(thrown).reason()).increment());
  }

  private Future<Job> create(InferenceRequest request) {
    String wrong = unusable;
    if (wrong != null) {
      return Future.failedFuture(unavailable(wrong));
    }
    Buffer facts = Facts.of(request);
    if (facts.length() > Facts.MOST_BYTES) {
      String message = "headers: too large for a job (expected: at most 64 KiB)";
      return Future.failedFuture(
          Failure.of(Status.CALLER_FAULT, 431, "headers_too_large", message));
    }
    String key = request.head().headers().get("idempotency-key");
    if (key != null && (key.isBlank() || key.length() > LONGEST_KEY)) {
      String message = "Idempotency-Key: " + key.length() + " characters (expected: 1 to 255)";
      return Future.failedFuture(
          Failure.of(Status.CALLER_FAULT, 400, "invalid_idempotency_key", message));
    }
    String callback = Facts.callback(request);
    String refusedCallback = callback == null ? null : refusal(callback);
    if (refusedCallback != null) {
      return Future.failedFuture(
          Failure.of(
              Status.CALLER_FAULT,
              400,
              "invalid_callback",
              "x-forebay-callback: " + refusedCallback));
    }
    RequestInfo info = request.info();
    long now = timeline.epochMillis();
    long due = Facts.notBefore(request, now);
    if (due < 0) {
      String message =
          "x-forebay-not-before: not shown (expected: seconds since 1970, within a year)";
      return Future.failedFuture(
          Failure.of(Status.CALLER_FAULT, 400, "invalid_not_before", message));
    }
    JobRequest job =
        new JobRequest(
            name("job_"),
            info.caller().tenant(),
            Math.max(options.priority(), info.priority()),
            now,
            callback != null,
            facts);
    IdempotencyKey named = key == null ? null : new IdempotencyKey(key, fingerprint(request));
    return bounded
        .ask(
            () ->
                store.create(job, request.body(), named, due, now + UNSURE_MILLIS, options.keep()))
        .recover(thrown -> Future.failedFuture(unavailable(thrown.getMessage())))
        .compose(this::created);
  }

  /** Why a callback cannot be; null if it can. */
  private @Nullable String refusal(String callback) {
    Callbacks callbacks = options.callbacks();
    if (callbacks == null) {
      return "the gateway has no callbacks (expected: no such header)";
    }
    try {
      callbacks.address(callback);
      return null;
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  private static Failure unavailable(@Nullable String why) {
    return Failure.saturated("jobs_unavailable", "no jobs are taken now: " + why);
  }

  private Future<Job> created(Creation creation) {
    if (creation instanceof Creation.Created fresh) {
      return enqueue(fresh.job())
          .recover(
              thrown ->
                  bounded
                      .ask(() -> store.withdraw(fresh.job().id()))
                      .otherwise(true)
                      .compose(
                          gone ->
                              gone
                                  ? Future.failedFuture(unavailable(thrown.getMessage()))
                                  : Future.succeededFuture(fresh.job()))); // a worker has it
    }
    if (creation instanceof Creation.Repeated again) {
      Job job = again.job();
      boolean lost = job.state() == JobState.QUEUED && !job.enqueued();
      return lost
          ? bounded
              .ask(() -> queue.enqueue(job.entry()))
              .compose(done -> note(job)) // else the first to ask for it may withdraw it
              .map(job)
              .recover(thrown -> Future.failedFuture(unavailable(thrown.getMessage())))
          : Future.succeededFuture(job);
    }
    return creation instanceof Creation.KeyReused
        ? Future.failedFuture(
            Failure.of(
                Status.CALLER_FAULT,
                422,
                "idempotency_key_reused",
                "Idempotency-Key: used before with another body (expected: a new key, or the same"
                    + " body)"))
        : Future.failedFuture(Failure.saturated("jobs_full", "the store takes no more jobs now"));
  }

  /** Puts a job's entry in, and notes that it is there; nobody waits for the note. */
  Future<Job> enqueue(Job job) {
    return bounded
        .ask(() -> queue.enqueue(job.entry()))
        .map(
            done -> {
              note(job);
              return job;
            });
  }

  private Future<Void> note(Job job) {
    long check = Math.max(job.dueMillis(), timeline.epochMillis()) + SURE_MILLIS;
    return bounded.ask(() -> store.enqueued(job.id(), check));
  }

  /** Asks for a caller: that a store does not answer is no fault of the gateway's own. */
  private <V extends @Nullable Object> Future<V> asked(Supplier<Future<V>> step) {
    return bounded
        .ask(step)
        .recover(
            thrown ->
                Future.failedFuture(
                    Failure.saturated(
                        "jobs_unavailable",
                        "jobs cannot be asked for now: " + thrown.getMessage())));
  }

  /** A job of any tenant; null if there is none. */
  Future<@Nullable Job> get(String id) {
    return asked(() -> store.get(id));
  }

  /** A tenant's job; what belongs to another is not there. */
  Future<Job> find(String tenant, String id) {
    return get(id)
        .compose(
            job ->
                job == null || !job.request().tenant().equals(tenant)
                    ? Future.failedFuture(
                        Failure.of(
                            Status.CALLER_FAULT,
                            404,
                            "job_not_found",
                            "job: not found (expected: one of yours)"))
                    : Future.succeededFuture(job));
  }

  /** The result of a job that was found; null if there is none. */
  Future<@Nullable JobResult> result(Job job) {
    return job.state().over() ? asked(() -> store.result(job.id())) : Future.succeededFuture(null);
  }

  /** Cancels a job that was found; {@code by} whom, for its reason. */
  Future<Job> cancel(Job job, String by) {
    return asked(() -> store.cancel(job.id(), "cancelled by " + by))
        .map(after -> after == null ? job : after);
  }

  /** Begins a job of any tenant again that is over; null if there is none that is over. */
  Future<@Nullable Job> revive(String id) {
    long check = timeline.epochMillis() + UNSURE_MILLIS;
    return asked(() -> store.revive(id, check))
        .compose(
            job ->
                job == null
                    ? Future.succeededFuture(null)
                    : enqueue(job).otherwise(job)); // else its check time finds it
  }

  Future<List<Job>> list(@Nullable String tenant, @Nullable JobState state, int most) {
    return asked(() -> store.list(tenant, state, most));
  }

  /** Of what was asked: the operation and the body. */
  private static String fingerprint(InferenceRequest request) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(request.info().operation().name().getBytes(StandardCharsets.US_ASCII));
      digest.update((byte) 0);
      return HexFormat.of().formatHex(digest.digest(request.body().getBytes()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each JDK has it
    }
  }
}
