package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.ConfigException;
import dev.forebay.gateway.Blueprint;
import dev.forebay.gateway.Pool;
import dev.forebay.spi.options.Plugins;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScenarioReaderTest {

  @TempDir private Path folder;

  @Test
  void reportsEveryMistakeWithItsLineAndPath() {
    String report =
        wrong(
            """
            about: x
            sped: 2
            load: -1
            objective: { patience: soon }
            synthetic: { burstines: 1 }
            fleet:
              - { id: a, count: 0 }
              - { id: b, server: { slots: 0, slotz: 1 } }
            gateway: { pipelin: [] }
            combinations:
              "a b": {}
              one:
                nedes: [tenant]
                gateway: { pipeline: [{ balance: round-robbin }] }
              two:
                needs: [fame]
                gateway: { pipeline: [{ cache: { store: lru, x: 1 } }], piplines: [] }
            """);
    for (String part :
        List.of(
            "tiny.yaml:2: sped",
            "tiny.yaml:3: load: -1",
            "tiny.yaml:4: objective.patience: soon",
            "tiny.yaml:5: synthetic.burstines",
            "tiny.yaml:7: fleet[0].count: 0",
            "tiny.yaml:8: fleet[1].server.slots: 0",
            "tiny.yaml:8: fleet[1].server.slotz",
            "tiny.yaml:9: gateway.pipelin: unknown key",
            "tiny.yaml:11: combinations[\"a b\"]: a b",
            "tiny.yaml:13: combinations.one.nedes",
            "tiny.yaml:14: combinations.one.gateway.pipeline[0].balance: round-robbin",
            "tiny.yaml:16: combinations.two.needs[0]: fame",
            "combinations.two.gateway.pipeline[0].cache.x",
            "tiny.yaml:17: combinations.two.gateway.piplines: unknown key")) {
      assertTrue(report.contains(part), part + "\n is missing in\n" + report);
    }
    assertEquals(report.lines().distinct().count(), report.lines().count(), report);
  }

  @Test
  void reportsWhatHasTheWrongShape() {
    assertTrue(wrong("[1]").contains("tiny.yaml:1: document"), wrong("[1]"));
    assertTrue(wrong("").contains("tiny.yaml:1: document: empty (expected: a"), wrong(""));
    String report = wrong("fleet: 3\ncombinations: [a]\n");
    assertTrue(report.contains("tiny.yaml:1: fleet: 3 (expected: a list of groups"), report);
    assertEquals(2, report.lines().count(), report);
    assertTrue(report.contains("tiny.yaml:2: combinations: a list (expected: a mapping"), report);
    assertTrue(wrong("gateway: {}\n").contains("fleet: missing (expected: fleet, gateway"));
    assertEquals(1, wrong("gateway: {}\n").lines().count());
    String both = wrong("fleet: [{}]\ngateway: { backends: [{ plugin: simulated }] }\n");
    assertTrue(both.contains("one of fleet and gateway.backends"), both);
    assertTrue(wrong("fleet: [").contains("tiny.yaml"), wrong("fleet: ["));
  }

  @Test
  void aCombinationIsAMergePatchOfTheGateway() {
    Scenario scenario =
        read(
            """
            fleet: [{ id: a }]
            gateway:
              extra-work: { ratio: 0.5 }
              pipeline: [{ deadline: { total: 9s } }, { balance: round-robin }]
            combinations:
              same: {}
              lists: { gateway: { pipeline: [{ retry: { attempts: 2 } }] } }
              less: { gateway: { extra-work: null } }
            """);
    assertEquals(List.of("deadline"), stages(blueprint(scenario, "same")));
    assertEquals(0.5, blueprint(scenario, "same").extraWork().ratio());
    assertEquals(List.of("retry"), stages(blueprint(scenario, "lists")), "a list is replaced");
    assertEquals(0.5, blueprint(scenario, "lists").extraWork().ratio(), "a mapping is merged");
    assertEquals(0.2, blueprint(scenario, "less").extraWork().ratio(), "null takes away");
  }

  @Test
  void baselineAndRowsThatKnowMoreAreThereUnlessTheScenarioHasItsOwn() {
    Scenario scenario = read("fleet: [{ id: a, count: 2 }, { id: b }]\n");
    assertEquals(List.of("baseline", "unbounded-cache", "clairvoyant-balancer"), names(scenario));
    assertEquals(List.of(), stages(blueprint(scenario, "baseline")));
    assertEquals(List.of("cache"), stages(blueprint(scenario, "unbounded-cache")));
    assertEquals(3, pool(blueprint(scenario, "baseline")).members().size());
    assertEquals(List.of("baseline", "clairvoyant-balancer", "z"), names(read(ownBounds())));
    assertEquals(List.of("deadline"), stages(blueprint(read(ownBounds()), "baseline")));
  }

  @Test
  void theBaselineIsOneListAlsoWhereThereArePools() {
    Scenario scenario =
        read(
            """
            gateway:
              pools:
                big: { models: [m], backends: [{ plugin: simulated, id: a }] }
                small:
                  pipeline: [{ retry: { attempts: 2 } }]
                  backends: [{ plugin: simulated, id: b }]
            combinations: { pools: {} }
            """);
    assertEquals(2, blueprint(scenario, "pools").allPools().size());
    Blueprint baseline = blueprint(scenario, "baseline");
    assertEquals(1, baseline.allPools().size());
    assertEquals(2, pool(baseline).members().size());
    assertEquals(List.of(), pool(baseline).stages());
    assertEquals(1, blueprint(scenario, "clairvoyant-balancer").allPools().size());
  }

  @Test
  void knowsItsScenarios() throws Exception {
    for (String name : ScenarioReader.builtIn()) {
      assertEquals(name, ScenarioReader.read(name, Bench.REGISTRY, unset -> null).name());
    }
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () -> ScenarioReader.read("overlaod", Bench.REGISTRY, unset -> null))
                .getMessage());
    assertEquals(
        "scenario: 'overlaod' (expected: a file, or one of "
            + String.join(", ", ScenarioReader.builtIn())
            + "; perhaps overload)",
        message);
    ConfigException missing =
        assertThrows(
            ConfigException.class,
            () -> ScenarioReader.read("./none.yaml", Bench.REGISTRY, unset -> null));
    assertTrue(String.valueOf(missing.getMessage()).contains("no such file"));
    Path file = Files.writeString(folder.resolve("mine.yml"), "fleet: [{}]\n");
    assertEquals(
        "mine", ScenarioReader.read(file.toString(), Bench.REGISTRY, unset -> null).name());
  }

  private static String ownBounds() {
    return """
    fleet: [{ id: a }]
    combinations:
      clairvoyant-balancer: { about: mine }
      z: {}
      baseline: { gateway: { pipeline: [{ deadline: { total: 9s } }] } }
    """;
  }

  private Scenario read(String text) {
    return Bench.scenario(folder, Bench.REGISTRY, text);
  }

  private String wrong(String text) {
    return String.valueOf(assertThrows(ConfigException.class, () -> read(text)).getMessage());
  }

  private static List<String> names(Scenario scenario) {
    return scenario.combinations().stream().map(Combination::name).toList();
  }

  private static Blueprint blueprint(Scenario scenario, String name) {
    return scenario.combinations().stream()
        .filter(combination -> combination.name().equals(name))
        .findFirst()
        .orElseThrow()
        .blueprint();
  }

  private static Pool pool(Blueprint blueprint) {
    return blueprint.allPools().values().iterator().next();
  }

  private static List<String> stages(Blueprint blueprint) {
    return blueprint.stages().stream().map(Plugins::name).toList();
  }

  @Test
  void aScenarioThatIsLikeABuiltInOneIsAPatchOfIt() {
    Scenario overload = ScenarioReader.read("overload", Bench.REGISTRY, name -> null);
    Scenario patched =
        Bench.scenario(
            folder, Bench.REGISTRY, "like: overload\nsynthetic: { rate-per-second: 1 }\n");
    assertEquals(1, patched.synthetic().ratePerSecond());
    assertEquals(overload.synthetic().with("ratePerSecond", 1), patched.synthetic());
    assertEquals(overload.callers(), patched.callers());
    assertEquals(
        overload.combinations().stream().map(Combination::name).toList(),
        patched.combinations().stream().map(Combination::name).toList());
  }

  @Test
  void aScenarioIsLikeNoneThatDoesNotExist() {
    ConfigException wrong =
        assertThrows(
            ConfigException.class, () -> Bench.scenario(folder, Bench.REGISTRY, "like: nothing\n"));
    assertTrue(String.valueOf(wrong.getMessage()).contains("overload"), wrong.getMessage());
  }
}
