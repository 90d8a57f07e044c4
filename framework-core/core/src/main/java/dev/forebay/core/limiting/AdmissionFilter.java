package dev.forebay.core.limiting;

import dev.forebay.core.kernel.PendingAnswer;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.kernel.SerialFilter;
import dev.forebay.core.kernel.SerialService;
import dev.forebay.core.stream.Endings;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Service;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.ConcurrencyLimiter.Permit;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import dev.forebay.spi.state.AdmissionState;
import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lets as many requests on as the capacity takes; the rest wait in a queue, and leave it by a
 * permit, by expiry, by being shed, or because their caller left.
 *
 * <p>A permit is given back with the outcome of its request, exactly once, and every permit that
 * comes back asks the queue again. Waking runs in one loop, never recursively: a request that fails
 * at once gives its permit back while the loop is turning, and the loop turns once more.
 */
public final class AdmissionFilter implements SerialFilter {

  private static final long MIN_RETRY_AFTER = 1_000_000_000L;
  private static final long MAX_RETRY_AFTER = 60_000_000_000L;
  private static final double SMOOTHING = 0.1;

  private final String name;
  private final ConcurrencyLimiter limiter;
  private final RequestQueue queue;
  private final Admit options;
  private final Timeline timeline;
  private final PluginErrors errors;
  private final Map<Ticket, Waiter> waiters = new LinkedHashMap<>();
  private final Overtaking overtaking = new Overtaking();
  private final Counter admitted;
  private final Counter queued;
  private final Counter shed;
  private final Counter expired;
  private final Counter left;
  private final Histogram wait;
  private int out;
  private boolean draining;
  private boolean again;
  private Registration recheck = Registration.NONE;
  private long recheckNanos = Long.MAX_VALUE;
  private long lastReleaseNanos = -1;
  private double releaseIntervalNanos;

  /** A filter around a limiter and a queue that were made with {@code context}'s timeline. */
  public AdmissionFilter(
      ConcurrencyLimiter limiter,
      RequestQueue queue,
      Admit options,
      PluginContext context,
      PluginErrors errors) {
    this.name = context.name();
    this.limiter = limiter;
    this.queue = queue;
    this.options = options;
    this.timeline = context.timeline();
    this.errors = errors;
    queue.longestWait(options.maxWait().toNanos());
    this.admitted = context.counter("admitted");
    this.queued = context.counter("queued");
    this.shed = context.counter("shed");
    this.expired = context.counter("expired");
    this.left = context.counter("left");
    this.wait = context.histogram("wait_seconds", Buckets.SECONDS);
    context.gauge("limit", limiter::limit);
    context.gauge("in_flight", limiter::inFlight);
    context.gauge("queue_length", queue::size);
  }

  /** Permits that are out, and requests that wait: both zero when nothing is under way. */
  public AdmissionState state() {
    return new AdmissionState(limit(), out, waiters.size());
  }

  private int limit() {
    try {
      return limiter.limit();
    } catch (Exception | LinkageError e) {
      errors.note(name, e);
      return -1;
    }
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    Waiter waiter = new Waiter(request, next);
    timeline.execute(() -> arrive(waiter));
    return waiter.answer.future();
  }

  private void arrive(Waiter waiter) {
    try {
      Permit permit = waiters.isEmpty() ? acquire(waiter.request.info()) : null;
      if (permit != null) {
        grant(waiter, permit);
        return;
      }
      enqueue(waiter);
    } catch (Exception | LinkageError e) {
      waiter.reject(errors.failure(name, e));
    }
  }

  private @Nullable Permit acquire(RequestInfo request) {
    timeline.check();
    ConcurrencyLimiter.Decision decision =
        Objects.requireNonNull(limiter.acquire(request), "decision: null (expected: one)");
    if (decision instanceof ConcurrencyLimiter.Admitted admitted) {
      return admitted.permit();
    }
    recheck(((ConcurrencyLimiter.Saturated) decision).recheckNanos());
    return null;
  }

  private void enqueue(Waiter waiter) {
    timeline.check();
    long now = timeline.nanos();
    long expires =
        Math.min(waiter.request.info().deadlineNanos(), now + options.maxWait().toNanos());
    if (expires <= now) {
      shed.increment();
      waiter.reject(full("saturated", "no capacity, and no time to wait"));
      return;
    }
    Ticket ticket = new Ticket(waiter.request.info(), now, expires);
    waiter.ticket = ticket;
    waiters.put(ticket, waiter);
    overtaking.waits(waiter.request.info().priority(), now);
    Ticket victim;
    try {
      victim = queue.offer(ticket);
    } catch (Exception | LinkageError e) {
      waiters.remove(ticket);
      waiter.reject(errors.failure(name, e));
      return;
    }
    if (victim != ticket) {
      queued.increment();
      waiter.timer = timeline.after(expires - now, () -> expire(waiter));
      waiter.callEnd = waiter.request.call().onEnd(() -> timeline.execute(() -> leave(waiter)));
    }
    if (victim != null) {
      shed(victim);
    }
    drain();
  }

  private void shed(Ticket victim) {
    Waiter waiter = waiters.remove(victim);
    if (waiter != null) {
      shed.increment();
      waiter.unhook();
      waiter.reject(full(waiter, "queue_full", "the queue is full"));
    }
  }

  private void expire(Waiter waiter) {
    if (takeOut(waiter)) {
      expired.increment();
      waiter.reject(tooLate(waiter));
    }
  }

  /** Its turn came in the instant in which its time was up. */
  private void expired(Waiter waiter, Permit permit) {
    expired.increment();
    Failure why = tooLate(waiter);
    waiter.reject(why);
    out++;
    release(waiter, permit, Outcome.failed(why, waiter.enqueuedNanos(), timeline.nanos()));
  }

  private Failure tooLate(Waiter waiter) {
    return waiter.request.info().deadlineNanos() <= timeline.nanos()
        ? Failure.deadline("the deadline passed in the queue")
        : full(
            waiter, "queue_timeout", "no capacity within " + options.maxWait().toMillis() + " ms");
  }

  private void leave(Waiter waiter) {
    if (takeOut(waiter)) {
      left.increment();
      waiter.reject(Endings.why(waiter.request.call()));
    }
  }

  private boolean takeOut(Waiter waiter) {
    Ticket ticket = waiter.ticket;
    if (ticket == null || waiters.remove(ticket) == null) {
      return false;
    }
    waiter.unhook();
    timeline.check();
    try {
      queue.remove(ticket);
    } catch (Exception | LinkageError e) {
      errors.note(name, e);
    }
    return true;
  }

  /** A refusal; one that says so if requests of this class have no chance. */
  private Failure full(Waiter waiter, String reason, String message) {
    long hopeless = options.maxWait().toNanos();
    return overtaking.lasts(waiter.request.info().priority(), timeline.nanos(), hopeless)
        ? Failure.saturated("outranked", "more urgent requests take the whole capacity")
            .retryAfter(MAX_RETRY_AFTER)
        : full(reason, message);
  }

  private Failure full(String reason, String message) {
    double wait = releaseIntervalNanos * (waiters.size() + 1);
    return Failure.saturated(reason, message)
        .retryAfter((long) Math.clamp(wait, MIN_RETRY_AFTER, MAX_RETRY_AFTER));
  }

  private void drain() {
    if (draining) {
      again = true;
      return;
    }
    draining = true;
    try {
      do {
        again = false;
        while (!waiters.isEmpty() && wakeOne()) {
          // turn
        }
      } while (again);
    } finally {
      draining = false;
    }
  }

  /** Whether to go on. */
  private boolean wakeOne() {
    timeline.check();
    Asking asking = new Asking();
    Ticket ticket;
    try {
      ticket = queue.poll(asking);
    } catch (Exception | LinkageError e) {
      giveBack(asking.permit);
      failAll(errors.failure(name, e));
      return false;
    }
    if (asking.thrown != null) {
      giveBack(asking.permit);
      Failure failure = errors.failure(name, asking.thrown);
      boolean candidate = fail(asking.candidate, failure);
      boolean polled = fail(ticket, failure);
      return candidate || polled;
    }
    if (ticket == null) {
      giveBack(asking.permit);
      return false;
    }
    Waiter waiter = waiters.remove(ticket);
    Permit permit = asking.permit;
    if (waiter != null && permit != null) {
      waiter.unhook();
      if (ticket.expiresNanos() <= timeline.nanos()) {
        expired(waiter, permit);
        return true;
      }
      wait.record(timeline.nanos() - waiter.enqueuedNanos());
      grant(waiter, permit);
      return true;
    }
    giveBack(permit);
    if (waiter != null) {
      waiter.unhook();
      IllegalStateException broken =
          new IllegalStateException("queue gave a ticket that was not admitted");
      waiter.reject(errors.failure(name, broken));
    }
    return true;
  }

  /** One question to the limiter about the ticket whose turn it is. */
  private final class Asking implements Predicate<Ticket> {
    private @Nullable Permit permit;
    private @Nullable Ticket candidate;
    private @Nullable Throwable thrown;

    @Override
    public boolean test(Ticket ticket) {
      if (permit != null || thrown != null) {
        return false;
      }
      try {
        permit = acquire(ticket.request());
      } catch (Exception | LinkageError e) {
        thrown = e;
        candidate = ticket;
      }
      return permit != null;
    }
  }

  private boolean fail(@Nullable Ticket ticket, Failure failure) {
    Waiter waiter = ticket == null ? null : waiters.get(ticket);
    if (waiter == null || !takeOut(waiter)) {
      return false;
    }
    waiter.reject(failure);
    return true;
  }

  /** A queue that throws does not say whose turn it is: nobody is left to wait in it. */
  private void failAll(Failure failure) {
    for (Ticket ticket : List.copyOf(waiters.keySet())) {
      fail(ticket, failure);
    }
  }

  private void giveBack(@Nullable Permit permit) {
    if (permit != null) {
      long now = timeline.nanos();
      release(permit, Outcome.failed(Failure.cancelled(), now, now));
    }
  }

  private void release(Permit permit, Outcome outcome) {
    timeline.check();
    try {
      permit.release(outcome);
    } catch (Exception | LinkageError e) {
      errors.note(name, e);
    }
  }

  private void recheck(long delayNanos) {
    if (delayNanos <= 0 || timeline.nanos() + delayNanos >= recheckNanos) {
      return;
    }
    recheck.cancel();
    recheckNanos = timeline.nanos() + delayNanos;
    recheck =
        timeline.after(
            delayNanos,
            () -> {
              recheckNanos = Long.MAX_VALUE;
              drain();
            });
  }

  private void grant(Waiter waiter, Permit permit) {
    out++;
    admitted.increment();
    waiter.grantedNanos = timeline.nanos();
    overtaking.admitted(waiter.request.info().priority(), waiter.enqueuedNanos());
    if (waiter.request.call().ended()) {
      waiter.request.call().timeline().execute(() -> waiter.leave(permit));
    } else {
      SerialService.ask(waiter.next, waiter.request, served -> waiter.gone(permit, served));
    }
  }

  private void release(Waiter waiter, Permit permit, Outcome outcome) {
    out--;
    measureReleases();
    release(permit, outcome);
    if (waiter.ticket != null) {
      try {
        queue.finished(waiter.ticket, outcome);
      } catch (Exception | LinkageError e) {
        errors.note(name, e);
      }
    }
    drain();
  }

  private void measureReleases() {
    long now = timeline.nanos();
    if (lastReleaseNanos >= 0) {
      releaseIntervalNanos += SMOOTHING * (now - lastReleaseNanos - releaseIntervalNanos);
    }
    lastReleaseNanos = now;
  }

  /** One request between arrival and its permit. */
  private final class Waiter {
    private final InferenceRequest request;
    private final Service next;
    private final PendingAnswer answer = new PendingAnswer();
    private @Nullable Ticket ticket;
    private Registration timer = Registration.NONE;
    private Registration callEnd = Registration.NONE;
    private long grantedNanos;

    Waiter(InferenceRequest request, Service next) {
      this.request = request;
      this.next = next;
    }

    long enqueuedNanos() {
      Ticket mine = ticket;
      return mine == null ? timeline.nanos() : mine.enqueuedNanos();
    }

    void unhook() {
      timer.cancel();
      callEnd.cancel();
    }

    void reject(Failure failure) {
      request.call().timeline().execute(() -> answer.fails(failure));
    }

    /** Its caller had left already. */
    void leave(Permit permit) {
      request.call().timeline().check();
      long now = request.call().timeline().nanos();
      Failure why = Endings.why(request.call());
      Outcome outcome = Outcome.failed(why, now, now);
      timeline.execute(() -> release(this, permit, outcome));
      answer.fails(why);
    }

    void gone(Permit permit, Future<InferenceResponse> served) {
      Endings.track(
          request.call(),
          grantedNanos,
          served,
          outcome -> timeline.execute(() -> release(this, permit, outcome)));
      answer.is(served);
    }
  }
}
