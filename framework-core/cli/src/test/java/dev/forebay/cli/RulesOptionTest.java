package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.replay.rules.AlertRules;
import dev.forebay.spi.metrics.Snapshot;
import dev.forebay.spi.state.GatewayState;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code compare --rules}, with the promtool that is installed. */
@Timeout(300)
class RulesOptionTest {

  /** A server that fails every request for two minutes. */
  private static final String SCENARIO =
      """
      synthetic: { seconds: 600, rate-per-second: 2, output-tokens-mean: 20, output-tokens-median: 15 }
      fleet:
        - { id: node, faults: [{ kind: fail, amount: 1, from: 120s, length: 120s }] }
      combinations: {}
      """;

  private static final String RULES =
      """
      groups:
        - name: test
          rules:
            - alert: Errors
              expr: sum(rate(forebay_requests_total{code=~"5.."}[1m])) > 0.5
              for: 30s
              labels: { severity: critical }
            - { alert: AlwaysFires, expr: forebay_ready == 1 }
            - { alert: NeverFires, expr: forebay_ready > 1 }
      """;

  private static final Snapshot NOTHING =
      new Snapshot(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... more) throws IOException {
    Files.writeString(folder.resolve("scenario.yaml"), SCENARIO);
    Files.writeString(folder.resolve("rules.yml"), RULES);
    String[] start = {"compare", folder.resolve("scenario.yaml").toString(), "--seeds", "1"};
    String[] all = Arrays.copyOf(start, start.length + more.length);
    System.arraycopy(more, 0, all, start.length, more.length);
    return Main.run(new PrintWriter(out), new PrintWriter(err, true), Map.of(), all);
  }

  private static void needsPromtool() {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    assumeTrue(
        Arrays.stream(path.split(File.pathSeparator))
            .anyMatch(each -> Files.isExecutable(Path.of(each, "promtool"))),
        "promtool is not installed (in Debian: the package prometheus)");
  }

  @Test
  void theAlertFiresWhileTheServerFailsAndIsNotInVain() throws IOException {
    needsPromtool();
    String rules = folder.resolve("rules.yml").toString();
    assertEquals(0, run("--rules", rules, "--format", "json"), err::toString);
    JsonArray alerts = new JsonObject(out.toString()).getJsonArray("alerts");
    JsonObject errors = only(alerts, "Errors");
    int fired = errors.getInteger("firedAfterSeconds");
    int ended = errors.getInteger("endedAfterSeconds");
    assertTrue(fired > 120 && fired <= 240, errors::encode);
    assertTrue(ended > 240 && ended <= 330, errors::encode);
    assertFalse(errors.getBoolean("inVain"));
    assertEquals("critical", errors.getJsonObject("labels").getString("severity"));
    JsonObject always = only(alerts, "AlwaysFires");
    assertEquals(0, always.getInteger("firedAfterSeconds"));
  }

  private static JsonObject only(JsonArray alerts, String name) {
    return alerts.stream()
        .map(JsonObject.class::cast)
        .filter(each -> each.getString("alert").equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + ": " + alerts.encode()));
  }

  @Test
  void lookingAtARunDoesNotChangeIt() throws IOException {
    needsPromtool();
    run("--format", "json");
    String without = digest();
    out.getBuffer().setLength(0);
    run("--rules", folder.resolve("rules.yml").toString(), "--format", "json");
    assertEquals(without, digest());
  }

  private String digest() {
    return new JsonObject(out.toString()).getJsonArray("rows").getJsonObject(0).getString("digest");
  }

  @Test
  void severalGatewaysAreRefusedBeforeAnyRun() throws IOException {
    needsPromtool();
    Files.writeString(folder.resolve("several.yaml"), "gateways: 3\n" + SCENARIO);
    int code =
        Main.run(
            new PrintWriter(out),
            new PrintWriter(err, true),
            Map.of(),
            "compare",
            folder.resolve("several.yaml").toString(),
            "--rules",
            Files.writeString(folder.resolve("rules.yml"), RULES).toString());
    assertEquals(2, code);
    assertTrue(err.toString().contains("(expected: a scenario with one gateway; it has 3)"));
    assertEquals("", out.toString());
  }

  @Test
  void runsThatFailedAreNoRunsOfTheirCombination() throws IOException {
    needsPromtool();
    AlertRules rules = AlertRules.read(List.of(rulesIn(folder)), System::getenv);
    GatewayState state = new GatewayState(0, true, Map.of(), Map.of(), Map.of(), NOTHING);
    rules.scrapes().observe("whole", 1, state);
    rules.scrapes().observe("broken", 1, state);
    String table = rules.replay(Set.of("broken")).table();
    assertTrue(table.contains("whole") && !table.contains("broken"), table);
  }

  @Test
  void aPathMayHoldAnApostrophe() throws IOException {
    needsPromtool();
    Path own = Files.createDirectory(folder.resolve("the operator's"));
    assertEquals(0, run("--rules", rulesIn(own).toString(), "--format", "json"), err::toString);
    only(new JsonObject(out.toString()).getJsonArray("alerts"), "Errors");
  }

  private static Path rulesIn(Path folder) throws IOException {
    return Files.writeString(folder.resolve("rules.yml"), RULES);
  }

  @Test
  void aFileThatIsNotThereOrHasAMistakeIsNamed() throws IOException {
    needsPromtool();
    assertEquals(2, run("--rules", folder.resolve("absent.yml").toString()));
    assertTrue(err.toString().contains("absent.yml cannot be read"), err::toString);
    Path broken = Files.writeString(folder.resolve("broken.yml"), RULES.replace("sum(", "sun("));
    assertEquals(2, run("--rules", broken.toString()));
    assertTrue(err.toString().contains("broken.yml: "), err::toString);
  }
}
