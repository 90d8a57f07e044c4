package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What the docs say of the figures of a report is so. */
class DocumentedFiguresTest {

  private static final Path ROOT = Path.of(System.getProperty("forebay.root", "../.."));

  private static final Row ROW =
      new Tally(new Objective(Duration.ZERO, Duration.ZERO, Duration.ZERO))
          .row("x", 1, "", null, Spent.NOTHING, new TreeMap<>(), new TreeMap<>(), new TreeMap<>());

  private static String docs(String name) throws IOException {
    return Files.readString(ROOT.resolve("docs").resolve(name));
  }

  @Test
  void whatTheCsvLacksIsSaid() throws IOException {
    String columns = docs("harness.md").replaceAll("(?s).*\\n## Columns\\n", "");
    String lacks = columns.replaceAll("(?s)^.*?It lacks (.*?)\\.\\n.*", "$1");
    List<String> figures =
        JsonReport.row(ROW).fieldNames().stream().filter(figure -> !inCsv(figure)).toList();
    List<String> said = List.of(lacks.replaceAll("`| and", " ").trim().split("[ ,\n]+"));
    assertEquals(figures.stream().sorted().toList(), said.stream().sorted().toList());
  }

  /** Whether there is a column of it, or of one of its percentiles. */
  private static boolean inCsv(String figure) {
    String[] columns = CsvReport.HEADER.split(",");
    String times = figure.replaceFirst("Millis$", "(Mean|P50|P90|P99)Millis");
    return List.of(columns).stream().anyMatch(column -> column.matches(figure + "|" + times));
  }

  @Test
  void theGuideCountsRequestsAsTheRowDoes() throws IOException {
    String sum =
        docs("guide.md")
            .lines()
            .filter(line -> line.startsWith("Requests = "))
            .findFirst()
            .orElse("");
    for (String part : List.of("ok", "wrong", "failed", "cancelled", "rejected", "deferred")) {
      assertTrue(sum.matches(".*[=+] " + part + "\\b.*"), part + " in: " + sum);
    }
  }
}
