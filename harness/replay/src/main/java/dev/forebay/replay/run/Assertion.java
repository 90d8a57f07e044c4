package dev.forebay.replay.run;

import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A condition on a report, such as {@code everything.availability >= 0.99}: the mean over the seeds
 * of a figure of one combination, compared with a number. Figures are named as in {@code
 * report.json}: {@code latencyMillis.p99}, {@code rejected.rate_limited}.
 */
public final class Assertion {

  private static final Pattern FORM =
      Pattern.compile(
          "\\s*([\\w-]+)\\.([\\w.-]+)\\s*(>=|<=|==|>|<)\\s*(-?[0-9.]+(?:[eE]-?\\d+)?)\\s*");

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
   * @throws IllegalArgumentException where it is not of the form
   */
  public static Assertion parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "--assert: '" + text + "' (expected: such as 'everything.availability >= 0.99')");
    }
    return new Assertion(text, parts);
  }

  /** Whether a report keeps it. */
  public Verdict check(Report report) {
    for (Cell cell : report.cells()) {
      if (cell.combination().equals(combination)) {
        double value = mean(cell, JsonReport.of(report));
        return new Verdict(holds(value), String.format(Locale.ROOT, "%s: %.6g", text, value));
      }
    }
    throw new IllegalArgumentException(
        "--assert: combination '"
            + combination
            + "' (expected: one of "
            + String.join(", ", report.cells().stream().map(Cell::combination).toList())
            + ")");
  }

  private double mean(Cell cell, JsonObject report) {
    double sum = 0;
    for (Object row : report.getJsonArray("rows")) {
      JsonObject object = (JsonObject) row;
      if (object.getString("combination").equals(combination)) {
        sum += figure(object);
      }
    }
    return sum / cell.rows().size();
  }

  private double figure(JsonObject row) {
    Object direct = row.getValue(figure);
    int dot = figure.indexOf('.');
    if (direct == null && dot > 0 && row.getValue(figure.substring(0, dot)) instanceof JsonObject) {
      JsonObject group = row.getJsonObject(figure.substring(0, dot));
      direct = group.getValue(figure.substring(dot + 1));
      if (direct == null && !figure.contains("Millis")) {
        return 0; // a counter that never counted is not in the row
      }
    }
    if (direct instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalArgumentException(
        "--assert: figure '" + figure + "' (expected: a number of report.json, such as ok)");
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
