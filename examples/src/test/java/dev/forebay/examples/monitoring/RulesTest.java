package dev.forebay.examples.monitoring;

import static dev.forebay.examples.monitoring.Documents.done;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.gateway.Gateway;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rules and the dashboard of {@code examples/monitoring}. */
@Timeout(300)
class RulesTest {

  private static final Pattern NAME = Pattern.compile("forebay[_:][a-z0-9_:]+");
  private static final Vertx VERTX = Vertx.vertx();
  private static final Set<String> KNOWN = new TreeSet<>();
  private static final Set<String> HELP = new TreeSet<>();

  /** A gateway with all stages: what it exports may stand in rules and on the dashboard. */
  private static final String WHOLE =
      """
      http: { port: 0, drain-timeout: 1s }
      administration: { port: 0 }
      metrics: { registry: rules-test }
      pipeline:
        - rate-limit: { by: { plugin: token-bucket, rate: 100, burst: 50 } }
        - cache: { store: lru }
        - fallback: { pool: second }
        - hedge
        - retry
      prices: { preset: deepseek }
      ledger: {}
      jobs: { store: memory, queue: memory, workers: 1 }
      scaling: { interval: 100ms, pools: [{ pool: second, by: hpa, min: 1, max: 2, target: none }] }
      pools:
        first:
          models: [deepseek-flash]
          pipeline: [{ admit: { limit: gradient2, queue: priority } }, { balance: round-robin }]
          backends: [{ plugin: simulated, id: a }]
        dead:
          models: [dead]
          pipeline: [{ dead-letters: { store: letter-ring } }, { balance: round-robin }]
          backends: [{ plugin: openai, id: c, url: "http://127.0.0.1:1" }]
        second:
          pipeline: [{ balance: round-robin }]
          backends: [{ plugin: simulated, id: b }]
      """;

  @BeforeAll
  static void namesAreThoseOfAGatewayThatAnswered() throws Exception {
    GatewayServer server = done(GatewayServer.start(VERTX, Documents.read(WHOLE)));
    HttpClient http = HttpClient.newHttpClient();
    String ask =
        "{\"model\":\"deepseek-flash\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
            + "\"max_tokens\":2}";
    String dead = ask.replace("deepseek-flash", "dead"); // its backend refuses connections
    for (String body : List.of(ask, ask, dead, "{oops")) { // an answer, a hit, a letter, an error
      URI chat = URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions");
      http.send(
          HttpRequest.newBuilder(chat)
              .header("content-type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build(),
          HttpResponse.BodyHandlers.discarding());
    }
    URI metrics = URI.create("http://127.0.0.1:" + server.administrationPort() + "/metrics");
    String text =
        http.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
            .body();
    KNOWN.addAll(Scrape.of(text).names());
    text.lines().filter(line -> line.startsWith("# HELP ")).forEach(HELP::add);
    Matcher recorded = Pattern.compile("record: (\\S+)").matcher(Documents.file("recording.yml"));
    while (recorded.find()) {
      KNOWN.add(recorded.group(1));
    }
    done(server.close());
  }

  @AfterAll
  static void stop() throws Exception {
    done(VERTX.close());
  }

  private static Set<String> unknown(String text) {
    Set<String> unknown = new TreeSet<>();
    Matcher name = NAME.matcher(text);
    while (name.find()) {
      if (!KNOWN.contains(name.group())) {
        unknown.add(name.group());
      }
    }
    return unknown;
  }

  /** The questions of a dashboard, those of its variables included. */
  private static List<String> questions(JsonObject dashboard) {
    List<String> questions = new ArrayList<>();
    JsonArray panels = dashboard.getJsonArray("panels");
    for (int i = 0; i < panels.size(); i++) {
      JsonArray targets = panels.getJsonObject(i).getJsonArray("targets", new JsonArray());
      for (int j = 0; j < targets.size(); j++) {
        questions.add(targets.getJsonObject(j).getString("expr"));
      }
    }
    JsonArray variables = dashboard.getJsonObject("templating").getJsonArray("list");
    for (int i = 0; i < variables.size(); i++) {
      questions.add(variables.getJsonObject(i).getString("query"));
    }
    return questions;
  }

  @Test
  void eachPanelAsksForNamesThatAreExported() throws Exception {
    JsonObject dashboard = new JsonObject(Documents.file("dashboard.json"));
    List<String> questions = questions(dashboard);
    assertTrue(questions.size() > 30, questions::toString);
    for (String question : questions) {
      assertEquals(Set.of(), unknown(question), question);
    }
    String misspelled = questions.getFirst().replace("forebay_requests", "forebay_request");
    assertFalse(unknown(misspelled).isEmpty(), "a check that can fail");
  }

  @Test
  void figuresThatRulesAndPanelsAskForAreExplained() throws Exception {
    StringBuilder asked = new StringBuilder();
    for (String file : List.of("recording.yml", "alerts.yml", "dashboard.json")) {
      asked.append(Documents.file(file));
    }
    Set<String> unexplained = new TreeSet<>();
    Matcher name = NAME.matcher(asked);
    while (name.find()) {
      HELP.stream()
          .filter(line -> line.startsWith("# HELP " + name.group() + " "))
          .filter(line -> line.contains(" of the plugin "))
          .forEach(unexplained::add);
    }
    assertEquals(Set.of(), unexplained);
  }

  @Test
  void eachRuleAsksForNamesThatAreExported() throws Exception {
    for (String file : List.of("recording.yml", "alerts.yml", "alerts-test.yml")) {
      String names = Documents.file(file).replace("forebay-recording", "");
      assertEquals(Set.of(), unknown(names), file);
    }
  }

  @Test
  void promtoolFindsNothingWrongWithThem() throws Exception {
    Tool promtool = Tool.orSkip("promtool");
    String folder = Documents.FOLDER.toString();
    for (String[] check :
        new String[][] {
          {"check", "rules", folder + "/recording.yml", folder + "/alerts.yml"},
          {"check", "config", folder + "/prometheus.yml"},
          {"test", "rules", folder + "/alerts-test.yml"}
        }) {
      Tool.Ended ended = promtool.run("", check);
      assertEquals(0, ended.code(), ended::output);
      assertTrue(ended.output().contains("SUCCESS"), ended::output);
    }
  }

  @Test
  void promtoolKnowsTheQuestionsOfThePanels() throws Exception {
    Tool promtool = Tool.orSkip("promtool");
    StringBuilder rules = new StringBuilder("groups:\n- name: panels\n  rules:\n");
    int number = 0;
    for (String question : questions(new JsonObject(Documents.file("dashboard.json")))) {
      if (question.contains("forebay") && !question.startsWith("label_values")) {
        String rated = question.replace("$__rate_interval", "1m");
        rules.append("  - record: p" + number++ + "\n    expr: '" + rated + "'\n");
      }
    }
    Tool.Ended ended = promtool.run(rules.toString(), "check", "rules", "/dev/stdin");
    assertEquals(0, ended.code(), ended::output);
  }

  @Test
  void theExampleGatewayCanBeMade() throws Exception {
    Gateway gateway =
        GatewayServer.gateway(
            Documents.read(
                Documents.file("gateway.yaml")
                    .replaceAll("\"\\$\\{[A-Z_]+:(\\d+)}\"", "$1")
                    .replace("metrics: {}", "metrics: { registry: example }")),
            GatewayServer.host(VERTX));
    assertEquals(2, gateway.backends().size());
  }
}
