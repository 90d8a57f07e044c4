package dev.forebay.core.retrying;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class RetryBudgetTest {

  private static final long SECOND = 1_000_000_000;

  @Test
  void theReserveIsForLostConnectionsOnly() {
    RetryBudget budget = new RetryBudget(new RetryBudget.Options(0.2, 0, 3));
    assertFalse(budget.take(0));
    for (int left = 2; left >= 0; left--) {
      assertTrue(budget.takeForLost(0));
      assertEquals(left, budget.reserve());
    }
    assertFalse(budget.takeForLost(0));
    assertEquals(3, budget.taken());
    assertEquals(2, budget.denied());
  }

  @Test
  void whatIsLeftCanBeReadAndReadingChangesNothing() {
    RetryBudget budget = new RetryBudget(new RetryBudget.Options(0.5, 1, 0));
    assertTrue(budget.take(0));
    double left = budget.left(0);
    assertEquals(left + 1, budget.left(11_000_000_000L), 1e-9, "the floor, beyond what is paid");
    assertEquals(left, budget.left(0), 1e-9);
    budget.deposit();
    assertEquals(left + 0.5, budget.left(0), 1e-9);
  }

  @Test
  void sharesGoFirst() {
    RetryBudget budget = new RetryBudget(new RetryBudget.Options(1, 0, 3));
    budget.deposit();
    assertTrue(budget.takeForLost(0));
    assertEquals(3, budget.reserve());
  }

  /** An advance that was used: half of each share pays it back, and the reserve stays empty. */
  @Test
  void anAdvanceIsPaidBackByHalfTheShares() {
    RetryBudget budget = new RetryBudget(new RetryBudget.Options(0.5, 0, 4));
    assertEquals(4, lost(budget, 10));
    int granted = 0;
    for (int i = 0; i < 16; i++) {
      budget.deposit();
      granted += lost(budget, 1);
    }
    assertEquals(4, granted, "0.25 of each of 16");
    assertEquals(0, budget.reserve());
    budget.deposit();
    budget.deposit();
    assertEquals(1, lost(budget, 3), "then whole shares again");
  }

  /** Fifty shares fill the credit, twenty pay for the reserve; then it is nobody's advance. */
  @Test
  void aReserveThatUnusedSharesHavePaidForIsNotPaidAgain() {
    RetryBudget budget = new RetryBudget(new RetryBudget.Options(0.5, 0, 10));
    deposit(budget, 120); // a credit of 50 in 100, a reserve of 10 in 20
    assertEquals(60, lost(budget, 100));
    deposit(budget, 2);
    assertTrue(budget.take(0), "both shares are whole");
    deposit(budget, 100);
    assertEquals(0, budget.reserve(), "shares save up first");
    deposit(budget, 8);
    assertEquals(4, budget.reserve());
    deposit(budget, 100);
    assertEquals(10, budget.reserve(), "and no more than that");
  }

  /** Whatever comes when: the shares, the floor, and what of the reserve is not paid back yet. */
  @Property(tries = 200)
  void extraCallsStayWithinTheirSum(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double lossy = random.nextDouble();
    RetryBudget budget = new RetryBudget(new RetryBudget.Options(0.2, 1, 256));
    long now = 0;
    for (int i = 0; i < 5000; i++) {
      now += random.nextLong(SECOND / 100);
      budget.deposit();
      boolean granted = random.nextDouble() < lossy ? budget.takeForLost(now) : budget.take(now);
      double bound = 0.2 * budget.requests() + 10 + now / 1e9 + 256;
      assertTrue(
          budget.taken() <= bound, () -> "seed " + seed + ": " + budget.taken() + ", " + granted);
    }
  }

  /** Every connection is refused, for long: the reserve is an advance, so the ratio holds. */
  @Property(tries = 20)
  void theRatioHoldsWhereEveryConnectionIsLost(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RetryBudget budget = new RetryBudget(new RetryBudget.Options(0.2, 1, 256));
    long now = 0;
    for (int i = 0; i < 20_000; i++) {
      now += random.nextLong(SECOND / 100);
      budget.deposit();
      lostAt(budget, now, 3);
    }
    double bound = 0.2 * 20_000 + Math.max(10, now / 1e9);
    assertTrue(budget.taken() <= bound + 1e-6, () -> "seed " + seed + ": " + budget.taken());
    assertTrue(budget.taken() >= bound - 2, () -> "seed " + seed + ": " + budget.taken());
  }

  private static void deposit(RetryBudget budget, int requests) {
    for (int i = 0; i < requests; i++) {
      budget.deposit();
    }
  }

  private static int lost(RetryBudget budget, int calls) {
    return lostAt(budget, 0, calls);
  }

  private static int lostAt(RetryBudget budget, long nowNanos, int calls) {
    int granted = 0;
    for (int i = 0; i < calls; i++) {
      granted += budget.takeForLost(nowNanos) ? 1 : 0;
    }
    return granted;
  }
}
