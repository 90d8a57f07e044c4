package dev.forebay.balancing.costaware;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.balancing.costaware.CostAware.Hours;
import dev.forebay.balancing.costaware.CostAware.Price;
import dev.forebay.conformance.BalancerContract;
import dev.forebay.conformance.FakeEndpoint;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CostAwareTest implements BalancerContract {

  private static final Price FLASH = new Price(0.15, 0.003, 0.60, 2);
  private static final Price PRO = new Price(0.66, 0.022, 1.98, 2);
  private static final Price FLAT = new Price(0.20, 0.20, 0.80, 1);

  private final FakeEndpoint flash = FakeEndpoint.of("flash");
  private final FakeEndpoint pro = FakeEndpoint.of("pro");
  private final FakeEndpoint flat = FakeEndpoint.of("flat");
  private final List<Endpoint> all = List.of(pro, flat, flash);

  @Override
  public Plugin<Balancer> plugin() {
    return new CostAware(Map.of(), List.of(), false, 32, 256, 512, 2_000);
  }

  private static CostAwareBalancer balancer(Map<String, Price> prices, Hours... peak) {
    return new CostAwareBalancer(
        new CostAware(prices, List.of(peak), false, 4, 256, 512, 100),
        TestContext.create().timeline());
  }

  private static RequestInfo asking(long... blocks) {
    return Requests.chat("r").withPrompt(blocks.length * 512, null, PrefixHashes.of(blocks));
  }

  @Test
  void theCheapestThatHasRoomIsChosenThenTheNext() {
    Balancer balancer = balancer(Map.of("flash", FLASH, "pro", PRO, "flat", FLAT));
    assertEquals(flash, balancer.choose(asking(1, 2), all));
    flash.inFlight(4);
    assertEquals(flat, balancer.choose(asking(1, 2), all));
    flat.inFlight(4);
    assertEquals(pro, balancer.choose(asking(1, 2), all));
    pro.inFlight(5);
    assertEquals(flash, balancer.choose(asking(1, 2), List.of(pro, flash)), "least loaded of full");
  }

  @Test
  void whoHasNoPriceIsFreeAsALocalModelIs() {
    assertEquals(flat, balancer(Map.of("flash", FLASH, "pro", PRO)).choose(asking(1), all));
  }

  @Test
  void aCachedPrefixMakesADearEndpointTheCheapest() {
    Price dear = new Price(0.30, 0.003, 0.60, 1);
    Balancer balancer = balancer(Map.of("pro", dear, "flash", FLASH));
    List<Endpoint> two = List.of(pro, flash);
    RequestInfo first = asking(1, 2, 3, 4);
    balancer.dispatched(pro, first);
    assertEquals(pro, balancer.choose(asking(1, 2, 3, 4, 5), two), "2,048 of 2,560 are cached");
    assertEquals(flash, balancer.choose(asking(9, 8, 7, 6, 5), two));
  }

  @Test
  void peakHoursChangeTheOrder() {
    Hours morning = new Hours(Duration.ofHours(1), Duration.ofHours(4));
    CostAwareBalancer balancer = balancer(Map.of("flash", FLASH, "flat", FLAT), morning);
    long monday = Instant.parse("2026-11-23T00:00:00Z").toEpochMilli();
    long hour = 3_600_000;
    assertFalse(balancer.peak(monday + hour - 1));
    assertTrue(balancer.peak(monday + hour));
    assertTrue(balancer.peak(monday + 4 * hour - 1));
    assertFalse(balancer.peak(monday + 4 * hour));
    assertFalse(balancer.peak(monday + hour - 48 * hour), "Saturday");
    assertFalse(balancer.peak(monday + 2 * hour - 24 * hour), "Sunday");
    assertTrue(balancer.peak(monday + 2 * hour + 4 * 24 * hour), "Friday");
  }

  @Test
  void atPeakTheFlatPriceWins() {
    TestContext context = TestContext.create();
    Hours always = new Hours(Duration.ZERO, Duration.ofHours(24));
    Balancer peak =
        new CostAwareBalancer(
            new CostAware(
                Map.of("flash", FLASH, "flat", FLAT), List.of(always), true, 4, 256, 512, 100),
            context.timeline());
    assertEquals(flat, peak.choose(asking(1, 2), List.of(flash, flat)), "0.20 against 2 x 0.15");
  }

  @Test
  void hoursMustHaveALength() {
    assertThrows(
        IllegalArgumentException.class, () -> new Hours(Duration.ofHours(4), Duration.ofHours(4)));
  }
}
