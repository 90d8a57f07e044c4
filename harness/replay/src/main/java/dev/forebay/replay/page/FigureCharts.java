package dev.forebay.replay.page;

import dev.forebay.replay.run.Cell;
import dev.forebay.replay.run.Column;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.Row;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Charts of one figure: a dot for each combination, in a line from end to end of its interval. */
final class FigureCharts {

  private static final int LINE_PIXELS = 26;
  private static final int AXIS_PIXELS = 80;

  private FigureCharts() {}

  /** What is answered, and what could be. */
  static Chart answered(Report report, Shown shown) {
    JsonObject option = option(shown, "answered, % of what was offered", 100, Column.ANSWERED);
    if (!report.cells().isEmpty() && report.cells().stream().allMatch(Cell::isBounded)) {
      double most =
          report.cells().stream()
              .mapToDouble(c -> c.mean(Row::answerableOfOffered))
              .max()
              .orElse(1);
      option.getJsonArray("series").getJsonObject(0).put("markLine", mark(most * 100));
    }
    return chart(
        "answered",
        "What is answered",
        "The share of all requests that were answered completely, correctly and in time, with its"
            + " 95 % interval over the seeds. The dashed line is what no gateway can pass.",
        option,
        shown,
        Column.ANSWERED);
  }

  /** What callers wait. */
  static Chart times(Shown shown) {
    return chart(
        "times",
        "What callers wait",
        "The mean time of all requests in seconds, with its interval. A request without an answer"
            + " counts as the caller's patience, so nobody looks fast by refusing.",
        option(shown, "mean time of all requests, s", 1e-3, Column.OF_ALL),
        shown,
        Column.OF_ALL);
  }

  private static JsonObject mark(double at) {
    return new JsonObject()
        .put("symbol", "none")
        .put("silent", true)
        .put("lineStyle", new JsonObject().put("type", "dashed").put("color", Options.GREY))
        .put(
            "label",
            new JsonObject()
                .put("formatter", "bound")
                .put("position", "start")
                .put("color", Options.GREY))
        .put("data", new JsonArray().add(new JsonObject().put("xAxis", Options.rounded(at))));
  }

  private static JsonObject option(Shown shown, String axis, double unit, Column column) {
    JsonArray dots = new JsonArray();
    JsonArray whiskers = new JsonArray();
    List<Cell> cells = shown.cells();
    for (int i = 0; i < cells.size(); i++) {
      double mean = cells.get(i).mean(column.figure()) * unit;
      double half = cells.get(i).interval(column.figure()) * unit;
      String colour = shown.colour(cells.get(i));
      dots.add(
          new JsonObject()
              .put("value", Options.point(mean, i))
              .put("itemStyle", new JsonObject().put("color", colour)));
      whiskers.add(Options.point(mean - half, mean + half).add(i));
    }
    return Options.base()
        .put("grid", Options.grid(false))
        .put("tooltip", Options.tooltip("item"))
        .put("xAxis", Options.values(axis))
        .put("yAxis", Options.names(shown.names()))
        .put(
            "series",
            new JsonArray()
                .add(Options.dots(column.header(), dots, Options.GREY))
                .add(Options.whiskers("95 % interval", whiskers, Options.GREY)));
  }

  private static Chart chart(
      String id, String title, String about, JsonObject option, Shown shown, Column column) {
    List<List<Html.Cell>> lines = new ArrayList<>();
    for (Cell cell : shown.cells()) {
      lines.add(Shown.line(cell.combination(), List.of(column.textWithInterval(cell))));
    }
    return new Chart(
        id,
        title,
        about,
        option,
        AXIS_PIXELS + LINE_PIXELS * shown.cells().size(),
        Html.table(title, List.of("combination", column.header()), lines));
  }

  /** What answers and time cost, and which combinations nobody beats in both. */
  static List<Chart> costs(Shown shown) {
    boolean priced = shown.cells().stream().anyMatch(cell -> cell.mean(Row::cost) > 0);
    ToDoubleFunction<Row> cost = priced ? Row::cost : row -> row.spent().replicaHours();
    String axis = priced ? "cost of all tokens, USD" : "replica-hours";
    return List.of(
        cost(
            shown,
            "cost-answered",
            "Cost against answers",
            axis,
            cost,
            row -> row.answeredOfOffered() * 100,
            "answered, %",
            true),
        cost(
            shown,
            "cost-times",
            "Cost against time",
            axis,
            cost,
            row -> row.latencies().all().mean() / 1e3,
            "mean time of all, s",
            false));
  }

  private static Chart cost(
      Shown shown,
      String id,
      String title,
      String axis,
      ToDoubleFunction<Row> cost,
      ToDoubleFunction<Row> figure,
      String name,
      boolean more) {
    List<Cell> front = Pareto.front(shown.cells(), cost, figure, more);
    JsonArray dots = new JsonArray();
    List<List<Html.Cell>> lines = new ArrayList<>();
    for (Cell cell : shown.cells()) {
      double x = cell.mean(cost);
      double y = cell.mean(figure);
      dots.add(dot(cell, x, y, shown.colour(cell)));
      lines.add(
          List.of(
              Html.Cell.of(cell.combination()),
              Html.Cell.of(String.format(Locale.ROOT, "%.3f", x)),
              Html.Cell.of(String.format(Locale.ROOT, "%.2f", y)),
              new Html.Cell(front.contains(cell) ? "on the front" : "", front.contains(cell))));
    }
    JsonArray points = new JsonArray();
    front.forEach(cell -> points.add(Options.point(cell.mean(cost), cell.mean(figure))));
    JsonObject line = Options.line("Pareto front", points, Options.GREY).put("step", "end");
    line.getJsonObject("lineStyle").put("type", "dashed");
    JsonObject option =
        Options.base()
            .put("grid", Options.grid(false))
            .put("tooltip", Options.tooltip("item"))
            .put("xAxis", Options.values(axis))
            .put("yAxis", Options.upright(name))
            .put(
                "series",
                new JsonArray().add(labelled(Options.dots(name, dots, Options.GREY))).add(line));
    return new Chart(
        id,
        title,
        "Each dot is a combination. Those on the dashed line are the Pareto front: no other is"
            + " cheaper and at least as good, or better and as cheap.",
        option,
        340,
        Html.table(title, List.of("combination", axis, name, "Pareto front"), lines));
  }

  private static JsonObject dot(Cell cell, double x, double y, String colour) {
    return new JsonObject()
        .put("name", cell.combination())
        .put("value", Options.point(x, y))
        .put("itemStyle", new JsonObject().put("color", colour));
  }

  private static JsonObject labelled(JsonObject dots) {
    return dots.put(
            "label",
            new JsonObject()
                .put("show", true)
                .put("formatter", "{b}")
                .put("position", "right")
                .put("fontSize", 11))
        .put("labelLayout", new JsonObject().put("hideOverlap", true));
  }
}
