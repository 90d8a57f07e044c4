package dev.forebay.scaling.permember;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.forebay.conformance.ConcurrencyLimiterContract;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.scaling.FixedPools;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.ConcurrencyLimiter.Admitted;
import dev.forebay.spi.policy.ConcurrencyLimiter.Saturated;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PerMemberTest implements ConcurrencyLimiterContract {

  private final FixedPools pools = new FixedPools(4);

  @Override
  public Plugin<ConcurrencyLimiter> plugin() {
    return new PerMember(8, "default");
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(Pools.class, pools);
  }

  @Override
  public Map<String, String> exempt() {
    String reason = "the limit follows the members only";
    return Map.of("C7", reason, "C8", reason, "C11", "8 for each member is what it is told");
  }

  @Test
  void theLimitGrowsWithTheMembers() {
    ConcurrencyLimiter limiter = new PerMember(1, "default").create(lend(TestContext.create()));
    pools.serve(1);
    assertInstanceOf(Admitted.class, limiter.acquire(Requests.chat("a")));
    assertEquals(new Saturated(100_000_000L), limiter.acquire(Requests.chat("b")));
    pools.serve(2);
    assertInstanceOf(Admitted.class, limiter.acquire(Requests.chat("b")));
    assertEquals(2, limiter.limit());
  }
}
