package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.Status;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.ConcurrencyLimiter.Admitted;
import dev.forebay.spi.policy.ConcurrencyLimiter.Decision;
import dev.forebay.spi.policy.ConcurrencyLimiter.Permit;
import dev.forebay.spi.policy.ConcurrencyLimiter.Saturated;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules for concurrency limiters: C1 and following of {@code docs/spec.md}. */
public interface ConcurrencyLimiterContract extends PluginContract<ConcurrencyLimiter> {

  /** Permits at once of which a limiter must deny some. */
  int FLOOD = 200_000;

  private static Decision ask(ConcurrencyLimiter limiter, int id) {
    return limiter.acquire(Requests.chat("r" + id, Requests.caller(id % 7), 0));
  }

  /** Takes permits until the limiter says that it is saturated. */
  private static List<Permit> exhaust(ConcurrencyLimiter limiter) {
    List<Permit> out = new ArrayList<>();
    for (int i = 0; i < FLOOD; i++) {
      if (!(ask(limiter, i) instanceof Admitted admitted)) {
        return out;
      }
      out.add(admitted.permit());
    }
    return out;
  }

  /** Keeps a limiter as full as it lets, in rounds that end in the same way each. */
  private static void rounds(
      ConcurrencyLimiter limiter, TestContext context, int rounds, Status status, long nanos) {
    for (int round = 0; round < rounds; round++) {
      long began = context.timeline().nanos();
      List<Permit> out = new ArrayList<>();
      for (int i = 0; i < 64 && ask(limiter, i) instanceof Admitted admitted; i++) {
        out.add(admitted.permit());
      }
      context.pass(nanos);
      out.forEach(permit -> permit.release(Outcomes.of(status, began, nanos)));
    }
  }

  /** C1: every ending gives its permit back. */
  @Test
  default void c1_everyEndingGivesItsPermitBack() {
    Rule.check(
        this,
        "C1",
        () -> {
          TestContext context = lend(TestContext.create());
          ConcurrencyLimiter limiter = plugin().create(context);
          for (Status status : Status.values()) {
            int taken = 0;
            List<Permit> out = new ArrayList<>();
            while (taken < 8 && ask(limiter, taken) instanceof Admitted admitted) {
              out.add(admitted.permit());
              taken++;
              require(
                  limiter.inFlight() == taken,
                  "in flight: %d with %d permits out",
                  limiter.inFlight(),
                  taken);
            }
            context.pass(1_000_000);
            out.forEach(permit -> permit.release(Outcomes.of(status, 0, 1_000_000)));
            require(
                limiter.inFlight() == 0,
                "in flight: %d after all ended as %s (expected: 0)",
                limiter.inFlight(),
                status);
          }
        });
  }

  /** C2: no permit goes out at or above the limit. */
  @Test
  default void c2_admitsBelowTheLimitOnly() {
    Rule.check(
        this,
        "C2",
        () -> {
          TestContext context = lend(TestContext.create());
          ConcurrencyLimiter limiter = plugin().create(context);
          ArrayDeque<Permit> out = new ArrayDeque<>();
          Status[] all = Status.values();
          for (int i = 0; i < 3_000; i++) {
            int limit = limiter.limit();
            int before = limiter.inFlight();
            if (ask(limiter, i) instanceof Admitted admitted) {
              require(before < limit, "admitted with %d in flight, limit %d", before, limit);
              out.add(admitted.permit());
            }
            context.pass(1_000_000);
            if (i % 3 != 0 && !out.isEmpty()) {
              long began = Math.max(0, context.timeline().nanos() - 5_000_000);
              out.remove().release(Outcomes.of(all[i % all.length], began, 5_000_000));
            }
          }
          int open = exhaust(plugin().create(lend(TestContext.create()))).size();
          require(open < FLOOD, "%d permits out at once (expected: a limit)", FLOOD);
        });
  }

  /** C3: with nothing in flight somebody is admitted, now or at the time that is told. */
  @Test
  default void c3_neverStopsForGood() {
    Rule.check(
        this,
        "C3",
        () -> {
          TestContext context = lend(TestContext.create());
          ConcurrencyLimiter limiter = plugin().create(context);
          for (Status status : Status.values()) {
            rounds(limiter, context, 300, status, 50_000_000);
            Decision decision = ask(limiter, 0);
            for (int i = 0; i < 1_000 && decision instanceof Saturated saturated; i++) {
              require(
                  saturated.recheckNanos() > 0,
                  "saturated until a release with nothing in flight, after %s (expected: a permit, "
                      + "or when to ask again)",
                  status);
              context.pass(saturated.recheckNanos());
              decision = ask(limiter, 0);
            }
            require(decision instanceof Admitted, "no permit after %s, though idle", status);
            if (decision instanceof Admitted admitted) {
              admitted.permit().release(Outcomes.ok(context.timeline().nanos(), 0));
            }
          }
        });
  }

  /** C4: the limit stays at 1 or more, whatever the figures. */
  @Test
  default void c4_theLimitIsAtLeastOneWhateverTheFigures() {
    Rule.check(
        this,
        "C4",
        () -> {
          TestContext context = lend(TestContext.create());
          ConcurrencyLimiter limiter = plugin().create(context);
          long[] durations = {0, 1, 1_000_000, 3_600_000_000_000L};
          for (Status status : Status.values()) {
            for (long duration : durations) {
              rounds(limiter, context, 50, status, duration);
              require(
                  limiter.limit() >= 1,
                  "limit: %d after %s in %d ns (expected: >= 1)",
                  limiter.limit(),
                  status,
                  duration);
            }
          }
        });
  }

  /** C5: endings that say nothing about capacity leave the limit alone. */
  @Test
  default void c5_endingsToIgnoreLeaveTheLimit() {
    Rule.check(
        this,
        "C5",
        () -> {
          TestContext context = lend(TestContext.create());
          ConcurrencyLimiter limiter = plugin().create(context);
          rounds(limiter, context, 100, Status.OK, 50_000_000);
          int before = limiter.limit();
          for (Status status : Status.values()) {
            if (status.signal() == Status.Signal.IGNORE) {
              rounds(limiter, context, 50, status, 1_000);
              rounds(limiter, context, 5, status, 60_000_000_000L);
              require(
                  limiter.limit() == before,
                  "limit: %d, then %d after %s (expected: unmoved)",
                  before,
                  limiter.limit(),
                  status);
            }
          }
        });
  }

  /** C6: congestion never raises the limit, however fast it is said. */
  @Test
  default void c6_congestionNeverRaisesTheLimit() {
    Rule.check(
        this,
        "C6",
        () -> {
          for (Status status : Status.values()) {
            if (status.signal() == Status.Signal.CONGESTION) {
              TestContext context = lend(TestContext.create());
              ConcurrencyLimiter limiter = plugin().create(context);
              rounds(limiter, context, 100, Status.OK, 50_000_000);
              int before = limiter.limit();
              rounds(limiter, context, 200, status, 10_000);
              require(
                  limiter.limit() <= before,
                  "limit: %d, then %d after %s in 10 us (expected: no more)",
                  before,
                  limiter.limit(),
                  status);
            }
          }
        });
  }

  /** C7, optional: congestion that lasts lowers the limit. */
  @Test
  default void c7_optional_lastingCongestionLowersTheLimit() {
    Rule.check(
        this,
        "C7",
        () -> {
          TestContext context = lend(TestContext.create());
          ConcurrencyLimiter limiter = plugin().create(context);
          rounds(limiter, context, 100, Status.OK, 50_000_000);
          int before = limiter.limit();
          rounds(limiter, context, 500, Status.OVERLOADED, 50_000_000);
          require(
              limiter.limit() < before,
              "limit: %d, still %d after 500 rounds of overload (expected: less)",
              before,
              limiter.limit());
        });
  }

  /** C8, optional: a limit that was lowered rises again. */
  @Test
  default void c8_optional_theLimitRisesAgain() {
    Rule.check(
        this,
        "C8",
        () -> {
          TestContext context = lend(TestContext.create());
          ConcurrencyLimiter limiter = plugin().create(context);
          rounds(limiter, context, 100, Status.OK, 50_000_000);
          rounds(limiter, context, 500, Status.OVERLOADED, 50_000_000);
          int low = limiter.limit();
          rounds(limiter, context, 2_000, Status.OK, 50_000_000);
          require(
              limiter.limit() > low,
              "limit: %d after overload, %d after 2000 good rounds (expected: more)",
              low,
              limiter.limit());
        });
  }

  /** C9, optional: a limit that is hardly used does not grow. */
  @Test
  default void c9_optional_anUnusedLimitDoesNotGrow() {
    Rule.check(
        this,
        "C9",
        () -> {
          TestContext context = lend(TestContext.create());
          ConcurrencyLimiter limiter = plugin().create(context);
          int before = limiter.limit();
          for (int i = 0; i < 5_000; i++) {
            long began = context.timeline().nanos();
            if (ask(limiter, i) instanceof Admitted admitted) {
              context.pass(1_000_000);
              Outcome quick = Outcomes.ok(began, 1_000_000);
              admitted.permit().release(quick);
            }
          }
          require(
              limiter.limit() <= Math.max(2 * before, 4),
              "limit: %d, then %d after 5000 requests one by one (expected: twice at most)",
              before,
              limiter.limit());
        });
  }

  /**
   * C10: an answer that was given before, from a cache or another's call, leaves the limit alone.
   */
  @Test
  default void c10_replayedAnswersLeaveTheLimit() {
    Rule.check(
        this,
        "C10",
        () -> {
          TestContext context = lend(TestContext.create());
          ConcurrencyLimiter limiter = plugin().create(context);
          rounds(limiter, context, 100, Status.OK, 50_000_000);
          int before = limiter.limit();
          for (int round = 0; round < 100; round++) {
            Outcome hit = Outcomes.ok(context.timeline().nanos(), round % 2 == 0 ? 1 : 900_000_000);
            Outcome replayed = Outcome.ok(hit.usage().asReplay(), hit.timings());
            List<Permit> out = new ArrayList<>();
            for (int i = 0; i < 64 && ask(limiter, i) instanceof Admitted admitted; i++) {
              out.add(admitted.permit());
            }
            out.forEach(permit -> permit.release(replayed));
          }
          require(
              limiter.limit() == before,
              "limit: %d, then %d after answers from a cache (expected: unmoved)",
              before,
              limiter.limit());
        });
  }

  /** C11, optional: ten hours at 1.2 times the capacity do not raise the limit above 1.5 times. */
  @Test
  default void c11_optional_lastingOverloadDoesNotRaiseTheLimit() {
    Rule.check(
        this,
        "C11",
        () -> {
          ConcurrencyLimiter limiter = plugin().create(lend(TestContext.create()));
          int most = BusyServer.mostAfterAnHour(limiter, 10);
          require(
              most <= BusyServer.SLOTS * 3 / 2,
              "limit: up to %d in ten hours at 1.2 times what a server with %d slots can do"
                  + " (expected: 1.5 times the slots at most)",
              most,
              BusyServer.SLOTS);
        });
  }
}
