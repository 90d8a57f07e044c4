package dev.forebay.cli;

import dev.forebay.replay.diff.Change;
import dev.forebay.replay.diff.FailIf;
import dev.forebay.replay.diff.ReportDiff;
import dev.forebay.replay.run.Grid;
import dev.forebay.replay.run.TableReport;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what has changed between two reports. */
@Command(
    name = "diff",
    description =
        "Says what has changed from one report to another: better, worse, or cannot tell, by"
            + " column.",
    footer = {
      "",
      "Example: forebay diff before/report.json after/report.json --fail-if 'recommended worse'"
    })
final class DiffCommand implements Callable<Integer> {

  private static final int WIDTH = 160;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "A.json", description = "the report.json to compare with")
  private Path before = Path.of("");

  @Parameters(index = "1", paramLabel = "B.json", description = "the report.json to compare")
  private Path after = Path.of("");

  @Option(
      names = "--fail-if",
      paramLabel = "CONDITION",
      description =
          "exit code 1 if a change is so: 'worse', 'recommended worse', '*.latencyMillis.p99 worse'"
              + " (beyond chance), or 'recommended.answeredOfOffered < -0.01' (the mean of B less"
              + " that of A); also better and different; repeatable")
  private List<String> conditions = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table or json, on standard output; default: ${DEFAULT-VALUE}")
  private String format = "table";

  @Option(names = "--all", description = "tells figures that are the same, too")
  private boolean all;

  @Override
  public Integer call() {
    if (!format.equals("table") && !format.equals("json")) {
      throw new WrongInput("--format: " + format + " (expected: table or json)");
    }
    ReportDiff diff = ReportDiff.of(report(before), report(after));
    List<FailIf> failing = conditions.stream().map(text -> FailIf.parse(text, diff)).toList();
    PrintWriter stdout = spec.commandLine().getOut();
    stdout.print(format.equals("json") ? json(diff).encodePrettily() + "\n" : table(diff));
    stdout.flush();
    int code = Main.OK;
    for (FailIf condition : failing) {
      for (Change change : condition.found(diff)) {
        spec.commandLine().getErr().println("forebay: " + condition + ": " + words(change));
        code = Main.FAILED;
      }
    }
    return code;
  }

  private static JsonObject report(Path file) {
    unless(Files.exists(file), file, "does not exist");
    unless(!Files.isDirectory(file), file, "is a folder");
    JsonObject report;
    try {
      report = new JsonObject(Files.readString(file));
    } catch (CharacterCodingException | DecodeException e) {
      throw notAReport(file, "is not JSON");
    } catch (IOException e) {
      throw notAReport(file, "cannot be read");
    }
    if (report.containsKey("sweep")) {
      throw new WrongInput(
          "diff: %s is the report of a sweep (expected: that of one comparison)".formatted(file));
    }
    boolean rows = report.getValue("rows") instanceof JsonArray all && areRows(all);
    unless(rows, file, "has no rows");
    return report;
  }

  private static void unless(boolean holds, Path file, String wrong) {
    if (!holds) {
      throw notAReport(file, wrong);
    }
  }

  private static WrongInput notAReport(Path file, String wrong) {
    return new WrongInput(
        "diff: %s %s (expected: report.json of compare --out)".formatted(file, wrong));
  }

  private static boolean areRows(JsonArray rows) {
    return rows.stream()
        .allMatch(
            row ->
                row instanceof JsonObject one
                    && one.getValue("combination") instanceof String
                    && one.getValue("seed") instanceof Number);
  }

  private String table(ReportDiff diff) {
    StringBuilder text = new StringBuilder();
    text.append(
        TableReport.wrapped(
            before
                + " \u2192 "
                + after
                + ": "
                + (diff.seeds() == 1 ? "1 seed" : diff.seeds() + " seeds")
                + ", "
                + diff.traffic()
                + "; 95 % intervals"
                + (diff.seeds() == 1 ? ", of which one seed has none" : "")));
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("combination", "figure", "A", "B", "B - A", "verdict"));
    for (Change change : diff.changes()) {
      boolean same = change.verdict() == Change.Verdict.SAME;
      if (all || (!same && !diff.alike().contains(change.combination()))) {
        lines.add(
            List.of(
                change.combination(),
                change.figure(),
                number(change.before()),
                number(change.after()),
                difference(change),
                change.verdict().toString()));
      }
    }
    text.append(lines.size() > 1 ? new Grid(lines).text(WIDTH, false) : "");
    diff.alike().forEach(name -> text.append(name).append(": the same in every event\n"));
    if (lines.size() == 1 && diff.alike().isEmpty()) {
      text.append("no figure differs\n");
    }
    diff.missing().forEach(name -> text.append(name).append(": in one report only\n"));
    return text.toString();
  }

  private static String words(Change change) {
    return "%s.%s: %s \u2192 %s, %s: %s"
        .formatted(
            change.combination(),
            change.figure(),
            number(change.before()),
            number(change.after()),
            difference(change),
            change.verdict());
  }

  private static String difference(Change change) {
    return signed(change.difference())
        + (Double.isInfinite(change.half()) ? "" : " \u00b1" + number(change.half()));
  }

  private static String signed(double value) {
    return (value > 0 ? "+" : "") + number(value);
  }

  /** Four digits, as short as they can be said. */
  private static String number(double value) {
    double size = Math.abs(value);
    String format = size == 0 ? "%.0f" : size >= 1000 ? "%.0f" : size >= 10 ? "%.1f" : "%.4f";
    return String.format(Locale.ROOT, format, value);
  }

  private static JsonObject json(ReportDiff diff) {
    JsonArray changes = new JsonArray();
    for (Change change : diff.changes()) {
      boolean none = Double.isInfinite(change.half());
      changes.add(
          new JsonObject()
              .put("combination", change.combination())
              .put("figure", change.figure())
              .put("before", change.before())
              .put("after", change.after())
              .put("difference", change.difference())
              .put("low", none ? null : change.difference() - change.half())
              .put("high", none ? null : change.difference() + change.half())
              .put("verdict", change.verdict().toString()));
    }
    return new JsonObject()
        .put("paired", diff.paired())
        .put("traffic", diff.traffic().name().toLowerCase(Locale.ROOT))
        .put("seeds", diff.seeds())
        .put("changes", changes)
        .put("alike", new JsonArray(List.copyOf(diff.alike())))
        .put("missing", new JsonArray(List.copyOf(diff.missing())));
  }
}
