package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Caller;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Admit;
import dev.forebay.spi.policy.RateLimiter.Amount;
import dev.forebay.spi.policy.RateLimiter.Decision;
import dev.forebay.spi.policy.RateLimiter.Delay;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import dev.forebay.spi.policy.RateLimiter.Refuse;
import dev.forebay.spi.policy.RateLimiter.Reservation;
import dev.forebay.spi.policy.RateLimiter.Standing;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules for rate limiters: L1 and following of {@code docs/spec.md}. */
public interface RateLimiterContract extends PluginContract<RateLimiter> {

  /** Requests at one instant of which a limiter must stop some. */
  int FLOOD = 50_000;

  /** A reservation, and the request that it was made for. */
  record Taken(RequestInfo request, Reservation reservation) {

    /** Settles it. */
    void settle(Amount used) {
      reservation.settle(request, used);
    }
  }

  private static Decision ask(
      RateLimiter limiter, TestContext context, RequestInfo request, Amount expected) {
    Future<Decision> asked = limiter.acquire(request, expected);
    require(asked != null, "acquire returned null (expected: a future)");
    Decision decision = context.await("acquire", asked).result();
    require(decision != null, "acquire returned a future of null (expected: a decision)");
    return decision;
  }

  private static RequestInfo request(TestContext context, int id, Caller caller) {
    return Requests.chat("r" + id, caller, context.timeline().nanos());
  }

  private static Decision ask(RateLimiter limiter, TestContext context, int id, Caller caller) {
    return ask(limiter, context, request(context, id, caller), Amounts.EXPECTED);
  }

  /** Admits at one instant until the limiter stops the caller; what was reserved is returned. */
  private static List<Taken> exhaust(RateLimiter limiter, TestContext context, int caller) {
    List<Taken> admitted = new ArrayList<>();
    for (int i = 0; i < FLOOD; i++) {
      RequestInfo request = request(context, i, Requests.caller(caller));
      Decision decision = ask(limiter, context, request, Amounts.EXPECTED);
      if (decision instanceof Delay delay) {
        delay.reservation().settle(request, Amount.NONE);
        return admitted;
      } else if (decision instanceof Admit admit) {
        admitted.add(new Taken(request, admit.reservation()));
      } else {
        return admitted;
      }
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
          TestContext context = lend(TestContext.create());
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
          TestContext context = lend(TestContext.create());
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
          TestContext context = lend(TestContext.create());
          RateLimiter limiter = plugin().create(context);
          for (int i = 0; i < 20; i++) {
            exhaust(limiter, context, 1).forEach(one -> one.settle(Amount.REQUEST));
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
          TestContext context = lend(TestContext.create());
          RateLimiter limiter = plugin().create(context);
          List<Taken> first = exhaust(limiter, context, 1);
          first.forEach(one -> one.settle(Amount.REQUEST));
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
          TestContext context = lend(TestContext.create());
          RateLimiter limiter = plugin().create(context);
          List<Taken> first = exhaust(limiter, context, 1);
          first.forEach(one -> one.settle(Amount.NONE));
          int again = exhaust(limiter, context, 1).size();
          require(
              again <= first.size(),
              "%d requests at one instant, and %d more after they were settled unused (expected: "
                  + "no more than the first)",
              first.size(),
              again);
        });
  }

  /** L6: a reservation can be settled with any usage. */
  @Test
  default void l6_settlesWithAnyUsage() {
    Rule.check(
        this,
        "L6",
        () -> {
          TestContext context = lend(TestContext.create());
          RateLimiter limiter = plugin().create(context);
          long huge = 1_000_000_000_000_000L;
          List<Amount> all = new ArrayList<>(Amounts.USED);
          all.add(new Amount(1, huge, huge));
          all.add(new Amount(1, huge, Amount.UNKNOWN));
          int caller = 0;
          for (Amount used : all) {
            RequestInfo request = request(context, caller, Requests.caller(caller++));
            Decision decision = ask(limiter, context, request, Amounts.EXPECTED);
            if (decision instanceof Admit admit) {
              admit.reservation().settle(request, used);
            } else if (decision instanceof Delay delay) {
              delay.reservation().settle(request, used);
            }
            require(
                ask(limiter, context, caller, Requests.caller(caller++)) != null, "no decision");
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
          TestContext context = lend(TestContext.create());
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
          TestContext context = lend(TestContext.create());
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

  /** L9: a request that comes alone is admitted, however much it is expected to use. */
  @Test
  default void l9_whoComesAloneIsAdmitted() {
    Rule.check(
        this,
        "L9",
        () -> {
          TestContext context = lend(TestContext.create());
          RateLimiter limiter = plugin().create(context);
          Amount much = new Amount(1, 1_000_000_000_000L, 1_000_000_000_000_000L);
          RequestInfo request = request(context, 1, Requests.caller(1));
          Decision decision = ask(limiter, context, request, much);
          require(
              decision instanceof Admit,
              "a request that came alone, with %s: %s (expected: admitted)",
              much,
              decision);
        });
  }

  /** L10: refused requests take nothing. */
  @Test
  default void l10_refusedRequestsTakeNothing() {
    Rule.check(
        this,
        "L10",
        () -> {
          TestContext context = lend(TestContext.create());
          RateLimiter limiter = plugin().create(context);
          exhaust(limiter, context, 1);
          Decision stopped = ask(limiter, context, 1, Requests.caller(1));
          if (stopped instanceof Refuse refuse) {
            for (int i = 0; i < 1_000; i++) {
              ask(limiter, context, i, Requests.caller(1));
            }
            context.pass(refuse.retryAfterNanos());
            require(
                !(ask(limiter, context, 2, Requests.caller(1)) instanceof Refuse),
                "refused after %d ns, as first told, and 1,000 refusals between (expected: they"
                    + " take nothing)",
                refuse.retryAfterNanos());
          }
        });
  }

  /** L11: what was taken for nothing is given back at once. */
  @Test
  default void l11_whatWasNotUsedIsGivenBack() {
    Rule.check(
        this,
        "L11",
        () -> {
          TestContext context = lend(TestContext.create());
          RateLimiter limiter = plugin().create(context);
          List<Taken> first = exhaust(limiter, context, 1);
          first.forEach(one -> one.settle(Amount.NONE));
          int again = exhaust(limiter, context, 1).size();
          require(
              again >= first.size(),
              "%d requests at one instant, and %d after nothing was done for them (expected: as"
                  + " many)",
              first.size(),
              again);
        });
  }

  /** L12: if nobody knows what was used, what was taken stands. */
  @Test
  default void l12_whatIsNotKnownStands() {
    Rule.check(
        this,
        "L12",
        () -> {
          TestContext context = lend(TestContext.create());
          RateLimiter limiter = plugin().create(context);
          exhaust(limiter, context, 1).forEach(one -> one.settle(Amount.REQUEST));
          require(
              !(ask(limiter, context, 1, Requests.caller(1)) instanceof Admit),
              "admitted after requests of unknown usage (expected: what was taken stands)");
        });
  }

  /** L13: a refusal names its limit, and what is told of limits is possible. */
  @Test
  default void l13_whatIsToldOfLimitsIsTrue() {
    Rule.check(
        this,
        "L13",
        () -> {
          TestContext context = lend(TestContext.create());
          RateLimiter limiter = plugin().create(context);
          exhaust(limiter, context, 1);
          RequestInfo request = request(context, 1, Requests.caller(1));
          Decision stopped = ask(limiter, context, request, Amounts.EXPECTED);
          List<Standing> told = limiter.standing(request);
          for (Standing each : told) {
            require(
                each.quota() > 0
                    && each.windowNanos() > 0
                    && each.remaining() >= 0
                    && each.remaining() <= each.quota()
                    && each.resetNanos() >= 0,
                "%s (expected: quota and window above 0, remaining 0 to the quota, reset at least"
                    + " 0)",
                each);
          }
          if (stopped instanceof Refuse refuse) {
            require(
                refuse.limit().matches("[a-z0-9]+(-[a-z0-9]+)*"),
                "limit: %s (expected: its name, in lower case)",
                refuse.limit());
            require(
                told.isEmpty()
                    || told.stream().anyMatch(each -> each.limit().equals(refuse.limit())),
                "refused by %s, but told of %s",
                refuse.limit(),
                told);
          }
        });
  }

  /** L14: beyond its bound on callers, new ones are limited, and are served. */
  @Test
  default void l14_beyondItsBoundNewCallersAreLimitedAndServed() {
    Rule.check(
        this,
        "L14",
        () -> {
          TestContext context = lend(TestContext.create());
          RateLimiter limiter = plugin().create(context);
          int known = 2 * memoryBound();
          for (int i = 0; i < known; i++) {
            ask(limiter, context, i, Requests.caller(i));
          }
          int admitted = exhaust(limiter, context, known).size();
          require(
              admitted < FLOOD,
              "after %d callers, %d requests of a new one at one instant were admitted (expected:"
                  + " fewer)",
              known,
              FLOOD);
          context.passSeconds(100 * 86_400L);
          require(
              !(ask(limiter, context, 1, Requests.caller(known + 1)) instanceof Refuse),
              "100 idle days after %d callers a new one is refused (expected: served)",
              known);
        });
  }

  /** L15, optional: a raised limit counts at once. */
  @Test
  default void l15_optional_aRaisedLimitCountsAtOnce() {
    Rule.check(
        this,
        "L15",
        () -> {
          TestContext context = lend(TestContext.create());
          RateLimiter limiter = plugin().create(context);
          exhaust(limiter, context, 1);
          RequestInfo request = request(context, 1, Requests.caller(1));
          for (Standing each : limiter.standing(request)) {
            double unit = each.quantity() == Quantity.MONEY ? 1e-9 : 1;
            require(
                limiter.change(each.limit(), "", 10 * each.quota() * unit),
                "change of %s: no such limit (expected: those that it tells of)",
                each.limit());
          }
          Decision decision = ask(limiter, context, request, Amounts.EXPECTED);
          require(
              !(decision instanceof Refuse),
              "%s after the limits were raised tenfold (expected: not refused)",
              decision);
        });
  }
}
