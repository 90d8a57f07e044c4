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
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.Timings;
import dev.forebay.spi.Usage;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Decision;
import dev.forebay.spi.policy.RateLimiter.Reservation;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/**
 * Asks a limiter of the caller's rate, once per request, and settles each reservation exactly once.
 * What becomes of a request whose limiter fails, or takes too long, is an option. By {@link
 * RateLimit#passBelow()} the limit binds only while enough is under way: a limit that guards a
 * fleet need not refuse what the fleet has room for.
 */
final class RateLimitFilter implements SerialFilter {

  private final String name;
  private final RateLimiter limiter;
  private final RateLimit options;
  private final Timeline gatewayTimeline;
  private final PluginErrors errors;
  private final Counter admitted;
  private final Counter delayed;
  private final Counter refused;
  private final Counter passed;
  private final Counter timeouts;
  private final Counter unlimited;
  private final int passBelow;
  private int underWay;

  /** A filter around a limiter that was made for it. */
  RateLimitFilter(
      RateLimiter limiter, RateLimit options, PluginContext context, PluginErrors errors) {
    this.options = options;
    this.name = context.name();
    this.limiter = limiter;
    this.passBelow = options.passBelow();
    this.gatewayTimeline = context.timeline();
    this.errors = errors;
    this.admitted = context.counter("admitted");
    this.delayed = context.counter("delayed");
    this.refused = context.counter("refused");
    this.passed = context.counter("failed_open");
    this.timeouts = context.counter("timeouts");
    this.unlimited = context.counter("passed_over_limit");
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    PendingAnswer answer = new PendingAnswer();
    Timeline requestTimeline = request.call().timeline();
    gatewayTimeline.execute(
        () -> {
          Future<Decision> asked = ask(request);
          if (asked.succeeded()
              && asked.result() instanceof RateLimiter.Admit admit
              && !request.call().ended()) {
            admitted.increment();
            SerialService.ask(
                next, request, served -> going(request, served, admit.reservation(), answer));
            return;
          }
          inTime(asked)
              .onComplete(
                  result ->
                      requestTimeline.execute(
                          () -> {
                            if (result.succeeded()) {
                              decided(request, next, result.result(), answer);
                            } else {
                              answer.is(Future.failedFuture(result.cause()));
                            }
                          }));
        });
    return answer.future();
  }

  private Future<Decision> ask(InferenceRequest request) {
    gatewayTimeline.check();
    try {
      Future<Decision> decision = limiter.acquire(request.info());
      if (passBelow > 0) {
        decision = decision.map(this::yielding);
      }
      if (decision.succeeded()) {
        return decision;
      }
      return decision.recover(thrown -> undecided());
    } catch (Exception | LinkageError e) {
      return Future.failedFuture(errors.failure(name, e));
    }
  }

  /** What a request gets whose limiter does not decide. */
  private Future<Decision> undecided() {
    if (options.onFailure() == RateLimit.OnFailure.REFUSE) {
      return Future.failedFuture(
          Failure.saturated("limiter_failed", "the limiter of the caller's rate does not decide"));
    }
    passed.increment();
    return Future.succeededFuture(new RateLimiter.Admit(Reservation.NONE));
  }

  /** Bounds the time of a decision. One that comes too late is settled at once, as unused. */
  private Future<Decision> inTime(Future<Decision> asked) {
    if (asked.isComplete()) {
      return asked;
    }
    Promise<Decision> decided = Promise.promise();
    Registration timer =
        gatewayTimeline.after(
            options.timeout().toNanos(),
            () -> {
              timeouts.increment();
              undecided().onComplete(decided::tryComplete, decided::tryFail);
            });
    asked.onComplete(
        (decision, thrown) -> {
          gatewayTimeline.check();
          timer.cancel();
          if (thrown != null) {
            decided.tryFail(thrown);
          } else if (!decided.tryComplete(decision) && decision != null) {
            settle(reservation(decision), unused());
          }
        });
    return decided.future();
  }

  private static Reservation reservation(Decision decision) {
    return switch (decision) {
      case RateLimiter.Admit admit -> admit.reservation();
      case RateLimiter.Delay delay -> delay.reservation();
      case RateLimiter.Refuse refuse -> Reservation.NONE;
    };
  }

  private Outcome unused() {
    long now = gatewayTimeline.nanos();
    return Outcome.failed(Failure.cancelled(), Usage.NONE, new Timings(now, -1, now));
  }

  /** A limit that yields while little is under way, and counts what is. */
  private Decision yielding(Decision decision) {
    gatewayTimeline.check();
    boolean room = underWay < passBelow;
    if (decision instanceof RateLimiter.Admit admit) {
      return new RateLimiter.Admit(counted(admit.reservation()));
    } else if (decision instanceof RateLimiter.Delay delay) {
      Reservation counted = counted(delay.reservation());
      return room ? overLimit(counted) : new RateLimiter.Delay(counted, delay.waitNanos());
    }
    return room && decision instanceof RateLimiter.Refuse
        ? overLimit(counted(Reservation.NONE))
        : decision;
  }

  private Decision overLimit(Reservation reservation) {
    unlimited.increment();
    return new RateLimiter.Admit(reservation);
  }

  /** A reservation whose request is under way until it is settled. */
  private Reservation counted(Reservation reservation) {
    underWay++;
    return outcome -> {
      underWay--;
      reservation.settle(outcome);
    };
  }

  private void decided(
      InferenceRequest request, Service next, Decision decision, PendingAnswer answer) {
    if (decision instanceof RateLimiter.Admit admit) {
      admitted.increment();
      go(request, next, admit.reservation(), answer);
    } else if (decision instanceof RateLimiter.Delay delay) {
      delayed.increment();
      delay(request, next, delay.reservation(), delay.waitNanos(), answer);
    } else if (decision instanceof RateLimiter.Refuse refuse) {
      refused.increment();
      answer.fails(
          Failure.of(Status.REFUSED, 429, refuse.reason(), "the caller's rate limit is reached")
              .retryAfter(refuse.retryAfterNanos()));
    } else {
      answer.fails(
          errors.failure(name, new NullPointerException("decision: null (expected: one)")));
    }
  }

  private void delay(
      InferenceRequest request,
      Service next,
      Reservation reservation,
      long waitNanos,
      PendingAnswer answer) {
    Timeline requestTimeline = request.call().timeline();
    Registration[] end = {Registration.NONE};
    boolean[] done = {false};
    Registration timer =
        requestTimeline.after(
            waitNanos,
            () -> {
              done[0] = true;
              end[0].cancel();
              go(request, next, reservation, answer);
            });
    end[0] =
        request
            .call()
            .onEnd(
                () ->
                    requestTimeline.execute(
                        () -> {
                          timer.cancel();
                          if (!done[0]) {
                            done[0] = true;
                            left(request, reservation, answer);
                          }
                        }));
  }

  private void left(InferenceRequest request, Reservation reservation, PendingAnswer answer) {
    Failure why = Endings.why(request.call());
    long now = request.call().timeline().nanos();
    settle(reservation, Outcome.failed(why, Usage.NONE, new Timings(now, -1, now)));
    answer.fails(why);
  }

  private void go(
      InferenceRequest request, Service next, Reservation reservation, PendingAnswer answer) {
    if (request.call().ended()) {
      left(request, reservation, answer);
      return;
    }
    going(request, next.serve(request), reservation, answer);
  }

  private void going(
      InferenceRequest request,
      Future<InferenceResponse> served,
      Reservation reservation,
      PendingAnswer answer) {
    if (!reservation.equals(Reservation.NONE)) {
      Endings.track(
          request.call(),
          request.call().timeline().nanos(),
          served,
          outcome -> settle(reservation, outcome));
    }
    answer.is(served);
  }

  private void settle(Reservation reservation, Outcome outcome) {
    if (reservation.equals(Reservation.NONE)) {
      return;
    }
    gatewayTimeline.execute(
        () -> {
          try {
            reservation.settle(outcome);
          } catch (Exception | LinkageError e) {
            errors.note(name, e);
          }
        });
  }
}
