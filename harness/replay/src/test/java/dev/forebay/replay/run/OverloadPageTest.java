package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.forebay.config.Node;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The page that says where the figures of the scenario {@code overload} are from names each. */
class OverloadPageTest {

  private static final Path PAGE = Path.of("../../docs/overload.md");

  @Test
  void eachParameterOfTheScenarioStandsOnItsPage() throws IOException {
    String page = Files.readString(PAGE);
    String parameters =
        page.substring(page.indexOf("## The parameters"), page.indexOf("## What the headline"));
    List<String> missing = new ArrayList<>();
    for (String name : names()) {
      if (!parameters.contains("`" + name + "`") && !parameters.contains("." + name + "`")) {
        missing.add(name);
      }
    }
    assertEquals(List.of(), missing);
  }

  /** Keys of the traffic, the callers and a server, and ids of servers with faults. */
  private static List<String> names() throws IOException {
    Node document;
    try (InputStream in = ScenarioReader.class.getResourceAsStream("/scenarios/overload.yaml")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      document = Node.parse("overload.yaml", text, name -> null);
    }
    List<String> names = new ArrayList<>();
    names.addAll(get(document, "synthetic").keys());
    names.addAll(get(document, "callers").keys());
    for (Node group : get(document, "fleet").items()) {
      if (group.get("faults") != null) {
        names.add(get(group, "id").text());
      }
      Node server = get(group, "server");
      names.addAll(server.without("effects").keys());
      names.addAll(get(server, "effects").keys());
    }
    assertFalse(names.isEmpty());
    return names;
  }

  private static Node get(Node node, String key) {
    return Objects.requireNonNull(node.get(key), key);
  }
}
