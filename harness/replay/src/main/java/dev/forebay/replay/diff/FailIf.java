package dev.forebay.replay.diff;

import dev.forebay.spi.options.Names;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A condition on the changes between two reports: {@code worse}, {@code recommended worse}, {@code
 * *.latencyMillis.p99 worse}, or a bound on a difference, {@code recommended.answeredOfOffered <
 * -0.01}.
 */
public final class FailIf {

  private static final String EXPECTED =
      "such as 'worse', 'recommended worse', '*.latencyMillis.p99 worse' or"
          + " 'recommended.answeredOfOffered < -0.01'";

  private static final Pattern FORM =
      Pattern.compile(
          "\\s*(?:(\\*|[\\w-]+)(?:\\.([\\w.]+))?\\s+)?(worse|better|different|[<>]=?\\s*-?\\d+(?:\\.\\d+)?)\\s*");

  private final String text;
  private final Predicate<Change> holds;

  private FailIf(String text, Predicate<Change> holds) {
    this.text = text;
    this.holds = holds;
  }

  /**
   * Reads a condition.
   *
   * @throws IllegalArgumentException if it is not of the form, or names what is in neither report
   */
  public static FailIf parse(String text, ReportDiff diff) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("--fail-if: '" + text + "' (expected: " + EXPECTED + ")");
    }
    String combination = parts.group(1) == null ? "*" : parts.group(1);
    String figure = parts.group(2) == null ? "*" : parts.group(2);
    known(
        "combination",
        combination,
        new TreeSet<>(diff.changes().stream().map(Change::combination).toList()));
    known("figure", figure, new TreeSet<>(diff.changes().stream().map(Change::figure).toList()));
    String condition = parts.group(3);
    if (figure.equals("*") && "<>".indexOf(condition.charAt(0)) >= 0) {
      throw new IllegalArgumentException(
          "--fail-if: '" + text + "': a bound is on one figure (expected: " + EXPECTED + ")");
    }
    Predicate<Change> test = condition(condition);
    return new FailIf(
        text.strip(),
        change ->
            (combination.equals("*") || combination.equals(change.combination()))
                && (figure.equals("*") || figure.equals(change.figure()))
                && test.test(change));
  }

  private static void known(String what, String name, Set<String> all) {
    if (!name.equals("*") && !all.contains(name)) {
      throw new IllegalArgumentException(
          "--fail-if: %s '%s' (expected: * or %s)".formatted(what, name, Names.oneOf(all, name)));
    }
  }

  private static Predicate<Change> condition(String words) {
    return switch (words) {
      case "worse" -> change -> change.verdict() == Change.Verdict.WORSE;
      case "better" -> change -> change.verdict() == Change.Verdict.BETTER;
      case "different" -> change -> change.verdict() != Change.Verdict.SAME;
      default -> bound(words);
    };
  }

  private static Predicate<Change> bound(String words) {
    boolean equal = words.charAt(1) == '=';
    double bound = Double.parseDouble(words.substring(equal ? 2 : 1).strip());
    boolean less = words.charAt(0) == '<';
    return change ->
        (equal && change.difference() == bound)
            || (less ? change.difference() < bound : change.difference() > bound);
  }

  /** The changes because of which a check fails; none if it holds. */
  public List<Change> found(ReportDiff diff) {
    return diff.changes().stream().filter(holds).toList();
  }

  @Override
  public String toString() {
    return text;
  }
}
