package dev.forebay.balancing.consecutivefailures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ConsecutiveFailuresTest implements HealthPolicyContract {

  private final TestContext context = TestContext.create();
  private final HealthPolicy policy = plugin().create(context);
  private final Endpoint endpoint = FakeEndpoint.of("a");

  @Override
  public Plugin<HealthPolicy> plugin() {
    return ConsecutiveFailures.defaults();
  }

  @Test
  void theFifthFailureInARowBringsACooldown() {
    assertEquals(List.of(0L, 0L, 0L, 0L, 5L), fail(5));
  }

  @Test
  void anAnswerBeginsANewRow() {
    fail(4);
    judge(Status.OK);

    assertEquals(List.of(0L, 0L, 0L, 0L, 5L), fail(5));
  }

  @Test
  void otherEndingsNeitherCountNorReset() {
    fail(4);
    judge(Status.CANCELLED);
    judge(Status.CALLER_FAULT);

    assertEquals(List.of(5L), fail(1));
  }

  @Test
  void theRefusalsOfAFullServerDoNotCount() {
    FakeEndpoint busy = FakeEndpoint.of("a").inFlight(8);
    policy.finished(busy, Outcomes.of(Status.OK, 0, 1));
    for (int i = 0; i < 20; i++) {
      assertEquals(0, policy.finished(busy, refused(503)), "it answers others");
    }
    context.passSeconds(3);
    long rests = 0;
    for (int i = 0; i < 5; i++) {
      rests = policy.finished(busy, refused(503));
    }
    assertEquals(
        Duration.ofSeconds(5).toNanos(), rests, "it has answered nobody for three seconds");
  }

  @Test
  void otherFailuresOfABusyServerCount() {
    FakeEndpoint busy = FakeEndpoint.of("a").inFlight(8);
    policy.finished(busy, Outcomes.of(Status.OK, 0, 1));
    long rests = 0;
    for (int i = 0; i < 5; i++) {
      rests = policy.finished(busy, refused(502));
    }
    assertEquals(Duration.ofSeconds(5).toNanos(), rests);
  }

  private static Outcome refused(int httpStatus) {
    return Outcome.failed(Failure.overloaded(httpStatus, "overloaded", "overloaded"), 0, 1);
  }

  @Test
  void cooldownsDoubleUpToTheLongest() {
    List<Long> cooldowns = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      cooldowns.add(fail(5).getLast());
      context.passSeconds(cooldowns.getLast());
    }

    assertEquals(List.of(5L, 10L, 20L, 40L, 60L, 60L), cooldowns);
    assertEquals(6, context.count("ejections"));
  }

  @Test
  void anAnswerEndsTheDoubling() {
    fail(5);
    context.passSeconds(5);
    judge(Status.OK);

    assertEquals(5L, fail(5).getLast());
  }

  @Test
  void failuresWhileItRestsAreOfRequestsSentBefore() {
    fail(5);

    assertTrue(fail(50).stream().allMatch(seconds -> seconds == 0));
    context.passSeconds(5);
    assertEquals(List.of(0L, 0L, 0L, 0L, 10L), fail(5));
  }

  @Test
  void aLongTimeWithoutAFailureForgetsTheRowAndTheDoubling() {
    fail(5);
    context.passSeconds(5);
    fail(4);
    context.passSeconds(600);

    assertEquals(List.of(0L, 0L, 0L, 0L, 5L), fail(5));
  }

  @Test
  void onlyEndpointsThatFailedAreTracked() {
    judge(Status.OK);
    assertEquals(0.0, context.gauges().get("tracked"));
    fail(1);
    assertEquals(1.0, context.gauges().get("tracked"));
    policy.members(List.of());
    assertEquals(0.0, context.gauges().get("tracked"));
  }

  @Test
  void aLongestCooldownBelowTheFirstIsRefused() {
    Plugin<HealthPolicy> plugin =
        ConsecutiveFailures.defaults()
            .withBaseCooldown(Duration.ofSeconds(9))
            .withMaxCooldown(Duration.ofSeconds(8));
    String message =
        assertThrows(IllegalArgumentException.class, () -> plugin.create(TestContext.create()))
            .getMessage();

    assertEquals("maxCooldown: PT8S (expected: >= baseCooldown, PT9S)", message);
  }

  @Property(tries = 300)
  void cooldownsComeAfterFiveFailuresSinceTheLastAnswerAndStayWithinBounds(
      @ForAll @Size(max = 200) List<Status> endings) {
    TestContext fresh = TestContext.create();
    HealthPolicy judge = plugin().create(fresh);
    int inARow = 0;
    for (Status status : endings) {
      long seconds = judge.finished(endpoint, Outcomes.of(status, 0, 1_000)) / 1_000_000_000;
      inARow = status == Status.OK ? 0 : inARow + (status.unhealthy() ? 1 : 0);
      if (seconds > 0) {
        assertTrue(inARow >= 5 && seconds >= 5 && seconds <= 60, inARow + ", " + seconds + " s");
        inARow = 0;
        fresh.passSeconds(seconds);
      } else {
        assertTrue(inARow < 5, inARow + " in a row without a cooldown");
      }
    }
  }

  private List<Long> fail(int times) {
    List<Long> seconds = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      seconds.add(judge(Status.OVERLOADED));
    }
    return seconds;
  }

  private long judge(Status status) {
    return policy.finished(endpoint, Outcomes.of(status, 0, 1_000)) / 1_000_000_000;
  }
}
