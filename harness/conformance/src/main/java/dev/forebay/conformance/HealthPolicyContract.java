package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Status;
import dev.forebay.spi.policy.HealthPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules for judgements on health: H1 and following of {@code docs/spec.md}. */
public interface HealthPolicyContract extends PluginContract<HealthPolicy> {

  /** Failures in a row after which a policy must object. */
  int MANY = 1_000;

  /** The longest cooldown that a policy may ask for, in nanoseconds: an hour. */
  long LONGEST_NANOS = 3_600_000_000_000L;

  private static long judge(
      HealthPolicy policy, TestContext context, FakeEndpoint endpoint, Status status) {
    long began = context.timeline().nanos();
    context.pass(1_000_000);
    return policy.finished(endpoint, Outcomes.of(status, began, 1_000_000));
  }

  /** How many failures in a row it takes until a policy objects. */
  private int threshold() {
    TestContext context = TestContext.create();
    HealthPolicy policy = plugin().create(context);
    FakeEndpoint endpoint = FakeEndpoint.of("a");
    policy.members(List.of(endpoint));
    for (int i = 1; i <= MANY; i++) {
      if (judge(policy, context, endpoint, Status.OVERLOADED) > 0) {
        return i;
      }
    }
    return Integer.MAX_VALUE;
  }

  /** The threshold, where it takes several failures. */
  private int severalOrSkip() {
    int threshold = threshold();
    if (threshold == 1 || threshold > MANY) {
      Rule.skip("the first failure decides, or none does");
    }
    return threshold;
  }

  /** H1: endings that are no fault of the endpoint bring no cooldown. */
  @Test
  default void h1_endingsThatAreNoFaultBringNoCooldown() {
    Rule.check(
        this,
        "H1",
        () -> {
          for (Status status : Status.values()) {
            if (status.unhealthy() || status == Status.ACCOUNT_OUT) {
              continue;
            }
            TestContext context = TestContext.create();
            HealthPolicy policy = plugin().create(context);
            FakeEndpoint endpoint = FakeEndpoint.of("a");
            policy.members(List.of(endpoint));
            for (int i = 0; i < MANY; i++) {
              long nanos = judge(policy, context, endpoint, status);
              require(nanos == 0, "%d ns of cooldown after %s (expected: 0)", nanos, status);
            }
          }
        });
  }

  /** H2: an endpoint that only fails is put aside. */
  @Test
  default void h2_anEndpointThatOnlyFailsIsPutAside() {
    Rule.check(
        this,
        "H2",
        () -> require(threshold() <= MANY, "no cooldown after %d failures in a row", MANY));
  }

  /** H3: a cooldown has bounds, however many failures there were. */
  @Test
  default void h3_cooldownsHaveBounds() {
    Rule.check(
        this,
        "H3",
        () -> {
          TestContext context = TestContext.create();
          HealthPolicy policy = plugin().create(context);
          FakeEndpoint endpoint = FakeEndpoint.of("a");
          policy.members(List.of(endpoint));
          for (int i = 0; i < 5_000; i++) {
            long nanos = judge(policy, context, endpoint, Status.OVERLOADED);
            require(
                nanos >= 0 && nanos <= LONGEST_NANOS,
                "%d ns of cooldown after %d failures (expected: 0 to an hour)",
                nanos,
                i + 1);
            context.pass(Math.max(0, nanos));
          }
        });
  }

  /** H4: failures of one endpoint are not held against another. */
  @Test
  default void h4_endpointsAreJudgedApart() {
    Rule.check(
        this,
        "H4",
        () -> {
          TestContext context = TestContext.create();
          HealthPolicy policy = plugin().create(context);
          FakeEndpoint bad = FakeEndpoint.of("a");
          FakeEndpoint good = FakeEndpoint.of("b").account(bad.account());
          policy.members(List.of(bad, good));
          for (int i = 0; i < MANY; i++) {
            judge(policy, context, bad, Status.OVERLOADED);
            long nanos = judge(policy, context, good, Status.OK);
            require(nanos == 0, "%d ns of cooldown for the endpoint that answered", nanos);
          }
        });
  }

  /** H5: failures that are long past do not count. */
  @Test
  default void h5_failuresLongPastDoNotCount() {
    Rule.check(
        this,
        "H5",
        () -> {
          int threshold = severalOrSkip();
          TestContext context = TestContext.create();
          HealthPolicy policy = plugin().create(context);
          FakeEndpoint endpoint = FakeEndpoint.of("a");
          policy.members(List.of(endpoint));
          for (int i = 1; i < threshold; i++) {
            judge(policy, context, endpoint, Status.OVERLOADED);
          }
          context.passSeconds(86_400);
          long nanos = judge(policy, context, endpoint, Status.OVERLOADED);
          require(
              nanos == 0,
              "%d ns of cooldown for one failure, a day after %d others (expected: 0)",
              nanos,
              threshold - 1);
        });
  }

  /** H6: an endpoint that left and came back under its name is a new one. */
  @Test
  default void h6_anEndpointThatCameBackIsNew() {
    Rule.check(
        this,
        "H6",
        () -> {
          int threshold = severalOrSkip();
          TestContext context = TestContext.create();
          HealthPolicy policy = plugin().create(context);
          FakeEndpoint other = FakeEndpoint.of("b");
          FakeEndpoint endpoint = FakeEndpoint.of("a");
          policy.members(List.of(endpoint, other));
          for (int i = 1; i < threshold; i++) {
            judge(policy, context, endpoint, Status.OVERLOADED);
          }
          policy.members(List.of(other));
          FakeEndpoint back = FakeEndpoint.of("a");
          policy.members(List.of(back, other));
          long nanos = judge(policy, context, back, Status.OVERLOADED);
          require(
              nanos == 0,
              "%d ns of cooldown for the first failure since it came back (expected: 0)",
              nanos);
        });
  }

  /** H7: an ending that comes after the endpoint left is taken calmly, and leaves nothing. */
  @Test
  default void h7_anEndingAfterTheEndpointLeftLeavesNothing() {
    Rule.check(
        this,
        "H7",
        () -> {
          TestContext context = TestContext.create();
          HealthPolicy policy = plugin().create(context);
          FakeEndpoint stays = FakeEndpoint.of("stays");
          policy.members(List.of(stays));
          long once = 0;
          for (int i = 0; i < 1_200; i++) {
            judge(policy, context, FakeEndpoint.of("gone" + i), Status.OVERLOADED);
            policy.members(List.of(stays));
            once = i == 200 ? Footprint.of(policy) : once;
          }
          long later = Footprint.of(policy);
          require(
              later <= once + once / 10 + 200,
              "%d objects are held after 200 endpoints left, %d after 1200 (expected: no growth)",
              once,
              later);
        });
  }
}
