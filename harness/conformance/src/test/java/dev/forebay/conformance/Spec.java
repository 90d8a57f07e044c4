package dev.forebay.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The rules of docs/spec.md, and the contracts that check them. */
final class Spec {

  /** The contract and the broken plugins of each letter. */
  static final Map<String, Kind> KINDS = new LinkedHashMap<>();

  /** A section of the spec. */
  record Kind(Class<?> contract, Class<?> broken) {}

  private static final Pattern RULE =
      Pattern.compile("^\\| ([A-Z][0-9]+) \\| (mandatory|optional|stochastic) \\| (.+) \\|$");

  static {
    KINDS.put("P", new Kind(PluginContract.class, BrokenPlugins.class));
    KINDS.put("B", new Kind(BalancerContract.class, BrokenBalancers.class));
    KINDS.put("L", new Kind(RateLimiterContract.class, BrokenRateLimiters.class));
    KINDS.put("C", new Kind(ConcurrencyLimiterContract.class, BrokenConcurrencyLimiters.class));
    KINDS.put("Q", new Kind(RequestQueueContract.class, BrokenQueues.class));
    KINDS.put("K", new Kind(ResponseCacheContract.class, BrokenCaches.class));
    KINDS.put("N", new Kind(BackendContract.class, BrokenBackends.class));
    KINDS.put("H", new Kind(HealthPolicyContract.class, BrokenHealthPolicies.class));
    KINDS.put("A", new Kind(HealthProbeContract.class, BrokenProbes.class));
    KINDS.put("D", new Kind(EndpointSourceContract.class, BrokenSources.class));
    KINDS.put("J", new Kind(JobStoreContract.class, BrokenJobStores.class));
    KINDS.put("W", new Kind(JobQueueContract.class, BrokenJobQueues.class));
    KINDS.put("U", new Kind(UsageLedgerContract.class, BrokenLedgers.class));
    KINDS.put("F", new Kind(FilterContract.class, BrokenFilters.class));
    KINDS.put("T", new Kind(ScalingTargetContract.class, BrokenScalingTargets.class));
    KINDS.put("S", new Kind(ScalingPolicyContract.class, BrokenScalingPolicies.class));
  }

  private Spec() {}

  /** A rule. */
  record Numbered(String id, String force, String text) {}

  /** The text of docs/spec.md. */
  static String text() {
    try {
      return Files.readString(Path.of(System.getProperty("forebay.root", "../.."), "docs/spec.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All rules, in order. */
  static List<Numbered> rules() {
    List<Numbered> rules = new ArrayList<>();
    for (String line : text().lines().toList()) {
      Matcher matcher = RULE.matcher(line);
      if (matcher.matches()) {
        rules.add(new Numbered(matcher.group(1), matcher.group(2), matcher.group(3)));
      }
    }
    return rules;
  }

  /** The plugins that break a rule: named after it, or after it and what is broken. */
  static List<Class<?>> brokenOf(String rule) {
    Kind kind = Objects.requireNonNull(KINDS.get(rule.substring(0, 1)), rule);
    List<Class<?>> broken =
        Arrays.stream(kind.broken().getDeclaredClasses())
            .filter(each -> each.getSimpleName().matches(rule + "([A-Z][A-Za-z]*)?"))
            .sorted(Comparator.comparing(Class::getName))
            .toList();
    if (broken.isEmpty()) {
      throw new AssertionError(kind.broken() + ": no plugin breaks " + rule);
    }
    return broken;
  }

  /** The methods of a contract's own rules. */
  static List<Method> ownTests(Class<?> contract) {
    return Arrays.stream(contract.getDeclaredMethods())
        .filter(method -> method.isAnnotationPresent(Test.class))
        .sorted(Comparator.comparing(Method::getName))
        .toList();
  }

  /** The methods of a contract, those for every plugin included. */
  static List<Method> allTests(Class<?> contract) {
    return Arrays.stream(contract.getMethods())
        .filter(method -> method.isAnnotationPresent(Test.class))
        .sorted(Comparator.comparing(Method::getName))
        .toList();
  }

  /** The rule that a method checks. */
  static String ruleOf(String method) {
    return method.substring(0, method.indexOf('_')).toUpperCase(Locale.ROOT);
  }
}
