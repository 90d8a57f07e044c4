package dev.forebay.limiting.permits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.conformance.Outcomes;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.policy.ConcurrencyLimiter.Admitted;
import org.junit.jupiter.api.Test;

class CountingLimiterTest {

  /** One request, and it learns nothing but exceptions. */
  private static final class Throwing extends CountingLimiter {

    Throwing() {
      super(TestContext.create());
    }

    @Override
    public int limit() {
      return 1;
    }

    @Override
    protected void ended(Outcome outcome, int requests, int mark) {
      throw new ArithmeticException("not a number");
    }
  }

  @Test
  void aPermitComesBackAlsoIfWhatIsLearnedFromItThrows() {
    CountingLimiter limiter = new Throwing();
    Admitted admitted = assertInstanceOf(Admitted.class, limiter.acquire(Requests.chat("r")));
    assertThrows(ArithmeticException.class, () -> admitted.permit().release(Outcomes.ok(0, 1_000)));
    assertEquals(0, limiter.inFlight());
    assertInstanceOf(Admitted.class, limiter.acquire(Requests.chat("r")));
  }
}
