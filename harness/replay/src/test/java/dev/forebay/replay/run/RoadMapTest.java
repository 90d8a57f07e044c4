package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Node;
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
    try (InputStream in = RoadMapTest.class.getResourceAsStream("/scenarios/road-map.yaml")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      Node node = Node.parse("road-map.yaml", text, name -> null);
      for (String key : List.of("combinations", stage, "gateway", "pipeline")) {
        node = Objects.requireNonNull(node.get(key), key);
      }
      return node.items().stream().map(item -> item.keys().get(0)).toList();
    }
  }
}
