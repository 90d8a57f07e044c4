package dev.forebay.replay.page;

import dev.forebay.replay.run.Ablation;
import dev.forebay.replay.run.Cell;
import dev.forebay.replay.run.Column;
import dev.forebay.replay.run.Report;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What each strategy of a combination is worth: alone, and in the company of the others. */
final class ContributionChart {

  /** Pixels by which the two dots of a line are above and below it. */
  private static final int OFFSET = 6;

  private ContributionChart() {}

  /** A strategy that was run alone and left out. */
  private record Contribution(String name, Cell.Difference alone, Cell.Difference inCompany) {}

  /** The chart; none if nothing was taken apart. */
  static Optional<Chart> of(Report report, Optional<Ablation> ablation) {
    List<Contribution> all = ablation.map(one -> contributions(report, one)).orElse(List.of());
    if (all.isEmpty()) {
      return Optional.empty();
    }
    JsonArray alone = new JsonArray();
    JsonArray company = new JsonArray();
    JsonArray aloneSure = new JsonArray();
    JsonArray companySure = new JsonArray();
    List<List<Html.Cell>> lines = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Contribution one = all.get(i);
      add(alone, aloneSure, one.alone(), i, -OFFSET);
      add(company, companySure, one.inCompany(), i, OFFSET);
      lines.add(Shown.line(one.name(), List.of(text(one.alone()), text(one.inCompany()))));
    }
    String base = ablation.map(Ablation::base).orElse("");
    List<String> names = all.stream().map(Contribution::name).toList();
    List<String> both = List.of("alone", "in the company of the others");
    return Optional.of(
        new Chart(
            "contribution",
            "What each strategy is worth",
            "Points of the answered share that a strategy of "
                + base
                + " adds: alone, beside the baseline; and in the company of the others, which is"
                + " what "
                + base
                + " loses if the strategy is left out. With 95 % intervals.",
            Options.base()
                .put("grid", Options.grid(true))
                .put("tooltip", Options.tooltip("item"))
                .put("legend", Options.legend(both))
                .put("xAxis", Options.values("points of what was offered").put("nameGap", 24))
                .put("yAxis", Options.names(names))
                .put(
                    "series",
                    new JsonArray()
                        .add(Options.dots(both.get(0), alone, Options.colour(0)))
                        .add(Options.dots(both.get(1), company, Options.colour(1)))
                        .add(Options.whiskers(both.get(0), aloneSure, Options.colour(0)))
                        .add(Options.whiskers(both.get(1), companySure, Options.colour(1)))),
            110 + 40 * all.size(),
            Html.table("Contribution", List.of("strategy", "alone", "in company"), lines)));
  }

  private static List<Contribution> contributions(Report report, Ablation ablation) {
    Map<String, Cell> cells = new LinkedHashMap<>();
    report.cells().forEach(cell -> cells.put(cell.combination(), cell));
    Cell baseline = report.baseline().orElse(null);
    Cell whole = cells.get(ablation.base());
    List<Contribution> all = new ArrayList<>();
    for (String name : ablation.strategies()) {
      Cell only = cells.get("only-" + name);
      Cell without = cells.get("without-" + name);
      if (baseline != null && whole != null && only != null && without != null) {
        all.add(
            new Contribution(
                name,
                only.difference(baseline, Column.ANSWERED.figure()),
                whole.difference(without, Column.ANSWERED.figure())));
      }
    }
    return all;
  }

  private static void add(
      JsonArray dots, JsonArray whiskers, Cell.Difference one, int place, int offset) {
    double mean = one.mean() * 100;
    double half = one.interval() * 100;
    dots.add(
        new JsonObject()
            .put("value", Options.point(mean, place))
            .put("symbolOffset", new JsonArray().add(0).add(offset)));
    whiskers.add(Options.point(mean - half, mean + half).add(place).add(offset));
  }

  private static String text(Cell.Difference one) {
    return String.format(Locale.ROOT, "%+.1f", one.mean() * 100)
        + (one.seeds() < 2 ? "" : String.format(Locale.ROOT, " ±%.1f", one.interval() * 100));
  }
}
