package dev.forebay.spi.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What leases take of a budget, and give back. */
final class MemoryBudgetTest {

  private static final long BYTES = 1 << 20;

  @Test
  void whatIsUnfinishedLeavesAQuarter() {
    MemoryBudget budget = new MemoryBudget(BYTES);
    MemoryBudget.Lease slow = budget.lease();
    assertFalse(slow.coverUnfinished(BYTES));
    assertTrue(slow.coverUnfinished(BYTES * 3 / 4));
    assertFalse(budget.lease().coverUnfinished(1));
    assertTrue(budget.lease().cover(BYTES / 4));
    assertFalse(budget.lease().cover(1));
    assertEquals(BYTES, budget.taken());
  }

  @Test
  void aClosedLeaseTakesNothing() {
    MemoryBudget budget = new MemoryBudget(BYTES);
    MemoryBudget.Lease lease = budget.lease();
    assertTrue(lease.cover(100));
    lease.close();
    lease.close();
    assertFalse(lease.cover(100));
    assertTrue(lease.cover(0));
    assertEquals(0, budget.taken());
  }

  @Test
  void hugeSizesDoNotOverflow() {
    MemoryBudget budget = new MemoryBudget(BYTES);
    assertFalse(budget.lease().cover(Long.MAX_VALUE));
    assertEquals(0, budget.taken());
    assertThrows(IllegalArgumentException.class, () -> new MemoryBudget(0));
  }

  @Property
  void neverMoreIsTakenThanThereIsAndAllIsGivenBack(
      @ForAll @Size(max = 200) List<@IntRange(max = 3_000_000) Integer> steps) {
    MemoryBudget budget = new MemoryBudget(BYTES);
    List<MemoryBudget.Lease> leases = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      leases.add(budget.lease());
    }
    for (int step : steps) {
      MemoryBudget.Lease lease = leases.get(step % 8);
      long before = lease.held();
      int size = step / 16;
      boolean taken =
          switch (step % 3) {
            case 0 -> lease.cover(size);
            case 1 -> lease.coverUnfinished(size);
            default -> lease.cover(0);
          };
      long held = lease.held();
      assertTrue(taken ? held >= (step % 3 == 2 ? 0 : size) : held == before);
      assertTrue(budget.taken() <= budget.bytes());
      assertEquals(leases.stream().mapToLong(MemoryBudget.Lease::held).sum(), budget.taken());
    }
    leases.forEach(MemoryBudget.Lease::close);
    assertEquals(0, budget.taken());
  }
}
