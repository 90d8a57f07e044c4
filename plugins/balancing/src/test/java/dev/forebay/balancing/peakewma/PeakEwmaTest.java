package dev.forebay.balancing.peakewma;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.conformance.BalancerContract;
import dev.forebay.conformance.FakeEndpoint;
import dev.forebay.conformance.Outcomes;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeakEwmaTest implements BalancerContract {

  private static final RequestInfo REQUEST = Requests.chat("r");
  private static final long MILLI = 1_000_000;

  private final TestContext context = TestContext.create();
  private final FakeEndpoint a = FakeEndpoint.of("a");
  private final FakeEndpoint b = FakeEndpoint.of("b");
  private final List<Endpoint> both = List.of(a, b);
  private final Balancer balancer = PeakEwma.defaults().create(context);

  PeakEwmaTest() {
    balancer.members(both);
  }

  @Override
  public Plugin<Balancer> plugin() {
    return PeakEwma.defaults();
  }

  /** Content comes half way through an answer. */
  private void answered(Endpoint endpoint, long firstContentMillis) {
    balancer.finished(
        endpoint, REQUEST, Outcomes.ok(context.timeline().nanos(), 2 * firstContentMillis * MILLI));
  }

  private void ended(Endpoint endpoint, Status status, long millis) {
    balancer.finished(
        endpoint, REQUEST, Outcomes.failed(status, context.timeline().nanos(), millis * MILLI));
  }

  @Test
  void theQuickerOneIsChosenUntilItsQueueIsAsLongAsItIsQuicker() {
    answered(a, 100);
    answered(b, 300);
    a.inFlight(1);
    b.inFlight(0);
    assertEquals(a, balancer.choose(REQUEST, both), "2 x 100 < 1 x 300");
    a.inFlight(3);
    assertEquals(b, balancer.choose(REQUEST, both), "4 x 100 > 1 x 300");
  }

  @Test
  void aPeakCountsAtOnceAndIsForgottenSlowly() {
    answered(a, 100);
    answered(b, 200);
    a.inFlight(1);
    b.inFlight(1);
    answered(a, 5_000);
    assertEquals(b, balancer.choose(REQUEST, both));
    context.passSeconds(1);
    answered(a, 100);
    assertEquals(b, balancer.choose(REQUEST, both), "one good answer does not undo it");
    for (int i = 0; i < 60; i++) {
      context.passSeconds(1);
      answered(a, 100);
    }
    assertEquals(a, balancer.choose(REQUEST, both));
  }

  @Test
  void silenceIsAPeakHoweverItEnds() {
    for (Status status : List.of(Status.STALLED, Status.TIMED_OUT, Status.CANCELLED)) {
      Balancer fresh = PeakEwma.defaults().create(context);
      fresh.members(both);
      fresh.finished(b, REQUEST, Outcomes.ok(0, 2_000 * MILLI));
      fresh.finished(a, REQUEST, Outcomes.ok(0, 20 * MILLI));
      fresh.finished(a, REQUEST, Outcomes.failed(status, 0, 30_000 * MILLI));
      assertEquals(b, fresh.choose(REQUEST, both), status.name());
    }
  }

  @Test
  void whoFailsAtOnceDoesNotLookFast() {
    answered(a, 100);
    answered(b, 300);
    ended(a, Status.OVERLOADED, 1);
    assertEquals(b, balancer.choose(REQUEST, both));
  }

  @Test
  void aBusyEndpointThatSaysNothingDoesNotFadeAnIdleOneDoes() {
    answered(a, 2_000);
    answered(b, 100);
    a.inFlight(1);
    b.inFlight(1);
    context.passSeconds(120);
    assertEquals(b, balancer.choose(REQUEST, both), "no news is no good news");
    a.inFlight(0);
    assertEquals(a, balancer.choose(REQUEST, both), "an idle one is tried again");
  }

  @Test
  void aWrongRequestTeachesNothing() {
    answered(a, 300);
    answered(b, 200);
    ended(a, Status.CALLER_FAULT, 1);
    assertEquals(b, balancer.choose(REQUEST, both));
  }
}
