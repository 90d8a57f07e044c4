package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that compares two reports. */
class DiffCommandTest {

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.run(new PrintWriter(out), new PrintWriter(err), Map.of(), arguments);
  }

  /** A report of a scenario with so many slots. */
  private String report(String name, int slots) throws IOException {
    return report(name, slots, "small", 200);
  }

  private String report(String name, int slots, String scenarioName, int answer)
      throws IOException {
    Path scenario =
        Files.writeString(
            folder.resolve(scenarioName + ".yaml"),
            """
            synthetic: { seconds: 10, rate-per-second: 8, output-tokens-mean: %d }
            fleet: [{ server: { slots: %d, queue-capacity: 4 } }]
            combinations:
              fifo: { gateway: { pipeline: [{ admit: { limit: { plugin: fixed, limit: 2 }, queue: fifo } }, { balance: round-robin }] } }
            """
                .formatted(answer, slots));
    Path to = folder.resolve(name);
    int code =
        run(
            "compare",
            scenario.toString(),
            "--combination",
            "fifo",
            "--seeds",
            "3",
            "--out",
            to.toString());
    assertEquals(0, code, err::toString);
    return to.resolve("report.json").toString();
  }

  @Test
  void saysWhatIsBetterWorseAndTheSame() throws IOException {
    String few = report("few", 2);
    String many = report("many", 8);
    assertEquals(0, run("diff", few, many));
    String text = out.toString();
    assertTrue(
        text.replaceAll("\\s+", " ").contains("3 seeds, paired: the same traffic; 95 % int"), text);
    assertTrue(line(text, "baseline", "answeredOfOffered").endsWith(" better"), text);
    assertTrue(text.contains("\nfifo: the same in every event\n"), text);
    String[] holding = {
      "--fail-if", "baseline.answeredOfOffered worse", "--fail-if", "fifo different"
    };
    assertEquals(0, run("diff", few, many, holding[0], holding[1], holding[2], holding[3]));
    assertEquals("", err.toString());
    assertEquals(1, run("diff", many, few, "--fail-if", "baseline.answeredOfOffered worse"));
    assertTrue(
        err.toString().startsWith("forebay: baseline.answeredOfOffered worse: baseline.answered"),
        err.toString());
    assertEquals(0, run("diff", few, many, "--format", "json"));
    JsonObject json = new JsonObject(out.toString());
    assertEquals("[\"fifo\"]", json.getJsonArray("alike").encode());
    assertEquals("better", json.getJsonArray("changes").getJsonObject(0).getString("verdict"));
  }

  @Test
  void pairsByTheTrafficAndNotByTheNameOfTheScenario() throws IOException {
    String before = report("before", 2);
    assertEquals("paired: the same traffic", traffic(before, report("named", 2, "other", 200)));
    assertEquals(
        "not paired: other traffic or other seeds",
        traffic(before, report("longer", 2, "small", 300)));
    JsonObject older = new JsonObject(Files.readString(Path.of(before)));
    older.getJsonArray("rows").forEach(row -> ((JsonObject) row).remove("traffic"));
    Path file = Files.writeString(folder.resolve("older.json"), older.encode());
    assertEquals(
        "not paired: not known whether it is the same traffic", traffic(before, file.toString()));
  }

  private String traffic(String before, String after) {
    assertEquals(0, run("diff", before, after), err::toString);
    return out.toString().replaceAll("\\s+", " ").replaceAll(".* seeds, (.*?); 95 % .*", "$1");
  }

  private static String line(String text, String combination, String figure) {
    return text.lines()
        .filter(line -> line.startsWith(combination + " ") && line.contains(" " + figure + " "))
        .findFirst()
        .orElse("");
  }

  @Test
  void mistakesAreNamed() throws IOException {
    Path text = Files.writeString(folder.resolve("a.txt"), "no");
    Path empty = Files.writeString(folder.resolve("a.json"), "{}");
    Path sweep = Files.writeString(folder.resolve("s.json"), "{\"sweep\": {}, \"reports\": []}");
    List<String> said = new ArrayList<>();
    for (Path path : List.of(folder.resolve("none.json"), text, empty, sweep, folder)) {
      assertEquals(2, run("diff", path.toString(), empty.toString()));
      said.add(err.toString().replace(folder.toString(), ""));
    }
    assertEquals(
        "forebay: diff: /none.json does not exist (expected: report.json of compare --out)\n",
        said.get(0));
    assertEquals(
        "forebay: diff: /a.txt is not JSON (expected: report.json of compare --out)\n",
        said.get(1));
    assertEquals(
        "forebay: diff:  is a folder (expected: report.json of compare --out)\n", said.get(4));
    assertTrue(said.get(2).startsWith("forebay: diff: /a.json has no rows (expected"), said.get(2));
    assertTrue(
        said.get(3).startsWith("forebay: diff: /s.json is the report of a sweep"), said.get(3));
  }
}
