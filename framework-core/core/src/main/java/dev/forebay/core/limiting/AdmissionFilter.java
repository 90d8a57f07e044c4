package dev.forebay.core.limiting;

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
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.ConcurrencyLimiter.Permit;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import dev.forebay.spi.state.AdmissionState;
import io.vertx.core.Future;
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

  private final String name;
  private final ConcurrencyLimiter limiter;
  private final WaitingRequests waiting;
  private final Timeline timeline;
  private final PluginErrors errors;
  private final Counter admitted;
  private int out;
  private long offered;
  private boolean draining;
  private boolean again;
  private Registration recheck = Registration.NONE;
  private long recheckNanos = Long.MAX_VALUE;

  /** A filter around a limiter and a queue that were made with {@code context}'s timeline. */
  public AdmissionFilter(
      ConcurrencyLimiter limiter,
      RequestQueue queue,
      Admit options,
      PluginContext context,
      PluginErrors errors) {
    this.name = context.name();
    this.limiter = limiter;
    this.timeline = context.timeline();
    this.errors = errors;
    this.waiting = new WaitingRequests(queue, options, context, errors);
    this.admitted = context.counter("admitted");
    context.gauge("limit", limiter::limit);
    context.gauge("in_flight", limiter::inFlight);
  }

  /** Permits that are out, and requests that wait: both zero when nothing is under way. */
  public AdmissionState state() {
    return new AdmissionState(
        limit(), out, waiting.size(), offered, waiting.tokens(), waiting.oldestNanos() / 1e6);
  }

  private int limit() {
    try {
      return limiter.limit();
    } catch (Exception | Error e) {
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
    offered++;
    try {
      Permit permit = waiting.isEmpty() ? acquire(waiter.request.info()) : null;
      if (permit != null) {
        grant(waiter, permit);
        return;
      }
      waiting.enqueue(waiter);
      drain();
    } catch (Exception | Error e) {
      waiter.reject(errors.failure(name, e));
    }
  }

  private @Nullable Permit acquire(RequestInfo request) {
    timeline.check();
    ConcurrencyLimiter.Decision decision =
        errors.required(limiter.acquire(request), limiter, "acquire", "a decision");
    if (decision instanceof ConcurrencyLimiter.Admitted admitted) {
      return admitted.permit();
    }
    recheck(((ConcurrencyLimiter.Saturated) decision).recheckNanos());
    return null;
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
        while (!waiting.isEmpty() && wakeOne()) {
          // turn
        }
        waiting.giveUp();
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
      ticket = waiting.poll(asking);
    } catch (Exception | Error e) {
      giveBack(asking.permit);
      errors.note(name, e);
      return firstInstead();
    }
    if (asking.thrown != null) {
      giveBack(asking.permit);
      Failure failure = errors.failure(name, asking.thrown);
      boolean candidate = waiting.fail(asking.candidate, failure);
      boolean polled = waiting.fail(ticket, failure);
      return candidate || polled;
    }
    if (ticket == null) {
      giveBack(asking.permit);
      return false;
    }
    if (turn(ticket, asking.permit)) {
      return true;
    }
    errors.note(
        name,
        new IllegalStateException(
            "queue gave a ticket that does not wait (expected: one that does)"));
    return firstInstead();
  }

  /**
   * A queue that does not say whose turn it is costs the order, and no request: the first that came
   * has its turn. Whether to go on.
   */
  private boolean firstInstead() {
    Ticket first = waiting.first();
    if (first == null) {
      return false;
    }
    Permit permit;
    try {
      permit = acquire(first.request());
    } catch (Exception | Error e) {
      return waiting.fail(first, errors.failure(name, e));
    }
    if (permit == null) {
      return false;
    }
    waiting.take(first);
    return turn(first, permit);
  }

  /** Whether such a ticket waited. */
  private boolean turn(Ticket ticket, @Nullable Permit permit) {
    Waiter waiter = waiting.out(ticket);
    if (waiter == null || permit == null) {
      giveBack(permit);
      if (waiter != null) {
        IllegalStateException broken =
            new IllegalStateException("queue gave a ticket that was not admitted");
        waiting.refuse(waiter, errors.failure(name, broken));
      }
    } else if (ticket.expiresNanos() <= timeline.nanos()) {
      Failure why = waiting.expired(waiter, ticket);
      out++;
      release(waiter, permit, Outcome.failed(why, ticket.enqueuedNanos(), timeline.nanos()));
    } else {
      grant(waiter, permit);
    }
    return waiter != null;
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
      } catch (Exception | Error e) {
        thrown = e;
        candidate = ticket;
      }
      return permit != null;
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
    } catch (Exception | Error e) {
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
    waiting.granted(waiter);
    waiter.grantedNanos = timeline.nanos();
    if (waiter.request.call().ended()) {
      waiter.timeline().execute(() -> left(waiter, permit));
    } else {
      SerialService.ask(waiter.next, waiter.request, served -> gone(waiter, permit, served));
    }
  }

  private void release(Waiter waiter, Permit permit, Outcome outcome) {
    out--;
    waiting.released(waiter, outcome);
    release(permit, outcome);
    waiting.finished(waiter, outcome);
    drain();
  }

  /** Its caller had left already. */
  private void left(Waiter waiter, Permit permit) {
    Timeline requestTimeline = waiter.timeline();
    requestTimeline.check();
    long now = requestTimeline.nanos();
    Failure why = Endings.why(waiter.request.call());
    Outcome outcome = Outcome.failed(why, now, now);
    timeline.execute(() -> release(waiter, permit, outcome));
    waiter.answer.fails(why);
  }

  private void gone(Waiter waiter, Permit permit, Future<InferenceResponse> served) {
    Endings.track(
        waiter.request.call(),
        waiter.grantedNanos,
        served,
        outcome -> timeline.execute(() -> release(waiter, permit, outcome)));
    waiter.answer.is(served);
  }
}
