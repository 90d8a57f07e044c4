package dev.forebay.limiting.aimd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.conformance.ConcurrencyLimiterContract;
import dev.forebay.conformance.Outcomes;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.Status;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.ConcurrencyLimiter.Admitted;
import dev.forebay.spi.policy.ConcurrencyLimiter.Permit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AimdTest implements ConcurrencyLimiterContract {

  @Override
  public Plugin<ConcurrencyLimiter> plugin() {
    return Aimd.defaults();
  }

  @Test
  void aRoundOfAnswersAddsOneAndARoundOfOverloadTakesATenthOnce() {
    ConcurrencyLimiter limiter = Aimd.defaults().create(TestContext.create());
    round(limiter, Outcomes.ok(0, 1_000));
    assertEquals(20, limiter.limit(), "the first half of the permits was not half of the limit");
    round(limiter, Outcomes.ok(0, 1_000));
    assertEquals(21, limiter.limit());
    round(limiter, Outcomes.failed(Status.OVERLOADED, 0, 1));
    assertEquals(18, limiter.limit(), "0.9 of 21.0, once for all that began before");
  }

  @Test
  void anAnswerThatSpeaksTooLateIsOverload() {
    ConcurrencyLimiter limiter = Aimd.defaults().create(TestContext.create());
    round(limiter, Outcomes.ok(0, 1_990_000_000L));
    assertEquals(20, limiter.limit(), "995 ms to the first content");
    round(limiter, Outcomes.ok(0, 2_010_000_000L));
    assertEquals(18, limiter.limit(), "1,005 ms to the first content");
  }

  @Test
  void anInitialLimitOutOfBoundsIsRefused() {
    Plugin<ConcurrencyLimiter> plugin = Aimd.defaults().withMax(10);
    String message =
        assertThrows(IllegalArgumentException.class, () -> plugin.create(TestContext.create()))
            .getMessage();

    assertEquals("initial: 20 (expected: from min, 4, to max, 10)", message);
  }

  private static void round(ConcurrencyLimiter limiter, Outcome outcome) {
    List<Permit> out = new ArrayList<>();
    while (limiter.acquire(Requests.chat("r")) instanceof Admitted admitted) {
      out.add(admitted.permit());
    }
    out.forEach(permit -> permit.release(outcome));
  }
}
