package dev.forebay.examples.cheapestfirst;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.conformance.FakeEndpoint;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CheapestFirstTest {

  private static final CheapestFirst OPTIONS =
      new CheapestFirst(Map.of("dear", 1.1, "cheap", 0.1), 4);

  @Test
  void theCheapestWithRoomIsChosen() {
    assertEquals("cheap", choice(3, 0));
    assertEquals("dear", choice(4, 0));
  }

  @Test
  void whereNoneHasRoomTheLeastLoadedIsChosen() {
    assertEquals("dear", choice(9, 8));
    assertEquals("cheap", choice(8, 9));
  }

  @Test
  void oneThatFailsIsNotCheap() {
    List<Endpoint> both = List.of(FakeEndpoint.of("cheap").errorRate(0.9), FakeEndpoint.of("dear"));
    assertEquals("dear", balancer().choose(Requests.chat("r"), both).id());
  }

  private static Balancer balancer() {
    return OPTIONS.create(TestContext.create());
  }

  private static String choice(int inFlightAtCheap, int inFlightAtDear) {
    List<Endpoint> both =
        List.of(
            FakeEndpoint.of("dear").inFlight(inFlightAtDear),
            FakeEndpoint.of("cheap").inFlight(inFlightAtCheap));
    return balancer().choose(Requests.chat("r"), both).id();
  }
}
