package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/endings.md says what callers get: for each reason of the code, and for no other. */
class EndingsTableTest {

  private static final Path ROOT = Path.of(System.getProperty("forebay.root", "../.."));

  private static final Pattern ROW =
      Pattern.compile(
          "\\| [^|]+ \\| `([a-z0-9_]+)` \\| ([A-Z_–]+) \\| (\\d{3}) \\| ([^|]+) \\| ([^|]+) \\|.*");

  /** The reason is the first text in the brackets of what makes an ending. */
  private static final Pattern MADE =
      Pattern.compile(
          "(Failure\\s*\\.\\s*of|Failure\\s*\\.\\s*saturated|Failure\\s*\\.\\s*overloaded"
              + "|new BadRequest|\\bfull)\\(([^;\"{]*?)\"([a-z][a-z0-9_]*[a-z0-9])\"");

  private static final Pattern STATUS = Pattern.compile("Status\\.([A-Z_]+)");
  private static final Pattern HTTP = Pattern.compile("\\b(\\d{3})\\b");

  /**
   * What ends something else than a caller's request: a question to a server, a page of an admin.
   * The administration is left out as a whole, with the routes that stages add to it.
   */
  private static final Set<String> NOT_OF_REQUESTS = Set.of("probe_timeout", "forbidden");

  private record Row(String reason, String ending, int http, String retryAfter, String again) {}

  /** Where the code makes an ending: what is said of it there. */
  private record Made(String reason, String how, String place) {}

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(ROOT.resolve("docs/endings.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        rows.add(
            new Row(
                row.group(1),
                row.group(2),
                Integer.parseInt(row.group(3)),
                row.group(4),
                row.group(5)));
      }
    }
    assertTrue(rows.size() > 50, "docs/endings.md was not understood");
    return rows;
  }

  private static List<Made> made() throws IOException {
    List<Made> all = new ArrayList<>();
    for (String part : List.of("framework-core", "plugins")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(part))) {
        for (Path file :
            files
                .filter(path -> path.toString().contains("/src/main/java/"))
                .filter(path -> path.toString().endsWith(".java"))
                .filter(path -> !path.toString().contains("/administration/"))
                .filter(path -> !path.toString().matches(".*/(DeadLetter|Page)Routes\\.java"))
                .toList()) {
          for (MatchResult found : MADE.matcher(Files.readString(file)).results().toList()) {
            String how = found.group(1).replaceAll("\\s", "") + "(" + found.group(2);
            all.add(new Made(found.group(3), how, file.getFileName().toString()));
          }
        }
      }
    }
    all.removeIf(each -> NOT_OF_REQUESTS.contains(each.reason()));
    assertTrue(all.size() > 50, "the sources were not understood");
    return all;
  }

  @Test
  void everyReasonOfTheCodeHasARow() throws IOException {
    Set<String> told = rows().stream().map(Row::reason).collect(Collectors.toSet());
    for (Made each : made()) {
      assertTrue(told.contains(each.reason()), each + " (expected: a row in docs/endings.md)");
    }
  }

  @Test
  void everyRowIsOfAReasonOfTheCode() throws IOException {
    Set<String> known = made().stream().map(Made::reason).collect(Collectors.toSet());
    known.addAll(Set.of("rate_limited", "deadline", "cancelled", "internal", "shutting_down"));
    Set<String> stale = new TreeSet<>();
    for (Row row : rows()) {
      if (!known.contains(row.reason()) && !row.reason().matches("upstream_[45]\\d\\d")) {
        stale.add(row.reason());
      }
    }
    assertEquals(Set.of(), stale);
  }

  @Test
  void endingAndStatusAreThoseOfTheCode() throws IOException {
    List<Row> rows = rows();
    for (Made each : made()) {
      String ending = ending(each.how());
      Matcher http = HTTP.matcher(each.how());
      boolean told =
          rows.stream()
              .filter(row -> row.reason().equals(each.reason()))
              .anyMatch(
                  row ->
                      (ending.isEmpty() || ending.equals(row.ending()))
                          && (!http.reset().find()
                              || Integer.parseInt(http.group(1)) == row.http()));
      assertTrue(told, each + " (expected: a row with its ending and status)");
    }
  }

  /** The row of the outcome table; empty where the code decides later. */
  private static String ending(String how) {
    if (how.startsWith("Failure.saturated") || how.startsWith("full")) {
      return "SATURATED";
    } else if (how.startsWith("Failure.overloaded")) {
      return "OVERLOADED";
    } else if (how.startsWith("newBadRequest")) {
      return "–";
    }
    Matcher status = STATUS.matcher(how);
    return status.find() ? status.group(1) : "";
  }

  @Test
  void statusAndAdviceAreWhatCallersGet() throws IOException {
    for (Row row : rows()) {
      if (row.ending().equals("–")) {
        boolean later = row.http() == 503;
        assertEquals(later ? "1 s" : "–", row.retryAfter(), row.toString());
        assertEquals(later ? "true" : "–", row.again(), row.toString());
        continue;
      }
      Failure failure =
          Failure.of(Status.valueOf(row.ending()), row.http(), row.reason(), "a line");
      assertEquals(row.http(), failure.callerStatus(), row.toString());
      Map<String, String> first = RetryAdvice.headers(failure, row.http());
      Map<String, String> last = RetryAdvice.headers(failure.exhaust(), row.http());
      assertEquals(first.containsKey("retry-after"), !row.retryAfter().equals("–"), row.toString());
      Set<String> again = new LinkedHashSet<>();
      again.add(first.getOrDefault("x-should-retry", "none"));
      again.add(last.getOrDefault("x-should-retry", "none"));
      assertEquals(String.join(", then ", again), row.again(), row.toString());
    }
  }

  @Test
  void everyEndingIsThere() throws IOException {
    Set<Status> told =
        rows().stream()
            .filter(row -> !row.ending().equals("–"))
            .map(row -> Status.valueOf(row.ending()))
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Status.class)));
    assertEquals(EnumSet.complementOf(EnumSet.of(Status.OK)), told);
  }
}
