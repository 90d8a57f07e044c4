package dev.forebay.examples.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.PackageMatcher;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The dependency rules hold for all modules, and each is shown to catch what breaks it. */
class ArchitectureTest {

  private static final Sources SOURCES = Sources.read();
  private static final JavaClasses CLASSES = SOURCES.classes();
  private static final Map<String, ArchRule> RULES = Rules.all(SOURCES.plugins());

  /** Classes that break a rule, by the rule's name. */
  private static final Map<String, List<Class<?>>> PLANTED =
      Map.ofEntries(
          Map.entry(
              "spi-uses-the-jdk-and-little-of-vertx",
              List.of(dev.forebay.spi.planted.UsesVertx.class)),
          Map.entry("dialect-uses-spi-only", List.of(dev.forebay.dialect.planted.UsesCore.class)),
          Map.entry("net-uses-spi-only", List.of(dev.forebay.net.planted.UsesDialect.class)),
          Map.entry("timeline-uses-spi-only", List.of(dev.forebay.timeline.planted.UsesCore.class)),
          Map.entry(
              "plugins-use-spi-dialect-net",
              List.of(
                  dev.forebay.queuing.planted.UsesCore.class,
                  dev.forebay.queuing.planted.UsesPlugin.class)),
          Map.entry(
              "arrows-point-downwards",
              List.of(
                  dev.forebay.core.kernel.planted.UsesStream.class,
                  dev.forebay.core.limiting.planted.UsesCaching.class,
                  dev.forebay.edge.http.planted.UsesGateway.class)),
          Map.entry("core-knows-no-plugin", List.of(dev.forebay.gateway.planted.UsesPlugin.class)),
          Map.entry(
              "what-is-served-knows-no-harness",
              List.of(dev.forebay.gateway.planted.UsesVirtualTime.class)),
          Map.entry(
              "examples-use-no-internals",
              List.of(dev.forebay.examples.architecture.planted.UsesCore.class)),
          Map.entry(
              "one-class-makes-http-clients",
              List.of(dev.forebay.queuing.planted.MakesClient.class)),
          Map.entry(
              "only-its-timeline-knows-vertx-in-the-core",
              List.of(dev.forebay.core.kernel.planted.UsesVertx.class)),
          Map.entry(
              "time-and-chance-come-by-one-door",
              List.of(
                  dev.forebay.core.kernel.planted.ReadsClock.class,
                  dev.forebay.gateway.planted.ReadsClock.class)));

  @Test
  void allClassesOfAllModulesAreSeen() {
    Set<String> unseen = SOURCES.expected();
    assertTrue(unseen.size() > 500, "sources found: " + unseen.size());
    CLASSES.stream().map(JavaClass::getName).forEach(unseen::remove);
    assertEquals(new TreeSet<>(), unseen);
  }

  @TestFactory
  Stream<DynamicTest> everyRuleHolds() {
    return RULES.entrySet().stream()
        .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> rule.getValue().check(CLASSES)));
  }

  @TestFactory
  Stream<DynamicTest> everyRuleCatchesWhatBreaksIt() {
    return RULES.entrySet().stream()
        .filter(rule -> !rule.getKey().equals("packages-have-no-circles"))
        .flatMap(
            rule ->
                PLANTED.getOrDefault(rule.getKey(), List.of(Harmless.class)).stream()
                    .map(
                        broken ->
                            DynamicTest.dynamicTest(
                                rule.getKey() + ": " + broken.getName(),
                                () -> caught(rule.getValue(), List.of(broken)))));
  }

  /** Breaks nothing. Stands for the violation of a rule that has none planted, which so fails. */
  private static final class Harmless {}

  @Test
  void whatBreaksNothingIsCaughtByNone() {
    JavaClasses imported = new ClassFileImporter().importClasses(Harmless.class);
    RULES.forEach(
        (name, rule) ->
            assertFalse(rule.allowEmptyShould(true).evaluate(imported).hasViolation(), name));
  }

  @Test
  void everyPackageOfTheCoreHasAWall() {
    Set<String> packages = SOURCES.packages("framework-core/core");
    for (Rules.Wall wall : Rules.WALLS) {
      for (String pattern : wall.packages()) {
        packages.removeIf(name -> PackageMatcher.of(pattern).matches(name));
      }
    }
    assertEquals(new TreeSet<>(), packages);
  }

  @Test
  void circlesOfPackagesAreFound() {
    caught(
        RULES.get("packages-have-no-circles"),
        List.of(
            dev.forebay.core.kernel.planted.InCircle.class,
            dev.forebay.core.stream.planted.InCircle.class));
  }

  private static void caught(ArchRule rule, List<Class<?>> broken) {
    JavaClasses imported = new ClassFileImporter().importClasses(broken);
    assertTrue(
        rule.allowEmptyShould(true).evaluate(imported).hasViolation(),
        () ->
            broken.stream().map(Class::getName).collect(Collectors.joining(", "))
                + " is not caught by: "
                + rule.getDescription());
  }

  @Test
  void noPackageIsInTwoModules() {
    assertEquals(List.of(), SOURCES.split());
  }

  @Test
  void aPackageInTwoModulesIsFound() {
    assertEquals(
        List.of("a.b in [one, two]"),
        Sources.split(
            new TreeMap<>(
                Map.of(
                    "a.b", new TreeSet<>(List.of("one", "two")),
                    "a.c", new TreeSet<>(List.of("one"))))));
  }
}
