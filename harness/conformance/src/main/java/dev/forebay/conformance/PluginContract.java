package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Plugins;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Rules for every plugin: P1 and following of {@code docs/spec.md}. Tests of a plugin implement the
 * contract of its kind, which extends this one.
 *
 * @param <T> the kind of plugin
 */
public interface PluginContract<T> {

  /** The plugin under test, with its options. */
  Plugin<T> plugin();

  /**
   * Rules that do not apply to this plugin, each with the reason that the report shows: for example
   * {@code "B8" -> "weights are ignored"}. A plugin that is exempt from optional and stochastic
   * rules only conforms.
   */
  default Map<String, String> exempt() {
    return Map.of();
  }

  /**
   * How many callers, requests, endpoints or answers the plugin under test remembers at most. Give
   * it options with small bounds where its defaults are above this.
   */
  default int memoryBound() {
    return 10_000;
  }

  /**
   * Lends the plugin under test what its host would, such as a Vert.x instance; by default nothing.
   *
   * @return the context
   */
  default TestContext lend(TestContext context) {
    return context;
  }

  /** Its options; skips the rule if it has none, since code makes it. */
  private Class<? extends Record> optionsOrSkip() {
    Record options = Plugins.options(plugin());
    if (options == null) {
      Rule.skip("the plugin " + Plugins.name(plugin()) + " has no options: code makes it");
    }
    return Objects.requireNonNull(options).getClass();
  }

  private long registered() {
    Class<?> kind = Plugins.kind(plugin());
    String name = Plugins.name(plugin());
    ClassLoader loader = optionsOrSkip().getClassLoader();
    return Plugins.of(loader, problem -> {}).stream()
        .filter(type -> Plugins.kind(type) == kind && Names.nameOf(type).equals(name))
        .count();
  }

  /** P1: a plugin with options is registered once. */
  @Test
  default void p1_isRegisteredOnce() {
    Rule.check(
        this,
        "P1",
        () -> {
          long found = registered();
          require(
              found == 1,
              "%d lines of %s name a plugin %s of its kind (expected: 1)",
              found,
              Plugins.SERVICES,
              Plugins.name(plugin()));
        });
  }

  /** P2: the name is lower case, words joined by hyphens. */
  @Test
  default void p2_nameIsLowerCaseWordsJoinedByHyphens() {
    Rule.check(
        this,
        "P2",
        () ->
            require(
                Plugins.name(plugin()).matches("[a-z][a-z0-9]*(-[a-z0-9]+)*"),
                "name: %s (expected: lower case, words joined by hyphens)",
                Plugins.name(plugin())));
  }

  /** P3: the options and each of them say what they are for. */
  @Test
  default void p3_everyOptionIsDocumented() {
    Rule.check(this, "P3", () -> OptionRules.documented(optionsOrSkip()));
  }

  /** P4: defaults can be read, and are within their bounds. */
  @Test
  default void p4_defaultsAreWithinTheirBounds() {
    Rule.check(this, "P4", () -> OptionRules.defaults(optionsOrSkip()));
  }

  /** P5: every number has bounds. */
  @Test
  default void p5_everyNumberHasBounds() {
    Rule.check(this, "P5", () -> OptionRules.bounded(optionsOrSkip()));
  }

  /** P6: secrets are marked. */
  @Test
  default void p6_secretsAreMarked() {
    Rule.check(this, "P6", () -> OptionRules.secrets(optionsOrSkip()));
  }

  /** P7: each creation gives a plugin of its kind, and a new one where it has state. */
  @Test
  default void p7_eachCreationGivesANewPlugin() {
    Rule.check(
        this,
        "P7",
        () -> {
          Plugin<T> plugin = plugin();
          Object first = plugin.create(lend(TestContext.of("first", 1)));
          Object second = plugin.create(lend(TestContext.of("second", 2)));
          Class<?> kind = Plugins.kind(plugin);
          require(first != null, "create returned null (expected: a plugin of its kind)");
          require(
              kind == null || kind.isInstance(first),
              "create returned %s (expected: a %s)",
              first,
              kind == null ? "plugin" : kind.getSimpleName());
          require(
              first != second || Footprint.stateless(first),
              "the same object twice, though it has fields (expected: one for each gateway)");
        });
  }

  /** P8: the same inputs and seed give the same decisions again. */
  @Test
  default void p8_sameInputsAndSeedDecideTheSameAgain() {
    Rule.check(
        this,
        "P8",
        () ->
            requireSame(
                Rehearsal.perform(plugin(), lend(TestContext.create())),
                Rehearsal.perform(plugin(), lend(TestContext.create())),
                "the second time"));
  }

  /** P9: the same inputs and seed give the same decisions in another JVM. */
  @Test
  default void p9_sameInputsAndSeedDecideTheSameInAnotherJvm() {
    Rule.check(
        this,
        "P9",
        () ->
            requireSame(
                Rehearsal.perform(plugin(), lend(TestContext.create())),
                SecondJvm.perform(getClass()),
                "in a second JVM"));
  }

  private static void requireSame(List<String> one, List<String> other, String where) {
    for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
      require(
          one.get(i).equals(other.get(i)),
          "decision %d: %s, but %s %s (expected: the same)",
          i + 1,
          one.get(i),
          where,
          other.get(i));
    }
    require(one.size() == other.size(), "%d and %d decisions", one.size(), other.size());
  }

  /** P10: with nothing under way, nothing stays scheduled. */
  @Test
  default void p10_nothingStaysScheduledWhenAllIsOver() {
    Rule.check(
        this,
        "P10",
        () -> {
          TestContext context = lend(TestContext.create());
          Rehearsal.perform(plugin(), context);
          context.passSeconds(3600);
          int pending = context.timeline().pending();
          require(
              pending == 0,
              "%d actions are scheduled an hour after the last request (expected: 0)",
              pending);
        });
  }

  /** P11: what a plugin remembers has a bound. */
  @Test
  default void p11_memoryHasABound() {
    Rule.check(
        this,
        "P11",
        () -> {
          TestContext context = lend(TestContext.create());
          T made = plugin().create(context);
          int bound = Rehearsal.bound(plugin(), memoryBound());
          Rehearsal.fill(plugin(), made, context, 0, bound);
          long once = Footprint.of(made);
          Rehearsal.fill(plugin(), made, context, bound, 2 * bound);
          long twice = Footprint.of(made);
          require(
              twice <= once + once / 10 + 200,
              "%d objects are held after %d requests, %d after %d (expected: no growth past the "
                  + "memory bound)",
              once,
              bound,
              twice,
              2 * bound);
        });
  }

  /** P12: counters only grow, gauges have names of their own and can be read at any time. */
  @Test
  default void p12_countersOnlyGrowAndGaugesCanBeRead() {
    Rule.check(
        this,
        "P12",
        () -> {
          TestContext context = lend(TestContext.create());
          T made = plugin().create(context);
          context.gauges();
          Rehearsal.perform(plugin(), made, context);
          context.gauges();
          require(
              context.gauges().values().stream().noneMatch(value -> Double.isInfinite(value)),
              "gauges: %s (expected: none infinite)",
              context.gauges());
        });
  }

  /** P13: the text of the options shows no secret. */
  @Test
  default void p13_theTextOfOptionsShowsNoSecret() {
    Rule.check(
        this,
        "P13",
        () -> {
          Record options = Plugins.options(plugin());
          if (options == null) {
            Rule.skip("the plugin " + Plugins.name(plugin()) + " has no options: code makes it");
          } else {
            SecretRules.hidden(options);
          }
        });
  }
}
