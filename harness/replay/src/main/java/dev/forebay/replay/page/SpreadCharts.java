package dev.forebay.replay.page;

import dev.forebay.replay.run.Cell;
import dev.forebay.replay.run.Row;
import dev.forebay.replay.run.Spread;
import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Charts of how times are spread: which share of all requests is over by when. */
final class SpreadCharts {

  /** Times of the table, in milliseconds. */
  private static final List<Integer> TIMES =
      List.of(100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000);

  private SpreadCharts() {}

  static List<Chart> of(Shown shown) {
    return List.of(
        chart(
            shown,
            "latency",
            "How soon answers are complete",
            row -> row.latencies().answeredSpread()),
        chart(
            shown,
            "first-content",
            "How soon answers begin",
            row -> row.latencies().firstContentSpread()));
  }

  private static Chart chart(Shown shown, String id, String title, Function<Row, Spread> spread) {
    JsonArray series = new JsonArray();
    List<List<Html.Cell>> lines = new ArrayList<>();
    for (Cell cell : shown.cells()) {
      List<Spread.Point> points = within(cell, spread);
      JsonArray data = new JsonArray();
      points.forEach(point -> data.add(Options.point(point.millis(), point.share() * 100)));
      series.add(Options.line(cell.combination(), data, shown.colour(cell)));
      lines.add(
          Shown.line(
              cell.combination(), TIMES.stream().map(time -> percent(points, time)).toList()));
    }
    List<String> header = new ArrayList<>(List.of("combination"));
    TIMES.forEach(time -> header.add(String.format(Locale.ROOT, "%,d ms", time)));
    return new Chart(
        id,
        title,
        "The share of all requests that had it by then: a line that ends below 100 % is one of"
            + " requests without an answer. Times are on a logarithmic axis, in buckets of 12 %.",
        Options.base()
            .put("grid", Options.grid(false))
            .put("tooltip", Options.tooltip("axis"))
            .put("legend", Options.hiddenLegend(shown.names(), shown.first()))
            .put(
                "xAxis",
                Options.values("ms after the arrival").put("type", "log").put("max", "dataMax"))
            .put("yAxis", Options.upright("% of all requests"))
            .put("series", series),
        340,
        Html.table(title, header, lines));
  }

  private static List<Spread.Point> within(Cell cell, Function<Row, Spread> spread) {
    Spread sum = cell.rows().stream().map(spread).reduce(Spread::plus).orElseThrow();
    return sum.within(Math.max(1, cell.rows().stream().mapToLong(Row::requests).sum()));
  }

  private static String percent(List<Spread.Point> points, int millis) {
    double share =
        points.stream()
            .filter(point -> point.millis() <= millis * 1.0001)
            .mapToDouble(Spread.Point::share)
            .max()
            .orElse(0);
    return String.format(Locale.ROOT, "%.1f %%", share * 100);
  }
}
