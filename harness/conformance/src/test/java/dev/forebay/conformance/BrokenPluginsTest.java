package dev.forebay.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.RateLimiter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/** The kit finds what it is for: each broken plugin fails its rule, each good one none. */
class BrokenPluginsTest {

  /** Rules that take a second or more for each plugin. */
  private static final List<String> SLOW = List.of("P9", "B16");

  @TestFactory
  Stream<DynamicTest> everyRuleHasABrokenPluginThatFailsIt() {
    return Spec.rules().stream()
        .flatMap(
            rule ->
                Spec.brokenOf(rule.id()).stream()
                    .map(
                        broken ->
                            DynamicTest.dynamicTest(
                                broken.getSimpleName(), () -> failsItsRule(broken, rule.id()))));
  }

  private static void failsItsRule(Class<?> broken, String rule) {
    AlsoFails others = broken.getAnnotation(AlsoFails.class);
    TreeSet<String> allowed =
        new TreeSet<>(List.of(others == null ? new String[0] : others.value()));
    Map<String, String> failed = failures(run(broken, SLOW.contains(rule)));
    String message = failed.remove(rule);
    assertTrue(message != null, rule + " passed; failed: " + failed);
    assertTrue(String.valueOf(message).startsWith(rule + ": "), String.valueOf(message));
    failed.keySet().removeAll(allowed);
    assertEquals(Map.of(), failed, "more failed than " + rule + " and " + allowed);
  }

  @TestFactory
  Stream<DynamicTest> goodPluginsHoldEveryRule() {
    return Stream.of(
            BrokenBalancers.Good.class,
            BrokenRateLimiters.Good.class,
            BrokenConcurrencyLimiters.Good.class,
            BrokenQueues.Good.class,
            BrokenCaches.Good.class,
            BrokenBackends.Good.class,
            BrokenHealthPolicies.Good.class,
            BrokenProbes.Good.class,
            BrokenSources.Good.class,
            BrokenJobStores.Good.class,
            BrokenJobQueues.Good.class,
            BrokenFilters.Good.class,
            BrokenScalingPolicies.Good.class,
            BrokenScalingTargets.Good.class,
            BrokenLedgers.Good.class)
        .map(
            good ->
                DynamicTest.dynamicTest(
                    good.getName(), () -> assertEquals(Map.of(), failures(run(good, true)))));
  }

  /** Returns null. */
  static final class NullBalancer implements BalancerContract {
    @Override
    @SuppressWarnings("NullAway") // what it is about
    public Plugin<Balancer> plugin() {
      return NamedPlugin.of(Balancer.class, "null", context -> (request, candidates) -> null);
    }
  }

  /** Returns null. */
  static final class NullRateLimiter implements RateLimiterContract {
    @Override
    @SuppressWarnings("NullAway") // what it is about
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(context -> (request, expected) -> null);
    }
  }

  /** Returns a future of null. */
  static final class NullDecision implements RateLimiterContract {
    @Override
    @SuppressWarnings("NullAway") // what it is about
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context -> (request, expected) -> Future.succeededFuture(null));
    }
  }

  @Test
  void whatReturnsNullIsSaidToReturnNull() {
    for (Class<?> contract :
        List.of(NullBalancer.class, NullRateLimiter.class, NullDecision.class)) {
      Map<String, String> failed = failures(run(contract, false));
      assertFalse(failed.isEmpty(), contract + " passed");
      failed.forEach(
          (rule, why) -> {
            assertFalse(why.contains("threw"), contract + ": " + why);
            assertTrue(why.matches(".* returned (a future of )?null.*"), contract + ": " + why);
          });
    }
    assertTrue(
        failures(run(NullBalancer.class, false))
            .getOrDefault("B1", "")
            .startsWith("B1: choose returned null (expected: one of ["));
  }

  /** Never decides. */
  static final class NeverDecides implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context -> (request, expected) -> Promise.<RateLimiter.Decision>promise().future());
    }
  }

  @Test
  void whatNeverAnswersIsSaidToBeTheFutureOfItsCall() {
    Map<String, String> failed = failures(run(NeverDecides.class, false));
    assertEquals(
        "L1: the future of acquire is not complete after 10 minutes of virtual time (expected:"
            + " complete)",
        failed.get("L1"));
    failed.forEach((rule, why) -> assertFalse(why.contains("threw"), why));
  }

  /** Is not made. */
  static final class Unmade implements BalancerContract {
    @Override
    @SuppressWarnings("NullAway") // what it is about
    public Plugin<Balancer> plugin() {
      return NamedPlugin.of(Balancer.class, "unmade", context -> null);
    }
  }

  @Test
  void whatIsNotMadeIsSaidToBeNull() {
    assertEquals(
        "P7: create returned null (expected: a plugin of its kind)",
        failures(run(Unmade.class, false)).get("P7"));
  }

  @Test
  void aRefusalIsShownThatEndsTheServingOfRequests() {
    String why = failures(run(BrokenBackends.N10.class, false)).getOrDefault("N10", "");
    assertTrue(
        why.startsWith("N10: no response to request ") && why.contains("no slot (expected: one)"),
        why);
  }

  /** Exempt from what it does not hold. */
  static final class Exempt implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return new BrokenBalancers.B11().plugin();
    }

    @Override
    public Map<String, String> exempt() {
      return Map.of("B11", "weights are ignored");
    }
  }

  @Test
  void whatIsExemptIsSkippedWithItsReason() {
    Events events = run(Exempt.class, false);
    assertEquals(Map.of(), failures(events));
    List<String> reasons = events.aborted().stream().map(BrokenPluginsTest::reasonOf).toList();
    assertTrue(reasons.contains("B11: exempt: weights are ignored"), reasons.toString());
  }

  /** All slow rules for each broken plugin would take a minute: they are tested on their own. */
  private static Events run(Class<?> contract, boolean slow) {
    List<DiscoverySelector> selected =
        Spec.allTests(contract).stream()
            .filter(method -> slow || !SLOW.contains(Spec.ruleOf(method.getName())))
            .<DiscoverySelector>map(method -> selectMethod(contract, method.getName()))
            .toList();
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selected.toArray(DiscoverySelector[]::new))
        .execute()
        .testEvents();
  }

  private static Map<String, String> failures(Events events) {
    assertTrue(events.started().count() > 5, "the contract was not run");
    Map<String, String> failures = new LinkedHashMap<>();
    events.failed().stream()
        .forEach(event -> failures.put(Spec.ruleOf(nameOf(event)), reasonOf(event)));
    return failures;
  }

  private static String nameOf(Event event) {
    return event.getTestDescriptor().getLegacyReportingName();
  }

  private static String reasonOf(Event event) {
    return event
        .getPayload(TestExecutionResult.class)
        .flatMap(TestExecutionResult::getThrowable)
        .map(thrown -> String.valueOf(thrown.getMessage()))
        .orElse("");
  }
}
