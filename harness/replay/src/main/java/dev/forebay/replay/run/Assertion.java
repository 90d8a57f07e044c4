package dev.forebay.replay.run;

import dev.forebay.spi.options.Names;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A condition on a report, such as {@code everything.answeredOfOffered >= 0.99}: the mean over the
 * seeds of a figure of one combination, compared with a number. Figures are named as in {@code
 * report.json}: {@code latencyMillis.p99}, {@code rejected.rate_limited}.
 */
public final class Assertion {

  private static final Pattern FORM =
      Pattern.compile(
          "\\s*([\\w-]+)\\.([\\w./-]+)\\s*(>=|<=|==|>|<)\\s*(-?\\d+(?:\\.\\d+)?(?:[eE]-?\\d+)?)\\s*");

  private static final Duration DAY = Duration.ofDays(1);

  /** What is no number. */
  private static final Object WRONG = "";

  /** Groups of a row that name only what counted. */
  private static final Set<String> COUNTS =
      Set.of("rejected", "failures", "wrongs", "byBackend", "plugin");

  private static final Set<String> SERVED = Set.of("requests", "ok", "refused", "overLimit");

  /** Groups of groups, and the figures of each. */
  private static final Map<String, Set<String>> GROUPS =
      Map.of(
          "byTenant", SERVED,
          "byPriority", SERVED,
          "histograms", Set.of("count", "mean", "p50", "p90", "p99"));

  private final String text;
  private final String combination;
  private final String figure;
  private final String operator;
  private final double bound;

  private Assertion(String text, Matcher parts) {
    this.text = text.strip();
    this.combination = parts.group(1);
    this.figure = parts.group(2);
    this.operator = parts.group(3);
    this.bound = Double.parseDouble(parts.group(4));
  }

  /**
   * Reads a condition.
   *
   * @param combinations the names that it may use
   * @throws IllegalArgumentException where it is not of the form, or names what is not there
   */
  public static Assertion parse(String text, List<String> combinations) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "--assert: '" + text + "' (expected: such as 'everything.answeredOfOffered >= 0.99')");
    }
    Assertion assertion = new Assertion(text, parts);
    if (!combinations.contains(assertion.combination)) {
      throw new IllegalArgumentException(
          "--assert: combination '"
              + assertion.combination
              + "' (expected: "
              + Names.oneOf(combinations, assertion.combination)
              + ")");
    }
    assertion.figure(JsonReport.row(nothing(assertion.combination)));
    return assertion;
  }

  /** A row without requests, in which every figure is there to be looked up. */
  private static Row nothing(String combination) {
    return new Tally(new Objective(DAY, DAY, DAY))
        .row(
            combination,
            0,
            "",
            null,
            Spent.NOTHING,
            new TreeMap<>(),
            new TreeMap<>(),
            new TreeMap<>());
  }

  /**
   * The mean over the seeds of its figure; NaN if its combination has no rows, or none of them has
   * the figure, such as a latency if nothing was answered.
   */
  public double value(Report report) {
    return report.cells().stream()
        .filter(cell -> cell.combination().equals(combination))
        .mapToDouble(cell -> cell.mean(row -> figure(JsonReport.row(row))))
        .findFirst()
        .orElse(Double.NaN);
  }

  @Override
  public String toString() {
    return text;
  }

  /** Whether a report keeps it; what was left out does not. */
  public Verdict check(Report report) {
    double value = value(report);
    if (!Double.isNaN(value)) {
      return new Verdict(holds(value), String.format(Locale.ROOT, "%s: %.6g", text, value));
    }
    String failed = report.failed().get(combination);
    String skipped = report.skipped().get(combination);
    return new Verdict(
        false,
        failed != null
            ? text + ": failed: " + failed
            : skipped != null
                ? text + ": was left out: " + skipped
                : text + ": no run has this figure");
  }

  /** Of a row; NaN if it has none. */
  private double figure(JsonObject row) {
    Object value = at(row, figure);
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    if (value == null) {
      return Double.NaN;
    }
    throw new IllegalArgumentException(
        "--assert: figure '" + figure + "' (expected: a number of report.json, such as ok)");
  }

  /** What stands at a path, of which names may have dots; null is what has no figure. */
  private static @Nullable Object at(JsonObject row, String path) {
    if (row.containsKey(path)) {
      return row.getValue(path);
    }
    int dot = path.indexOf('.');
    String name = dot < 0 ? path : path.substring(0, dot);
    if (dot >= 0 && row.getValue(name) instanceof JsonObject group) {
      return inGroup(name, group, path.substring(dot + 1));
    }
    return WRONG;
  }

  private static @Nullable Object inGroup(String name, JsonObject group, String path) {
    if (group.containsKey(path)) {
      return group.getValue(path);
    }
    if (COUNTS.contains(name)) {
      return 0; // a reason or counter that never counted is not in the row
    }
    int dot = path.lastIndexOf('.');
    if (!GROUPS.containsKey(name)) {
      return WRONG;
    }
    String key = path.substring(dot + 1);
    if (dot < 0 || !GROUPS.get(name).contains(key)) {
      return WRONG;
    }
    JsonObject one = group.getJsonObject(path.substring(0, dot));
    return one == null ? null : one.getValue(key);
  }

  private boolean holds(double value) {
    return switch (operator) {
      case ">=" -> value >= bound;
      case "<=" -> value <= bound;
      case "==" -> value == bound;
      case ">" -> value > bound;
      default -> value < bound;
    };
  }

  /**
   * What became of a condition.
   *
   * @param holds whether the report keeps it
   * @param text the condition with the figure that was found
   */
  public record Verdict(boolean holds, String text) {}
}
