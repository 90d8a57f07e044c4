package dev.forebay.replay.run;

import dev.forebay.simulation.Ending;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What a comparison says about each combination, in a sentence. */
public final class Verdicts {

  /** Losses below this share of the requests are not worth a word. */
  private static final double NOTABLE = 0.005;

  /** Tenants over their limit that a sentence names. */
  private static final int MOST_NAMED = 5;

  private static final Set<String> KNOW_MORE =
      Set.of(ScenarioReader.UNBOUNDED_CACHE, ScenarioReader.CLAIRVOYANT_BALANCER);

  private Verdicts() {}

  /** A sentence for each combination but the baseline; none if the baseline was not run. */
  public static List<String> of(Report report) {
    return report
        .baseline()
        .map(
            baseline ->
                report.cells().stream()
                    .filter(cell -> cell != baseline)
                    .sorted(BEST_FIRST)
                    .map(cell -> sentence(cell, baseline))
                    .toList())
        .orElse(List.of());
  }

  /** The order of tables: more answers first, then less time. */
  public static final Comparator<Cell> BEST_FIRST =
      Comparator.<Cell>comparingDouble(cell -> -cell.mean(Column.ANSWERED.figure()))
          .thenComparingDouble(cell -> cell.mean(Column.OF_ALL.figure()));

  /**
   * The combination that answers most, of those that know no more than a gateway can; empty if none
   * was run beside the baseline.
   */
  public static Optional<Cell> best(Report report) {
    return report.cells().stream()
        .filter(cell -> !knowsMore(cell))
        .filter(cell -> !cell.combination().equals(ScenarioReader.BASELINE))
        .min(BEST_FIRST);
  }

  /** Whether a combination knows more than a gateway can. */
  public static boolean knowsMore(Cell cell) {
    return KNOW_MORE.contains(cell.combination());
  }

  /** The answer of a comparison, in a sentence or two, before all figures. */
  public static String lead(Report report) {
    Optional<Cell> best = best(report);
    Optional<Cell> baseline = report.baseline();
    if (best.isEmpty() || baseline.isEmpty()) {
      return "There is nothing to compare: "
          + (baseline.isEmpty() ? "the baseline was not run." : "only the baseline was run.");
    }
    Cell.Difference difference = best.get().difference(baseline.get(), Column.ANSWERED.figure());
    String figures =
        best.get().combination()
            + " answers "
            + Column.ANSWERED.text(best.get())
            + " % of what was offered; without a strategy (baseline) it is "
            + Column.ANSWERED.text(baseline.get())
            + " %.";
    return difference.seeds() < 2
        ? figures + " One seed has no interval: run more to know whether that is chance."
        : !difference.isSure()
            ? figures + " The difference is not beyond chance."
            : difference.mean() > 0
                ? figures + " The difference is beyond chance."
                : "No combination answers more than the baseline: " + figures;
  }

  /** What no combination can pass; empty if it is not known. */
  public static String bound(Report report) {
    List<Cell> known = report.cells().stream().filter(Cell::isBounded).toList();
    if (known.isEmpty()) {
      return "";
    }
    double most =
        known.stream().mapToDouble(cell -> cell.mean(Row::answerableOfOffered)).max().orElse(1);
    return String.format(
        Locale.ROOT,
        "bound: no gateway could answer more than %.2f %% (computed, as if work were divisible,"
            + " nothing waited to be placed, and all faults were known)",
        most * 100);
  }

  private static String sentence(Cell cell, Cell baseline) {
    return cell.combination()
        + ": "
        + answers(cell.difference(baseline, Column.ANSWERED.figure()))
        + "; mean of all "
        + Column.OF_ALL.text(baseline)
        + " \u2192 "
        + Column.OF_ALL.text(cell)
        + losses(cell);
  }

  private static String answers(Cell.Difference difference) {
    double points = difference.mean() * 100;
    double half = difference.interval() * 100;
    if (points == 0 && half == 0) {
      return "answers as much of what was offered as the baseline";
    }
    String interval =
        difference.seeds() < 2
            ? "one seed, so no interval"
            : String.format(Locale.ROOT, "%.1f to %.1f", points - half, points + half);
    if (difference.seeds() > 1 && !difference.isSure()) {
      return "no difference in what is answered that is beyond chance (points: " + interval + ")";
    }
    return String.format(
            Locale.ROOT,
            "answers %.1f points %s of what was offered than the baseline",
            Math.abs(points),
            points < 0 ? "less" : "more")
        + " ("
        + (points < 0 && difference.seeds() > 1
            ? String.format(Locale.ROOT, "%.1f to %.1f", -points - half, -points + half)
            : interval)
        + ")";
  }

  /** What became of the requests that were not answered, if they are many. */
  private static String losses(Cell cell) {
    StringBuilder text = new StringBuilder();
    double needless = share(cell, cell.rows().stream().mapToLong(Row::needless).sum());
    if (needless >= NOTABLE) {
      text.append(percent("; refuses %.1f %% while servers had room", needless));
    }
    Map<String, Long> reasons = new TreeMap<>();
    Map<String, Long> wrongs = new TreeMap<>();
    for (Row row : cell.rows()) {
      row.failures().forEach((reason, count) -> reasons.merge(failure(reason), count, Long::sum));
      row.rejected().forEach((reason, count) -> reasons.merge(reason, count, Long::sum));
      row.wrong().forEach((reason, count) -> wrongs.merge(reason, count, Long::sum));
    }
    reasons.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .filter(most -> share(cell, most.getValue()) >= NOTABLE)
        .ifPresent(
            most ->
                text.append("; loses most by ")
                    .append(most.getKey())
                    .append(percent(" (%.1f %%)", share(cell, most.getValue()))));
    text.append(overLimit(cell));
    wrongs.forEach(
        (reason, count) ->
            text.append("; WRONG: ")
                .append(reason)
                .append(percent(" %.2f %%", share(cell, count))));
    return text.toString();
  }

  /** A queue of a server is told apart from those of the gateway, which refuse by the same name. */
  private static String failure(String reason) {
    return reason.equals(Ending.FULL.reason()) ? reason + " at a server" : reason;
  }

  /** Who was refused for a limit of its own: the tenants that were hit most, of all seeds. */
  private static String overLimit(Cell cell) {
    List<Map.Entry<String, Served>> over = Groups.overLimit(cell.rows());
    if (over.isEmpty() || over.get(0).getKey().isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("; over their limit: ");
    for (int i = 0; i < Math.min(MOST_NAMED, over.size()); i++) {
      Served one = over.get(i).getValue();
      text.append(i == 0 ? "" : ", ")
          .append(over.get(i).getKey())
          .append(
              String.format(Locale.ROOT, " %,d of %,d requests", one.overLimit(), one.requests()));
    }
    int more = over.size() - MOST_NAMED;
    return text.append(more > 0 ? " and " + more + " more tenants" : "").toString();
  }

  private static double share(Cell cell, long count) {
    long requests = cell.rows().stream().mapToLong(Row::requests).sum();
    return requests == 0 ? 0 : (double) count / requests;
  }

  private static String percent(String format, double share) {
    return String.format(Locale.ROOT, format, share * 100);
  }
}
