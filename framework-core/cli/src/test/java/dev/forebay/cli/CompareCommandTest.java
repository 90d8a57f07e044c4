package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.policy.Balancer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareCommandTest {

  private static final String SCENARIO =
      """
      about: two servers, a few seconds
      synthetic: { seconds: 20, rate-per-second: 5, output-tokens-mean: 20,
                   output-tokens-median: 15, tenants: 2, popular-share: 0.5, popular-prompts: 5 }
      fleet: [{ id: node, count: 2, server: { slots: 4 } }]
      combinations:
        cache:
          about: a cache
          gateway: { pipeline: [{ cache: { store: lru } }, { balance: round-robin }] }
        turns:
          needs: [session]
          gateway: { pipeline: [{ balance: round-robin }] }
      """;

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String scenario = "";

  @BeforeEach
  void writesAScenario() throws IOException {
    scenario = write("small.yaml", SCENARIO);
  }

  @Test
  void printsATableThatFitsATerminal() {
    assertEquals(0, run("compare", scenario, "--seeds", "2"));
    String table = out.toString();
    assertTrue(table.startsWith("small: "), table);
    assertTrue(table.contains("2 seeds, virtual time\n"), table);
    for (String line :
        List.of(
            "\nbaseline ", "\ncache ", "\nclairvoyant-balancer ", "\nbound: ", "\ndigests of")) {
      assertTrue(table.contains(line), table);
    }
    assertTrue(table.contains("skipped turns: the trace carries no session\n"), table);
    assertFalse(table.contains("\u001b"), "colour is for terminals only");
    assertTrue(table.lines().allMatch(line -> line.length() <= 80), table);
    assertEquals("", err.toString());
  }

  @Test
  void saysInASentenceWhatEachCombinationChanges() throws IOException {
    String full =
        write(
            "full.yaml",
            """
            about: One small server that cannot do what it is asked for.
            synthetic: { seconds: 240, rate-per-second: 0.8, tenants: 2 }
            objective: { patience: 10s }
            fleet: [{ server: { slots: 4, decode-step-millis: 20 } }]
            combinations:
              refuse:
                needs: [tenant]
                gateway:
                  pipeline:
                    - rate-limit: { by: { plugin: token-bucket, per: tenant, rate: 0.05, burst: 1 } }
                    - balance: round-robin
            """);
    assertEquals(0, run("compare", full, "--seeds", "3"));
    String text = out.toString().replaceAll("\n +", " ");
    assertTrue(text.contains("\nOne small server that cannot do what it is asked for.\n"), text);
    assertTrue(text.contains("\nrefuse: answers "), text);
    assertTrue(text.contains(" points less of what was offered than the baseline ("), text);
    assertTrue(text.contains("% while servers had room; loses most by rate_limited ("), text);
    assertTrue(
        text.indexOf("\nrefuse ") > text.indexOf("\nbaseline "), "who refuses is below: " + text);
    JsonObject report = json("compare", full, "--seeds", "3", "--format", "json");
    JsonObject difference =
        report.getJsonArray("differences").getJsonObject(0).getJsonObject("answeredOfOffered");
    assertTrue(difference.getDouble("high") < 0, difference.encode());
    assertTrue(difference.getDouble("low") < difference.getDouble("mean"), difference.encode());
  }

  @Test
  void aSweepHasATableForEachColumnAndAColumnForEachValue() throws IOException {
    String[] loads = {"compare", scenario, "--seeds", "1", "--sweep", "load=0.5,1"};
    Path reports = folder.resolve("swept");
    assertEquals(0, run(and(loads, "--out", reports.toString())));
    String text = out.toString();
    assertTrue(text.startsWith("small, by load: means over 1 seed, virtual time\n"), text);
    assertTrue(text.contains("\nanswered %: "), text);
    assertTrue(text.contains("\n(bound) "), text);
    assertTrue(text.lines().anyMatch(line -> line.matches("combination +0\\.5 +1")), text);
    assertTrue(text.lines().allMatch(line -> line.length() <= 80), text);
    JsonObject swept = new JsonObject(Files.readString(reports.resolve("report.json")));
    assertEquals("[\"0.5\",\"1\"]", swept.getJsonObject("sweep").getJsonArray("values").encode());
    JsonObject half = swept.getJsonArray("reports").getJsonObject(0);
    JsonObject full = swept.getJsonArray("reports").getJsonObject(1);
    assertEquals(seconds(half) / 2, seconds(full), 1e-6);
    List<String> lines = Files.readAllLines(reports.resolve("report.csv"));
    assertTrue(lines.get(0).startsWith("load,combination,seed,"), lines.get(0));
    assertEquals(1 + 2 * half.getJsonArray("rows").size(), lines.size());
    assertTrue(lines.get(lines.size() - 1).startsWith("1,"), lines.get(lines.size() - 1));
  }

  @Test
  void aSweepOfTwoParametersTellsWhereConditionsHold() throws IOException {
    Path reports = folder.resolve("region");
    String[] both = {
      "compare",
      scenario,
      "--seeds",
      "1",
      "--combination",
      "cache",
      "--out",
      reports.toString(),
      "--sweep",
      "load=0.1,40",
      "--sweep",
      "synthetic.popular-share=0,0.9",
      "--region",
      "cache.answeredOfOffered >= 0.99",
      "--region",
      "cache.cacheHitRate > 0.5"
    };
    assertEquals(0, run(both), err::toString);
    String text = out.toString();
    assertTrue(text.startsWith("small, by load (columns) and synthetic.popular-share: me"), text);
    assertTrue(text.contains("\n0.9 cache "), text);
    assertTrue(text.contains("\nregion: cache.answeredOfOffered >= 0.99 and cache.cache"), text);
    assertTrue(text.lines().anyMatch(line -> line.matches("0 +1 of 2 +1 of 2")), text);
    assertTrue(text.lines().anyMatch(line -> line.matches("0\\.9 +yes +yes")), text);
    JsonObject json = new JsonObject(Files.readString(reports.resolve("report.json")));
    assertEquals(4, json.getJsonArray("reports").size());
    assertEquals(
        "[false,false,true,true]", json.getJsonObject("region").getJsonArray("inside").encode());
    String csv = Files.readString(reports.resolve("report.csv"));
    assertTrue(csv.startsWith("load,synthetic.popular-share,combination,seed,"), csv);
    assertTrue(csv.contains("\r\n40,0.9,cache,1,"), csv);
    String page = Files.readString(reports.resolve("index.html"));
    assertTrue(page.contains("<li>synthetic.popular-share 0.9: load 0.1, 40</li>"));
    assertTrue(page.contains("id=\"region-0\""));
    assertEquals(2, run("compare", scenario, "--region", "cache.ok > 1"));
    assertTrue(err.toString().contains("--region: [cache.ok > 1] (expected: --sweep with it)"));
    assertEquals(2, run("compare", scenario, "--sweep", "load=1", "--sweep", "load=2"));
    assertTrue(err.toString().contains("(expected: two different parameters)"), err.toString());
  }

  @Test
  void aSweepTakesAnyValueOfTheScenario() {
    JsonObject swept =
        json(
            "compare",
            scenario,
            "--seeds",
            "1",
            "--combination",
            "cache",
            "--sweep",
            "fleet.*.server.slots=1,2",
            "--format",
            "json");
    JsonObject one = swept.getJsonArray("reports").getJsonObject(0).getJsonObject("load");
    JsonObject two = swept.getJsonArray("reports").getJsonObject(1).getJsonObject("load");
    assertTrue(one.getDouble("capacity") < two.getDouble("capacity"), swept.encode());
    for (String wrong :
        List.of("load", "load=", "load=1,,2", "load=1,1", "load=0", "fleet.9.id=x")) {
      assertEquals(2, run("compare", scenario, "--seeds", "1", "--sweep", wrong), wrong);
      assertEquals(1, err.toString().lines().count(), err.toString());
      assertTrue(err.toString().contains("--sweep: "), err.toString());
    }
    assertEquals(2, run("compare", scenario, "--sweep", "synthetic.sconds=1,2"));
    assertTrue(err.toString().contains("sconds"), err.toString());
    assertEquals(2, run("compare", scenario, "--sweep", "fleet.*.count=0"));
    assertEquals(
        "forebay: --sweep fleet.*.count=0: document: 0 (expected: a whole number from 1 to 1000)\n",
        err.toString());
  }

  /** Its last arrival would be after the end of time, which is a mistake and no failed run. */
  @Test
  void aLoadThatTakesLongerThanATraceMayIsAMistake() {
    assertEquals(2, run("compare", scenario, "--seeds", "1", "--load", "1e-300"));
    assertTrue(err.toString().startsWith("forebay: speed: "), err.toString());
    assertTrue(err.toString().endsWith(" (expected: at most 104 days)\n"), err.toString());
  }

  @Test
  void anAblationRunsEachStrategyAloneAndAllButOne() throws IOException {
    String all =
        write(
            "all.yaml",
            SCENARIO
                + """
                  everything:
                    needs: [tenant]
                    gateway:
                      pipeline: [{ cache: { store: lru } }, { retry: {} }, { balance: random }]
                """);
    JsonObject report = json("compare", all, "--seeds", "2", "--ablate", "--format", "json");
    assertEquals(
        List.of(
            "baseline",
            "everything",
            "only-cache",
            "without-cache",
            "only-retry",
            "without-retry",
            "only-balance",
            "without-balance"),
        combinations(report).stream().distinct().toList());
    JsonObject onlyRetry = row(report, "only-retry");
    assertEquals(0, onlyRetry.getDouble("cacheHitRate"));
    assertTrue(row(report, "only-cache").getDouble("cacheHitRate") > 0);
    assertEquals(0, row(report, "without-cache").getDouble("cacheHitRate"));
    assertTrue(row(report, "without-retry").getDouble("cacheHitRate") > 0);
    assertEquals(0, run("compare", all, "--seeds", "2", "--ablate"));
    assertTrue(out.toString().contains("\ncache: alone "), out.toString());
    assertEquals(2, run("compare", scenario, "--ablate"));
    assertEquals(
        "forebay: --ablate: combination 'everything' (expected: one of cache, turns)\n",
        err.toString());
    assertEquals(0, run("compare", scenario, "--seeds", "1", "--ablate", "--combination", "cache"));
  }

  private static JsonObject row(JsonObject report, String combination) {
    return report.getJsonArray("rows").stream()
        .map(JsonObject.class::cast)
        .filter(row -> row.getString("combination").equals(combination))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void wideShowsEveryColumn() {
    assertEquals(0, run("compare", scenario, "--seeds", "1", "--wide"));
    String header =
        out.toString().lines().filter(l -> l.startsWith("combination")).findAny().orElse("");
    for (String column : List.of("answered %", "needless", "computed", "work", "hours")) {
      assertTrue(header.contains(column), header);
    }
    assertTrue(out.toString().contains("\nclairvoyant-balancer "), out.toString());
  }

  @Test
  void theBuiltInTableFits() {
    assertEquals(0, run("compare", "--limit", "200", "--seeds", "3", "--out", folder.toString()));
    String tables = out.toString();
    assertTrue(tables.lines().allMatch(line -> line.length() <= 80), tables);
    assertTrue(tables.startsWith("overload: ") && tables.contains("\n\nrecorded: "), tables);
    assertTrue(Files.exists(folder.resolve("report.json")));
    assertTrue(Files.exists(folder.resolve("recorded").resolve("report.json")));
  }

  @Test
  void printsJsonWithTheFieldsOfTheContract() {
    JsonObject report = json("compare", scenario, "--seeds", "2", "--format", "json");
    assertEquals("0.1.0", report.getString("forebay"));
    assertEquals("small", report.getString("scenario"));
    assertEquals("virtual", report.getString("mode"));
    JsonObject trace = report.getJsonObject("trace");
    assertEquals("synthetic", trace.getString("format"));
    assertTrue(trace.containsKey("path") && trace.getValue("path") == null, trace.encode());
    assertTrue(trace.getInteger("requests") > 50 && trace.getDouble("seconds") > 10);
    assertEquals(
        "[{\"combination\":\"turns\",\"because\":\"the trace carries no session\"}]",
        report.getJsonArray("skipped").encode());
    assertEquals(8, report.getJsonArray("rows").size());
    JsonObject row = report.getJsonArray("rows").getJsonObject(0);
    assertTrue(
        row.fieldNames()
            .containsAll(
                List.of(
                    ("combination seed requests ok failed cancelled rejected answeredOfOffered"
                            + " availability latencyMillis firstTokenMillis interTokenMillis"
                            + " goodput cacheHitRate cost fairness utilisation byBackend plugin"
                            + " digest wrong wrongs needlessRefusals latencyOfAllMillis"
                            + " latencyOfHitsMillis latencyOfComputedMillis workUtilisation"
                            + " replicaHours maxMinFairness byTenant byPriority advisedRetries"
                            + " wrongAdvice tokensReserved tokensUnused upstreamThrottled")
                        .split(" "))),
        row.encode());
    for (String times : List.of("latencyMillis", "firstTokenMillis", "interTokenMillis")) {
      assertEquals(
          new TreeSet<>(List.of("mean", "p50", "p90", "p99")),
          new TreeSet<>(row.getJsonObject(times).fieldNames()));
    }
    assertEquals("baseline", row.getString("combination"));
    assertEquals(trace.getInteger("requests"), row.getInteger("requests"));
    assertTrue(row.getString("digest").matches("[0-9a-f]{16}"), row.encode());
    assertEquals(
        row.getInteger("requests"),
        row.getJsonObject("byBackend").getInteger("node-1")
            + row.getJsonObject("byBackend").getInteger("node-2"));
  }

  @Test
  void marksWhatAnOverlayMadeUp() throws IOException {
    String trace =
        write("t.jsonl", "{\"arrivalMillis\": 0, \"promptTokens\": 9, \"outputTokens\": 2}\n");
    String overlaid = write("o.yaml", "overlay: { tenants: 3 }\nfleet: [{}]\n");
    JsonObject report =
        json("compare", overlaid, "--trace", "jsonl:" + trace, "--seeds", "1", "--format", "json");
    assertEquals("[\"tenant\"]", report.getJsonObject("trace").getJsonArray("synthetic").encode());
    assertEquals(trace, report.getJsonObject("trace").getString("path"));
    assertTrue(report.getJsonArray("notes").encode().contains("tenants are synthetic: 3"));
    assertTrue(report.getJsonArray("notes").encode().contains("synthetic (made up or inferred"));
  }

  @Test
  void writesReportsWhole() throws IOException {
    Path reports = folder.resolve("a/b");
    assertEquals(0, run("compare", scenario, "--seeds", "2", "--out", reports.toString()));
    JsonObject report = new JsonObject(Files.readString(reports.resolve("report.json")));
    List<String> lines = Files.readAllLines(reports.resolve("report.csv"));
    assertEquals(1 + report.getJsonArray("rows").size(), lines.size());
    int columns = lines.get(0).split(",").length;
    assertTrue(lines.stream().allMatch(line -> line.split(",").length == columns), "csv");
    assertTrue(lines.get(0).startsWith("combination,seed,requests,ok,failed,cancelled,rejected"));
    assertTrue(
        lines
            .get(1)
            .startsWith("baseline,1," + report.getJsonObject("trace").getInteger("requests")));
    try (Stream<Path> files = Files.list(reports)) {
      assertEquals(3, files.count(), "nothing else is left behind");
    }
  }

  @Test
  void assertsOnTheMeanOverTheSeeds() {
    String[] base = {"compare", scenario, "--seeds", "1"};
    assertEquals(0, run(and(base, "--assert", "cache.cacheHitRate > 0.1")));
    assertEquals(0, run(and(base, "--assert", "cache.plugin.cache.hits >= 1")));
    assertEquals(0, run(and(base, "--assert", "baseline.rejected.rate_limited == 0")));
    assertEquals("", err.toString());
    int code =
        run(
            and(
                base,
                "--assert",
                "clairvoyant-balancer.ok < 0",
                "--assert",
                "baseline.latencyMillis.p99 > 0"));
    assertEquals(1, code);
    assertTrue(
        err.toString().startsWith("forebay: assertion fell short: clairvoyant-balancer.ok < 0: "));
    assertEquals(1, err.toString().lines().count());
    assertEquals(1, run(and(base, "--assert", "turns.ok > 0")));
    assertTrue(err.toString().contains("turns.ok > 0: was left out: the trace carries no session"));
  }

  @Test
  void runsOnlyWhatIsAskedForBesideTheBaseline() {
    JsonObject report =
        json("compare", scenario, "--seeds", "1", "--combination", "cache", "--format", "json");
    assertEquals(List.of("baseline", "cache"), combinations(report));
    assertEquals("[]", report.getJsonArray("skipped").encode());
  }

  @Test
  void theSeedAloneDecides() {
    List<String> one = digests("--seed", "1", "--jobs", "1");
    assertEquals(one, digests("--seed", "1", "--jobs", "2"));
    assertEquals(one, digests());
    List<String> other = digests("--seed", "2");
    for (int i = 0; i < one.size(); i++) {
      assertNotEquals(one.get(i), other.get(i));
    }
  }

  @Test
  void limitsSpeedsAndLoads() {
    JsonObject plain = json("compare", scenario, "--seeds", "1", "--format", "json");
    JsonObject few = json("compare", scenario, "--seeds", "1", "--limit", "7", "--format", "json");
    assertEquals(7, few.getJsonObject("trace").getInteger("requests"));
    JsonObject fast = json("compare", scenario, "--seeds", "1", "--speed", "2", "--format", "json");
    assertEquals(seconds(plain) / 2, seconds(fast), 1e-6);
    JsonObject half =
        json("compare", scenario, "--seeds", "1", "--load", "0.5", "--format", "json");
    JsonObject full = json("compare", scenario, "--seeds", "1", "--load", "1", "--format", "json");
    assertEquals(seconds(half) / 2, seconds(full), 1e-6);
  }

  @Test
  void listsScenariosAndCombinations() {
    assertEquals(0, run("compare", "--list"));
    assertTrue(out.toString().contains("overload: "), out.toString());
    assertTrue(out.toString().contains("\n  everything: all of it together\n"), out.toString());
    assertEquals(0, run("compare", scenario, "--list"));
    assertTrue(out.toString().contains("small: two servers, a few seconds\n  baseline: "));
  }

  @Test
  void answersWrongOptionsWithOneLine() {
    assertWrong("scenario: 'nope' (expected: a file, or one of overload", "nope");
    assertWrong("no such file", folder.resolve("nope.yaml").toString());
    assertWrong("--combination: nope (expected: one of baseline, cache", "--combination", "nope");
    assertWrong("; perhaps turns)", "--combination", "turn");
    assertWrong("--seeds: 0 (expected: 1 to 1000)", "--seeds", "0");
    assertWrong("--seed: ", "--seed", String.valueOf(Long.MAX_VALUE));
    assertWrong("--seed", "--seed", "one");
    assertWrong("--limit: 0 (expected: at least 1)", "--limit", "0");
    assertWrong("--jobs: 0 (expected: 1 to 256)", "--jobs", "0");
    assertWrong("--speed: -1.0 (expected: above 0", "--speed", "-1");
    assertWrong("--speed: NaN", "--speed", "NaN");
    assertWrong("--load: 0.0 (expected: above 0", "--load", "0");
    assertWrong("either --speed or --load", "--load", "1", "--speed", "1");
    assertWrong("--mode: fast (expected: virtual", "--mode", "fast");
    assertWrong("--format: xml (expected: table, json or vllm)", "--format", "xml");
    assertWrong("--plugins: ", "--plugins", folder.resolve("none").toString());
    assertWrong("--assert: 'so' (expected: such as", "--assert", "so");
    assertWrong("--assert: combination 'x' (expected: one of b", "--assert", "x.ok > 1");
    assertWrong("--assert: figure 'okay' (expected: a number", "--assert", "cache.okay > 1");
    assertWrong("--assert: figure 'digest'", "--assert", "cache.digest > 1");
    assertWrong("--assert: figure 'latencyMillis.p98'", "--assert", "cache.latencyMillis.p98 > 1");
    assertWrong("--assert: 'cache.ok > 1.2.3'", "--assert", "cache.ok > 1.2.3");
    assertWrong("Unknown option", "--sed", "3");
  }

  @Test
  void answersWrongTracesWithOneLine() throws IOException {
    String header = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
    assertWrong("trace: 'azure'", "--trace", "azure");
    assertWrong("trace format: 'foo' (expected: one of azure, ", "--trace", "foo:bar");
    assertWrong("no such file", "--trace", "azure:" + folder.resolve("none"));
    for (Map.Entry<String, String> wrong :
        Map.of(
                "empty.csv",
                "",
                "headless.csv",
                header,
                "column.csv",
                "TIMESTAMP,Context,GeneratedTokens\n2023-11-16 18:00:00,1,1\n",
                "cut.csv",
                header + "2023-11-16 18:00:00,100,10\n2023-11-16 18:00:01,2")
            .entrySet()) {
      assertWrong(wrong.getKey(), "--trace", "azure:" + write(wrong.getKey(), wrong.getValue()));
    }
  }

  @Test
  void answersWrongScenariosWithALineForEachMistake() throws IOException {
    String wrong = write("wrong.yaml", "fleet: [{ id: a, count: x }]\nlaod: 2\nload: -1\n");
    assertEquals(2, run("compare", wrong));
    assertTrue(err.toString().startsWith("forebay: "), err.toString());
    for (String part : List.of(":1: fleet[0].count: x", ":2: laod", ":3: load: -1")) {
      assertTrue(err.toString().contains(part), err.toString());
    }
    assertFalse(err.toString().contains("\tat "), err.toString());
    assertEquals("", out.toString());
  }

  @Test
  void refusesAnUnwritableFolderBeforeItRuns() throws IOException {
    String file = write("file", "x");
    assertWrong("--out: " + file + " cannot be written: ", "--out", file);
    assertWrong("--out: " + file + "/x cannot be written: ", "--out", file + "/x");
  }

  @Test
  void requestsThatAllComeAtOnceCanBeReplayed() {
    JsonObject report =
        json("compare", "--limit", "1", "--load", "1", "--seeds", "1", "--format", "json");
    JsonObject row = report.getJsonArray("rows").getJsonObject(0);
    assertTrue(row.getDouble("goodput") < 100, "a rate needs a time: " + row.encode());
  }

  @Test
  void aForeignPluginThatThrowsFailsTheCommandInOneLine() throws IOException {
    Path jars = Files.createDirectory(folder.resolve("jars"));
    jar(jars.resolve("broken.jar"), Broken.class.getName());
    String broken =
        write(
            "broken.yaml",
            """
            fleet: [{ count: 2 }]
            combinations: { x: { gateway: { pipeline: [{ balance: broken }] } } }
            """);
    int code = run("compare", broken, "--limit", "50", "--plugins", jars.toString());
    assertEquals(1, code, err.toString());
    assertEquals("forebay: failed: x\n", err.toString());
    String table = out.toString();
    assertTrue(table.lines().anyMatch(line -> line.matches("x +failed +-.*")), table);
    for (String other : List.of("\nbaseline ", "\nclairvoyant-balancer ")) {
      assertTrue(table.contains(other), table);
    }
    assertTrue(
        table
            .replaceAll("\\s+", " ")
            .contains(
                "failed x: seed 1: self-check: plugin broken (balance) threw"
                    + " java.lang.IllegalStateException: boom at dev.forebay.cli"
                    + ".CompareCommandTest$Broken.lambda$create$0(CompareCommandTest.java:"),
        table);
    String[] json = {"--format", "json", "--plugins", jars.toString(), "--assert", "x.ok > 1"};
    assertEquals(1, run(and(new String[] {"compare", broken, "--limit", "50"}, json)));
    JsonObject report = new JsonObject(out.toString());
    assertEquals("x", report.getJsonArray("failed").getJsonObject(0).getString("combination"));
    assertTrue(err.toString().contains("fell short: x.ok > 1: failed: seed 1"), err.toString());
  }

  @Test
  void aForeignBalancerThatChoosesNothingIsNamed() throws IOException {
    Path jars = Files.createDirectory(folder.resolve("jars"));
    jar(jars.resolve("nothing.jar"), Nothing.class.getName());
    String nothing =
        write(
            "nothing.yaml",
            """
            fleet: [{}]
            combinations: { x: { gateway: { pipeline: [{ balance: nothing }] } } }
            """);
    assertEquals(1, run("compare", nothing, "--limit", "50", "--plugins", jars.toString()));
    String table = out.toString().replaceAll("\\s+", " ");
    assertTrue(
        table.contains(
            "nothing (dev.forebay.cli.CompareCommandTest$Nothing): choose returned null"
                + " (expected: one of the candidates)"),
        table);
  }

  @Test
  void aBadJarIsNamedAndTheOthersWork() throws IOException {
    Path jars = Files.createDirectory(folder.resolve("jars"));
    jar(jars.resolve("gone.jar"), "com.acme.Gone");
    jar(jars.resolve("good.jar"), Broken.class.getName());
    Files.writeString(jars.resolve("text.jar"), "no jar");
    String[] plugins = {"--plugins", jars.toString()};
    assertEquals(0, run(and(new String[] {"plugins", "broken"}, plugins)), err.toString());
    assertEquals(2, err.toString().lines().count(), err.toString());
    assertTrue(
        err.toString().contains(jars.resolve("text.jar") + " is not a jar: "), err.toString());
    assertTrue(
        err.toString().contains(jars.resolve("gone.jar") + ": com.acme.Gone: no such class"),
        err.toString());
    String needs =
        "fleet: [{}]\ncombinations: { x: { gateway: { pipeline: [{ balance: gone }] } } }\n";
    assertEquals(2, run(and(new String[] {"compare", write("n.yaml", needs)}, plugins)));
    assertTrue(err.toString().contains("gone (expected: the name of a balancer: "), err.toString());
  }

  @Test
  void saysHowTheTraceIsScaledToTheLoad() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i <= 100; i++) {
      lines
          .append("{\"arrivalMillis\": ")
          .append(i * 1000)
          .append(", \"promptTokens\": 9, \"outputTokens\": 2}\n");
    }
    String trace = "jsonl:" + write("t.jsonl", lines.toString());
    String loaded = write("l.yaml", "load: 0.5\nfleet: [{ count: 2 }]\n");
    assertEquals(0, run("compare", loaded, "--trace", trace, "--seeds", "1"));
    String line = out.toString().replaceAll("\n +", " ");
    assertTrue(line.contains("\nload: trace of 100 s, replayed "), line);
    assertTrue(line.contains(" times as fast; offered "), line);
    assertTrue(line.contains(" that the fleet can do (50 %)"), line);
    JsonObject report =
        json("compare", loaded, "--trace", trace, "--seeds", "1", "--format", "json");
    JsonObject told = report.getJsonObject("trace");
    JsonObject load = report.getJsonObject("load");
    assertEquals(100, told.getDouble("traceSeconds"), 1e-6);
    assertEquals(100, told.getDouble("seconds") * told.getDouble("factor"), 1e-3);
    assertEquals(0.5, load.getDouble("offered") / load.getDouble("capacity"), 1e-6);
    JsonObject plain =
        json(
            "compare",
            loaded,
            "--trace",
            trace,
            "--seeds",
            "1",
            "--speed",
            "2",
            "--format",
            "json");
    assertEquals(2, plain.getJsonObject("trace").getDouble("factor"));
  }

  @Test
  void saysThatSeedsMakeNoDifferenceIfNothingDrawsChance() throws IOException {
    String trace =
        "jsonl:"
            + write(
                "t.jsonl",
                """
                {"arrivalMillis": 0, "promptTokens": 9, "outputTokens": 2}
                {"arrivalMillis": 9, "promptTokens": 9, "outputTokens": 2}
                """);
    String fixed = write("f.yaml", "fleet: [{ count: 2 }]\n");
    String[] replay = {"--trace", trace, "--seeds", "3"};
    JsonObject one = json(and(new String[] {"compare", fixed, "--format", "json"}, replay));
    assertEquals(2, one.getJsonArray("rows").size());
    assertTrue(one.getJsonArray("notes").encode().contains("seeds make no difference"));
    assertEquals(0, run(and(new String[] {"compare", fixed}, replay)));
    assertTrue(out.toString().contains(", 1 seed, virtual time"), out.toString());
    String faulty = write("s.yaml", "fleet: [{ count: 2, faults: [{ kind: slow, amount: 3 }] }]\n");
    JsonObject alike = json(and(new String[] {"compare", faulty, "--format", "json"}, replay));
    assertEquals(2, alike.getJsonArray("rows").size());
    assertTrue(alike.getJsonArray("notes").encode().contains("all 3 have the same digests"));
    String chancy =
        write(
            "c.yaml",
            """
            fleet: [{ count: 3 }]
            combinations: { x: { gateway: { pipeline: [balance: random] } } }
            """);
    JsonObject three = json(and(new String[] {"compare", chancy, "--format", "json"}, replay));
    assertEquals(9, three.getJsonArray("rows").size());
    assertFalse(three.getJsonArray("notes").encode().contains("no difference"), three.encode());
  }

  @Test
  void listsOnlyTheScenarioThatIsNamed() {
    assertEquals(0, run("compare", "slow-node", "--list"));
    assertTrue(out.toString().startsWith("slow-node: "), out.toString());
    assertFalse(out.toString().contains("overload: "), out.toString());
  }

  @Test
  void answersAnotherKindOfDocumentWithOneLine() throws IOException {
    String gateway = write("g.yaml", "http: { port: 1 }\nbackends: [{ plugin: simulated }]\n");
    String profile = write("p.yaml", "host: a\nserver: { slots: 1 }\n");
    assertOneLine(
        gateway + ":1: document: a gateway, for forebay serve (expected: a scenario)", gateway);
    assertOneLine(
        profile
            + ":1: document: the profile of an emulated upstream, for forebay emulate (expected: a"
            + " scenario)",
        profile);
    String empty = write("e.yaml", "");
    assertOneLine(empty + ":1: document: empty (expected: a scenario: a mapping)", empty);
    String list = write("list.yaml", "- fleet\n");
    assertOneLine(list + ":1: document: a list (expected: a scenario: a mapping)", list);
  }

  private void assertOneLine(String line, String scenario) {
    assertEquals(2, run("compare", scenario));
    assertEquals("forebay: " + line + "\n", err.toString());
  }

  @Test
  void aTypoInAScenarioIsAnsweredWithAllKeys() throws IOException {
    String typo = write("typo.yaml", "fleet: [{}]\ncombinatoins: {}\n");
    assertEquals(2, run("compare", typo));
    assertTrue(
        err.toString()
            .endsWith(
                ":2: combinatoins: unknown key (expected: one of about, trace, trace-optional,"
                    + " synthetic, overlay, load, objective, overhead, callers, gateways, prices,"
                    + " replica-price, like, fleet, gateway, combinations; perhaps"
                    + " combinations)\n"),
        err.toString());
    String scalar = write("scalar.yaml", "fleet: [{}]\ngateway: banana\n");
    assertEquals(2, run("compare", scalar));
    assertTrue(err.toString().contains(":2: gateway: banana (expected: a gateway"), err.toString());
  }

  /** A balancer of somebody else's. */
  @Doc("None.")
  public record Broken() implements Plugin<Balancer> {

    @Override
    public Balancer create(PluginContext context) {
      return (request, candidates) -> {
        throw new IllegalStateException("boom");
      };
    }
  }

  /** A balancer that chooses nothing. */
  @Doc("None.")
  public record Nothing() implements Plugin<Balancer> {

    @Override
    @SuppressWarnings("NullAway") // that is the point
    public Balancer create(PluginContext context) {
      return (request, candidates) -> null;
    }
  }

  private static void jar(Path file, String plugin) throws IOException {
    try (OutputStream bytes = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(bytes)) {
      jar.putNextEntry(new ZipEntry(Plugins.SERVICES));
      jar.write(plugin.getBytes(StandardCharsets.UTF_8));
      jar.closeEntry();
    }
  }

  private List<String> digests(String... more) {
    JsonObject report =
        json(and(new String[] {"compare", scenario, "--seeds", "1", "--format", "json"}, more));
    return report.getJsonArray("rows").stream()
        .map(row -> ((JsonObject) row).getString("digest"))
        .toList();
  }

  private static List<String> combinations(JsonObject report) {
    return report.getJsonArray("rows").stream()
        .map(row -> ((JsonObject) row).getString("combination"))
        .toList();
  }

  private static double seconds(JsonObject report) {
    return report.getJsonObject("trace").getDouble("seconds");
  }

  private static String[] and(String[] some, String... more) {
    List<String> all = new ArrayList<>(List.of(some));
    all.addAll(List.of(more));
    return all.toArray(new String[0]);
  }

  private String write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private void assertWrong(String part, String... options) {
    boolean own = options.length == 1;
    String[] base = own ? new String[] {"compare"} : new String[] {"compare", scenario};
    assertEquals(2, run(and(base, options)), part);
    String line = err.toString();
    assertTrue(line.startsWith("forebay: ") && line.contains(part), line);
    assertEquals(line.length() - 1, line.indexOf('\n'), line);
    assertFalse(line.contains("\tat "), line);
    assertEquals("", out.toString());
  }

  private JsonObject json(String... args) {
    assertEquals(0, run(args), err.toString());
    return new JsonObject(out.toString());
  }

  private int run(String... args) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.run(new PrintWriter(out), new PrintWriter(err, true), Map.of(), args);
  }
}
