package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Caller;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timings;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Admit;
import dev.forebay.spi.policy.RateLimiter.Decision;
import dev.forebay.spi.policy.RateLimiter.Delay;
import dev.forebay.spi.policy.RateLimiter.Refuse;
import dev.forebay.spi.policy.RateLimiter.Reservation;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules for rate limiters: L1 and following of {@code docs/spec.md}. */
public interface RateLimiterContract extends PluginContract<RateLimiter> {

  /** Requests at one instant of which a limiter must stop some. */
  int FLOOD = 50_000;

  private static Decision ask(RateLimiter limiter, TestContext context, int id, Caller caller) {
    Future<Decision> asked =
        limiter.acquire(Requests.chat("r" + id, caller, context.timeline().nanos()));
    require(asked != null, "acquire returned null (expected: a future)");
    Decision decision = context.await(asked).result();
    require(decision != null, "acquire returned a future of null (expected: a decision)");
    return decision;
  }

  /** Admits at one instant until the limiter stops the caller; what was reserved is returned. */
  private static List<Reservation> exhaust(RateLimiter limiter, TestContext context, int caller) {
    List<Reservation> admitted = new ArrayList<>();
    for (int i = 0; i < FLOOD; i++) {
      if (!(ask(limiter, context, i, Requests.caller(caller)) instanceof Admit admit)) {
        return admitted;
      }
      admitted.add(admit.reservation());
    }
    return admitted;
  }

  /** L1: every answer comes, and is well formed. */
  @Test
  default void l1_everyDecisionComesAndIsWellFormed() {
    Rule.check(
        this,
        "L1",
        () -> {
          TestContext context = TestContext.create();
          RateLimiter limiter = plugin().create(context);
          for (int i = 0; i < 2_000; i++) {
            Decision decision = ask(limiter, context, i, Requests.caller(i % 3));
            if (decision instanceof Delay delay) {
              require(delay.waitNanos() > 0, "wait: %d ns (expected: > 0)", delay.waitNanos());
            } else if (decision instanceof Refuse refuse) {
              require(
                  refuse.retryAfterNanos() > 0,
                  "retry after: %d ns (expected: > 0)",
                  refuse.retryAfterNanos());
              require(
                  refuse.reason().matches("[a-z][a-z0-9_]*"),
                  "reason: %s (expected: a lower-case word)",
                  refuse.reason());
            } else {
              require(decision instanceof Admit, "decision: %s", decision);
            }
            context.pass(1_000_000);
          }
        });
  }

  /** L2: a caller who asks without end at one instant is stopped. */
  @Test
  default void l2_aFloodAtOneInstantIsStopped() {
    Rule.check(
        this,
        "L2",
        () -> {
          TestContext context = TestContext.create();
          int admitted = exhaust(plugin().create(context), context, 1).size();
          require(
              admitted < FLOOD,
              "%d requests at one instant were admitted (expected: fewer)",
              FLOOD);
        });
  }

  /** L3: who waits as long as told is not refused again. */
  @Test
  default void l3_whoWaitsAsToldIsNotRefusedAgain() {
    Rule.check(
        this,
        "L3",
        () -> {
          TestContext context = TestContext.create();
          RateLimiter limiter = plugin().create(context);
          for (int i = 0; i < 20; i++) {
            exhaust(limiter, context, 1).forEach(one -> one.settle(Outcomes.ok(0, 1_000_000)));
            Decision stopped = ask(limiter, context, i, Requests.caller(1));
            if (stopped instanceof Refuse refuse) {
              context.pass(refuse.retryAfterNanos());
              Decision again = ask(limiter, context, i, Requests.caller(1));
              require(
                  !(again instanceof Refuse),
                  "refused again after waiting %d ns as told",
                  refuse.retryAfterNanos());
            }
          }
        });
  }

  /** L4: idle time is not saved up beyond the burst. */
  @Test
  default void l4_idleTimeIsNotSavedUp() {
    Rule.check(
        this,
        "L4",
        () -> {
          TestContext context = TestContext.create();
          RateLimiter limiter = plugin().create(context);
          List<Reservation> first = exhaust(limiter, context, 1);
          first.forEach(one -> one.settle(Outcomes.ok(0, 1_000_000)));
          context.passSeconds(100 * 86_400L);
          int later = exhaust(limiter, context, 1).size();
          require(
              later <= first.size(),
              "%d requests at one instant after 100 idle days, %d at first (expected: no more)",
              later,
              first.size());
        });
  }

  /** L5: settling gives back no more than was taken. */
  @Test
  default void l5_settlingGivesBackNoMoreThanWasTaken() {
    Rule.check(
        this,
        "L5",
        () -> {
          TestContext context = TestContext.create();
          RateLimiter limiter = plugin().create(context);
          List<Reservation> first = exhaust(limiter, context, 1);
          first.forEach(one -> one.settle(Outcomes.failed(Status.CANCELLED, 0, 0)));
          int again = exhaust(limiter, context, 1).size();
          require(
              again <= first.size(),
              "%d requests at one instant, and %d more after they were settled unused (expected: "
                  + "no more than the first)",
              first.size(),
              again);
        });
  }

  /** L6: a reservation can be settled with any ending and any usage. */
  @Test
  default void l6_settlesWithAnyEnding() {
    Rule.check(
        this,
        "L6",
        () -> {
          TestContext context = TestContext.create();
          RateLimiter limiter = plugin().create(context);
          int caller = 0;
          for (Status status : Status.values()) {
            for (int tokens : new int[] {0, 1, 1_000_000_000}) {
              Decision decision = ask(limiter, context, caller, Requests.caller(caller++));
              Outcome ending = Outcomes.of(status, 0, 1_000);
              Usage usage = new Usage(tokens, 0, tokens, 0);
              Outcome used =
                  new Outcome(status, usage, new Timings(0, -1, 1_000), ending.failure());
              if (decision instanceof Admit admit) {
                admit.reservation().settle(used);
              } else if (decision instanceof Delay delay) {
                delay.reservation().settle(used);
              }
              require(
                  ask(limiter, context, caller, Requests.caller(caller++)) != null, "no decision");
            }
          }
        });
  }

  /** L7, optional: callers who differ in everything do not share a limit. */
  @Test
  default void l7_optional_callersDoNotShareALimit() {
    Rule.check(
        this,
        "L7",
        () -> {
          TestContext context = TestContext.create();
          RateLimiter limiter = plugin().create(context);
          int first = exhaust(limiter, context, 1).size();
          int second = exhaust(limiter, context, 2).size();
          require(
              first == second,
              "%d requests of one caller were admitted, then %d of another (expected: as many)",
              first,
              second);
        });
  }

  /** L8, optional: what a caller says of itself does not lift its limit. */
  @Test
  default void l8_optional_claimsDoNotLiftALimit() {
    Rule.check(
        this,
        "L8",
        () -> {
          TestContext context = TestContext.create();
          RateLimiter limiter = plugin().create(context);
          exhaust(limiter, context, 1);
          Caller known = Requests.caller(1);
          for (int i = 0; i < 100; i++) {
            Caller claims =
                new Caller(known.address(), known.keyId(), known.tenant(), "user" + i, "chat" + i);
            require(
                !(ask(limiter, context, i, claims) instanceof Admit),
                "admitted under another user and session (expected: the key, tenant or address "
                    + "decides)");
          }
        });
  }
}
