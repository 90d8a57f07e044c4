package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Node;
import dev.forebay.simulation.Simulated;
import dev.forebay.spi.options.Plugins;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stages of the road map, on the traffic of the overload scenarios. */
class RoadMapTest {

  private static final String BASELINE = ScenarioReader.BASELINE;
  private static final List<String> STAGES =
      List.of("emergency", "short-term", "mid-term", "long-term");

  private static Scenario scenario(String name) {
    return ScenarioReader.read(name, Bench.REGISTRY, variable -> null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-coding", "-agents"})
  void arrivalsServersAndCallersAreThoseOfOverload(String workload) {
    Scenario roadMap = scenario("road-map" + workload);
    Scenario overload = scenario("overload" + workload);
    assertEquals(overload.synthetic(), roadMap.synthetic());
    assertEquals(overload.objective(), roadMap.objective());
    assertEquals(overload.callers(), roadMap.callers());
    assertEquals(baseline(overload), baseline(roadMap), "servers and faults");
    List<String> names = roadMap.combinations().stream().map(Combination::name).toList();
    assertTrue(names.containsAll(STAGES), names.toString());
    assertTrue(names.contains("recommended"), names.toString());
  }

  private static String baseline(Scenario scenario) {
    return scenario.combinations().get(0).blueprint().allPools().toString();
  }

  @Test
  void eachStageKeepsWhatTheOneBeforeItBrought() throws IOException {
    List<String> before = List.of();
    for (String stage : STAGES) {
      List<String> now = strategies(stage);
      assertTrue(now.containsAll(before), stage + ": " + now + ", before: " + before);
      assertTrue(stage.equals("emergency") || now.size() > before.size(), stage);
      before = now;
    }
  }

  private static List<String> strategies(String stage) throws IOException {
    return pipeline("road-map", stage).items().stream().map(item -> item.keys().get(0)).toList();
  }

  private static Node pipeline(String scenario, String stage) throws IOException {
    String name = scenario + ".yaml";
    try (InputStream in = RoadMapTest.class.getResourceAsStream("/scenarios/" + name)) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      Node node = Node.parse(name, text, variable -> null);
      for (String key : List.of("combinations", stage, "gateway", "pipeline")) {
        node = Objects.requireNonNull(node.get(key), key);
      }
      return node;
    }
  }

  /** More hardware is all that differs: the same strategies, and the same servers among others. */
  @Test
  void moreServersAreBesideTheSameSixWithTheSameStrategies() throws IOException {
    Scenario scaling = scenario("road-map-scaling");
    String six = baseline(scenario("road-map"));
    assertEquals(six, baseline(scaling));
    for (String server : List.of("node-1", "node-2", "slow", "flaky", "breaking", "crashing")) {
      Simulated member = member(scaling, BASELINE, server);
      assertEquals(member, member(scaling, "emergency-servers", server));
      assertEquals(member, member(scaling, "long-term-scaling", server));
    }
    assertEquals(
        text(pipeline("road-map", "long-term")),
        text(pipeline("road-map-scaling", "long-term-scaling")));
  }

  /** Jobs and a local model are all that differs, and the local model is last. */
  @Test
  void jobsAndALocalModelAreBesideTheSameStrategiesAndServers() throws IOException {
    Scenario jobs = scenario("road-map-jobs");
    assertEquals(baseline(scenario("road-map")), baseline(jobs));
    String strategies = text(pipeline("road-map", "long-term"));
    assertEquals(strategies, text(pipeline("road-map-jobs", "long-term-jobs")));
    for (String stage : List.of("long-term-local", "long-term-jobs-local")) {
      assertEquals(
          strategies, text(pipeline("road-map-jobs", stage)).replace(", spill-over=8", ""), stage);
      for (String server : List.of("node-1", "node-2", "slow", "flaky", "breaking", "crashing")) {
        assertEquals(member(jobs, BASELINE, server), member(jobs, stage, server));
      }
      assertEquals(4, member(jobs, stage, "local").server().slots());
    }
  }

  private static String text(Node node) {
    return switch (node.kind()) {
      case NULL -> "null";
      case SCALAR -> node.text();
      case SEQUENCE -> node.items().stream().map(RoadMapTest::text).toList().toString();
      case MAPPING ->
          node.keys().stream()
                  .map(key -> key + "=" + text(Objects.requireNonNull(node.get(key))))
                  .toList()
              + "";
    };
  }

  private static Simulated member(Scenario scenario, String combination, String id) {
    return scenario.combinations().stream()
        .filter(one -> one.name().equals(combination))
        .flatMap(one -> one.blueprint().allPools().values().stream())
        .flatMap(pool -> pool.members().stream())
        .map(member -> (Simulated) Plugins.options(member.backend()))
        .filter(simulated -> id.equals(simulated.id()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(combination + ": " + id));
  }
}
