package dev.forebay.balancing.maxfails;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.FakeEndpoint;
import dev.forebay.conformance.HealthPolicyContract;
import dev.forebay.conformance.Outcomes;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.Status;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.HealthPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MaxFailsTest implements HealthPolicyContract {

  private final TestContext context = TestContext.create();
  private final HealthPolicy policy = plugin().create(context);
  private final Endpoint endpoint = FakeEndpoint.of("a");

  @Override
  public Plugin<HealthPolicy> plugin() {
    return MaxFails.defaults();
  }

  @Test
  void threeFailuresWithinThirtySecondsRestItForThirty() {
    assertEquals(0, fail());
    context.passSeconds(15);
    assertEquals(0, fail());
    context.passSeconds(15);
    assertEquals(30, fail());
    assertEquals(1, context.count("ejections"));
  }

  @Test
  void threeFailuresInALongerTimeDoNot() {
    for (int i = 0; i < 20; i++) {
      assertEquals(0, fail());
      context.passSeconds(16);
    }
  }

  @Test
  void answersInBetweenTakeNoFailureAway() {
    fail();
    fail();
    policy.finished(endpoint, Outcomes.of(Status.OK, 0, 1));
    assertEquals(30, fail());
  }

  @Test
  void failuresWhileItRestsAreOfRequestsSentBefore() {
    fail();
    fail();
    fail();
    for (int i = 0; i < 10; i++) {
      assertEquals(0, fail());
    }
    context.passSeconds(30);
    assertEquals(List.of(0L, 0L, 30L), List.of(fail(), fail(), fail()));
  }

  @Test
  void noFailuresAtAllAreCountedWhereTheLimitIsZero() {
    HealthPolicy never =
        MaxFails.defaults()
            .withMaxFails(0)
            .withFailTimeout(Duration.ofSeconds(30))
            .create(TestContext.create());
    for (int i = 0; i < 100; i++) {
      assertEquals(0, never.finished(endpoint, Outcomes.of(Status.OVERLOADED, 0, 1)));
    }
  }

  @Test
  void aFullServerIsNotSick() {
    FakeEndpoint busy = FakeEndpoint.of("a").inFlight(8);
    policy.finished(busy, Outcomes.of(Status.OK, 0, 1));
    for (int i = 0; i < 20; i++) {
      assertEquals(0, policy.finished(busy, refused(503)), "it answers others");
    }
    context.passSeconds(3);
    assertEquals(0, policy.finished(busy, refused(503)));
    assertEquals(0, policy.finished(busy, refused(503)));
    assertTrue(policy.finished(busy, refused(503)) > 0, "it has answered nobody for 3 s");
  }

  private static Outcome refused(int httpStatus) {
    return Outcome.failed(Failure.overloaded(httpStatus, "overloaded", "overloaded"), 0, 1);
  }

  @Property(tries = 300)
  void itRestsExactlyWhereThreeFailuresFallIntoThirtySeconds(
      @ForAll @Size(max = 60) List<@IntRange(max = 40) Integer> pauses) {
    TestContext fresh = TestContext.create();
    HealthPolicy judge = plugin().create(fresh);
    List<Long> counted = new ArrayList<>();
    long restsUntil = 0;
    for (int pause : pauses) {
      fresh.passSeconds(pause);
      long now = fresh.timeline().nanos();
      long nanos = judge.finished(endpoint, Outcomes.of(Status.OVERLOADED, now, 0));
      if (now < restsUntil) {
        assertEquals(0, nanos);
        continue;
      }
      counted.add(now);
      counted.removeIf(time -> now - time > 30_000_000_000L);
      assertEquals(counted.size() >= 3, nanos > 0);
      if (nanos > 0) {
        assertTrue(nanos == 30_000_000_000L);
        restsUntil = now + nanos;
        counted.clear();
      }
    }
  }

  private long fail() {
    return policy.finished(endpoint, Outcomes.of(Status.OVERLOADED, 0, 1_000)) / 1_000_000_000;
  }
}
