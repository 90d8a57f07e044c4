package dev.forebay.spi.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.host.ComingCapacity.Coming;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ComingCapacityTest {

  private static final long SECOND = 1_000_000_000L;

  private final ComingCapacity capacity = new ComingCapacity();

  @Test
  void whatComesServesItsShareFromThenOn() {
    Coming one = new Coming(1, 1, 10 * SECOND, true);
    assertEquals(8 * SECOND, one.waitNanos(SECOND, 8, 0), "over before it comes");
    assertEquals(15 * SECOND, one.waitNanos(SECOND, 20, 0), "10 s alone, 10 more by two");
    assertEquals(20 * SECOND, Coming.NONE.waitNanos(SECOND, 20, 0));
  }

  @Test
  void ifNobodyServesItIsTheTimeUntilTheFirst() {
    Coming first = new Coming(0, 1, 10 * SECOND, false);
    assertEquals(7 * SECOND, first.waitNanos(SECOND, 50, 3 * SECOND));
    assertTrue(first.onlyAfter(9 * SECOND));
    assertFalse(first.onlyAfter(10 * SECOND));
    assertFalse(Coming.NONE.onlyAfter(0));
  }

  @Test
  void aPartBeforeAllPoolsSeesThemTogether() {
    capacity.expect("a", new Coming(1, 2, 30, true));
    capacity.expect("b", new Coming(3, 0, Long.MAX_VALUE, false));
    assertEquals(new Coming(1, 2, 30, true), capacity.to("a/admit"));
    assertEquals(new Coming(4, 2, 30, true), capacity.to("admit"));
    assertEquals(Coming.NONE, capacity.to("c/admit"));
  }

  @Test
  void whatWaitsStartsTheAutoscaler() {
    AtomicInteger started = new AtomicInteger();
    capacity.starter("a", started::incrementAndGet);
    capacity.await("a");
    capacity.await("a");
    assertEquals(2, capacity.awaiting("a"));
    capacity.over("a");
    capacity.over("a");
    assertEquals(0, capacity.awaiting("a"));
    assertEquals(2, started.get());
  }
}
