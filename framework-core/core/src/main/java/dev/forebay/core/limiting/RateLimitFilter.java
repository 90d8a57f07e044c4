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
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Amount;
import dev.forebay.spi.policy.RateLimiter.Decision;
import dev.forebay.spi.policy.RateLimiter.Reservation;
import dev.forebay.spi.policy.RateLimiter.Standing;
import io.vertx.core.Future;
import java.util.List;

/**
 * Asks a limiter of the caller's rate, once per request, for what the request is expected to use,
 * and settles each reservation exactly once with what it used. Answers and refusals say how the
 * limits stood when it was decided. What becomes of a request whose limiter fails, or takes too
 * long, is an option. By {@link RateLimit#passBelow()} the limit binds only while enough is under
 * way: a limit that guards a fleet need not refuse what the fleet has room for.
 */
public final class RateLimitFilter implements SerialFilter {

  private static final String EXPECTED = "a future of a decision";

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
  private final Counter expectedTokens;
  private final Counter unusedTokens;
  private final Counter excessTokens;
  private final Expectations expectations;
  private final int passBelow;
  private int underWay;

  /** A filter around a limiter that was made for it. */
  RateLimitFilter(
      RateLimiter limiter,
      RateLimit options,
      Expectations expectations,
      PluginContext context,
      PluginErrors errors) {
    this.options = options;
    this.expectations = expectations;
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
    this.expectedTokens = context.counter("expected_tokens");
    this.unusedTokens = context.counter("unused_tokens");
    this.excessTokens = context.counter("excess_tokens");
  }

  /** One request, from the question to its end. */
  private static final class Asked {
    final InferenceRequest request;
    final Service next;
    final PendingAnswer answer = new PendingAnswer();
    Amount expected = Amount.NONE;
    List<Standing> standing = List.of();

    Asked(InferenceRequest request, Service next) {
      this.request = request;
      this.next = next;
    }

    Timeline timeline() {
      return request.call().timeline();
    }
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    Asked asked = new Asked(request, next);
    gatewayTimeline.execute(() -> begin(asked));
    return asked.answer.future();
  }

  /**
   * Sets a limit, at once.
   *
   * @return whether there is such a limit here
   * @see RateLimiter#change
   */
  public boolean change(String limit, String key, double quota) {
    gatewayTimeline.check();
    return limiter.change(limit, key, quota);
  }

  private void begin(Asked asked) {
    InferenceRequest request = asked.request;
    asked.expected = expectations.of(request.info(), gatewayTimeline.epochMillis());
    Future<Decision> decision = ask(asked);
    if (decision.succeeded()
        && decision.result() instanceof RateLimiter.Admit admit
        && !request.call().ended()) {
      look(asked);
      admitted.increment();
      SerialService.ask(asked.next, request, served -> going(asked, served, admit.reservation()));
      return;
    }
    decision.onComplete(
        result -> {
          look(asked);
          asked
              .timeline()
              .execute(
                  () -> {
                    if (result.succeeded()) {
                      decided(asked, result.result());
                    } else {
                      asked.answer.is(Future.failedFuture(result.cause()));
                    }
                  });
        });
  }

  /** How the limits stand. */
  private void look(Asked asked) {
    gatewayTimeline.check();
    if (options.headers()) {
      try {
        asked.standing = limiter.standing(asked.request.info());
      } catch (Exception | Error e) {
        errors.note(name, e);
      }
    }
  }

  private Future<Decision> ask(Asked asked) {
    gatewayTimeline.check();
    try {
      Future<Decision> decision =
          errors.required(
              limiter.acquire(asked.request.info(), asked.expected), limiter, "acquire", EXPECTED);
      if (passBelow > 0) {
        decision = decision.map(this::yielding);
      }
      if (decision.succeeded()) {
        return decision;
      }
      return inTime(asked.request.info(), decision).recover(thrown -> undecided());
    } catch (Exception | Error e) {
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
  private Future<Decision> inTime(RequestInfo request, Future<Decision> asked) {
    Future<Decision> decided =
        gatewayTimeline.within(
            options.timeout().toNanos(),
            asked,
            () -> {
              timeouts.increment();
              return Failure.deadline("no decision in time");
            });
    asked.onComplete(
        (decision, thrown) -> {
          gatewayTimeline.check();
          if (decided.failed() && decision != null) {
            settle(request, reservation(decision), Amount.NONE);
          }
        });
    return decided;
  }

  private static Reservation reservation(Decision decision) {
    return switch (decision) {
      case RateLimiter.Admit admit -> admit.reservation();
      case RateLimiter.Delay delay -> delay.reservation();
      case RateLimiter.Refuse refuse -> Reservation.NONE;
    };
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
    return (request, used) -> {
      underWay--;
      reservation.settle(request, used);
    };
  }

  private void decided(Asked asked, Decision decision) {
    if (decision instanceof RateLimiter.Admit admit) {
      admitted.increment();
      go(asked, admit.reservation());
    } else if (decision instanceof RateLimiter.Delay delay) {
      delayed.increment();
      delay(asked, delay.reservation(), delay.waitNanos());
    } else if (decision instanceof RateLimiter.Refuse refuse) {
      refused.increment();
      asked.answer.fails(
          Failure.of(
                  Status.REFUSED,
                  429,
                  refuse.reason(),
                  LimitHeaders.message(refuse, asked.standing))
              .retryAfter(refuse.retryAfterNanos())
              .withHeaders(LimitHeaders.of(refuse, asked.standing)));
    } else {
      asked.answer.fails(
          errors.failure(name, errors.returned(limiter, "acquire", "a future of null", EXPECTED)));
    }
  }

  private void delay(Asked asked, Reservation reservation, long waitNanos) {
    Timeline requestTimeline = asked.timeline();
    Registration[] end = {Registration.NONE};
    boolean[] done = {false};
    Registration timer =
        requestTimeline.after(
            waitNanos,
            () -> {
              done[0] = true;
              end[0].cancel();
              go(asked, reservation);
            });
    end[0] =
        asked
            .request
            .call()
            .onEnd(
                () ->
                    requestTimeline.execute(
                        () -> {
                          timer.cancel();
                          if (!done[0]) {
                            done[0] = true;
                            left(asked, reservation);
                          }
                        }));
  }

  /** The caller left before anything was done for it. */
  private void left(Asked asked, Reservation reservation) {
    settle(asked.request.info(), reservation, Amount.NONE);
    asked.answer.fails(Endings.why(asked.request.call()));
  }

  private void go(Asked asked, Reservation reservation) {
    if (asked.request.call().ended()) {
      left(asked, reservation);
      return;
    }
    going(asked, asked.next.serve(asked.request), reservation);
  }

  private void going(Asked asked, Future<InferenceResponse> served, Reservation reservation) {
    if (!reservation.equals(Reservation.NONE)) {
      Endings.track(
          asked.request.call(),
          asked.timeline().nanos(),
          served,
          outcome -> over(asked, reservation, outcome));
    }
    asked.answer.is(asked.standing.isEmpty() ? served : served.map(head -> told(asked, head)));
  }

  private static InferenceResponse told(Asked asked, InferenceResponse head) {
    return head.with(LimitHeaders.on(head.headers(), asked.standing));
  }

  private void over(Asked asked, Reservation reservation, Outcome outcome) {
    RequestInfo request = asked.request.info();
    Amount used = Expectations.used(outcome, asked.request.call().reached() != null);
    gatewayTimeline.execute(
        () -> {
          expectations.learn(request, outcome);
          count(asked.expected.tokens(), used.tokens());
          settle(request, reservation, used);
        });
  }

  private void count(long expected, long used) {
    expectedTokens.add(expected);
    if (used >= 0) {
      unusedTokens.add(Math.max(0, expected - used));
      excessTokens.add(Math.max(0, used - expected));
    }
  }

  private void settle(RequestInfo request, Reservation reservation, Amount used) {
    if (reservation.equals(Reservation.NONE)) {
      return;
    }
    gatewayTimeline.execute(
        () -> {
          try {
            reservation.settle(request, used);
          } catch (Exception | Error e) {
            errors.note(name, e);
          }
        });
  }
}
