package dev.forebay.replay.page;

import dev.forebay.replay.run.Assertion;
import dev.forebay.replay.run.Cell;
import dev.forebay.replay.run.Column;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.Sweep;
import dev.forebay.replay.run.SweepReport;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The reports of a sweep as one page of HTML: lines over the values of one parameter, maps over the
 * values of two, and the region in which conditions hold.
 */
public final class SweepPage {

  private SweepPage() {}

  /**
   * The whole page.
   *
   * @param command what repeats the sweep
   */
  public static String of(SweepReport report, String command) {
    Report any = report.reports().get(0);
    Sweep second = report.second();
    String parameters =
        report.sweep().parameter() + (second == null ? "" : " and " + second.parameter());
    Document page = new Document("Forebay: " + any.scenario() + " by " + parameters);
    page.add(
        "<header>\n"
            + Html.element("h1", "Scenario " + any.scenario() + ", by " + parameters)
            + Html.element("p", any.about())
            + "</header>\n<main>\n");
    if (!report.region().isEmpty()) {
      page.section("The verdict", verdict(report));
      page.charts("The region", regionCharts(report));
    }
    if (second == null) {
      page.charts(
          "By " + parameters,
          List.of(lines(report, Column.ANSWERED), lines(report, Column.OF_ALL)));
    } else {
      page.charts("What is answered", maps(report, Column.ANSWERED));
      page.charts("What callers wait", maps(report, Column.OF_ALL));
    }
    return page.section(
            "How to repeat it", "<pre><code>" + Html.escaped(command) + "</code></pre>\n")
        .add("</main>\n")
        .html();
  }

  private static String verdict(SweepReport report) {
    List<String> inside = new ArrayList<>();
    int all = 0;
    for (int j = 0; j < report.others().size(); j++) {
      List<String> values = new ArrayList<>();
      for (int i = 0; i < report.sweep().values().size(); i++) {
        all++;
        if (report.holding(i, j) == report.region().size()) {
          values.add(report.sweep().values().get(i));
        }
      }
      if (!values.isEmpty()) {
        Sweep second = report.second();
        inside.add(
            (second == null ? "" : second.parameter() + " " + report.others().get(j) + ": ")
                + report.sweep().parameter()
                + " "
                + String.join(", ", values));
      }
    }
    String conditions =
        String.join(" and ", report.region().stream().map(Assertion::toString).toList());
    return "<p class=\"lead\">"
        + Html.escaped(
            inside.isEmpty()
                ? "Nowhere in these " + all + " places do all conditions hold: " + conditions + "."
                : "All conditions hold (" + conditions + ") for:")
        + "</p>\n"
        + Html.list(inside);
  }

  /** A map of each condition's figure, and whether it holds there. */
  private static List<Chart> regionCharts(SweepReport report) {
    List<Chart> charts = new ArrayList<>();
    for (int c = 0; c < report.region().size(); c++) {
      Assertion condition = report.region().get(c);
      charts.add(
          map(
              report,
              "region-" + c,
              condition.toString(),
              "The figure of the condition; a tick marks the values for which it holds.",
              condition::value,
              place -> condition.check(place).holds(),
              Options::short4));
    }
    return charts;
  }

  private static List<Chart> maps(SweepReport report, Column column) {
    List<Chart> charts = new ArrayList<>();
    for (String name : combinations(report)) {
      charts.add(
          map(
              report,
              (column == Column.ANSWERED ? "answered-" : "times-") + name,
              name + ": " + column.header(),
              "In the mean of the seeds: " + column.about() + ".",
              place -> value(place, name, column),
              place -> false,
              column.unit()::text));
    }
    return charts;
  }

  private static List<String> combinations(SweepReport report) {
    return report.reports().stream()
        .flatMap(one -> one.cells().stream())
        .map(Cell::combination)
        .distinct()
        .toList();
  }

  private static double value(Report report, String combination, Column column) {
    return report.cells().stream()
        .filter(cell -> cell.combination().equals(combination))
        .mapToDouble(cell -> cell.mean(column.figure()))
        .findFirst()
        .orElse(Double.NaN);
  }

  /** Something about a report at a place of the map. */
  private interface At<T> {
    T of(Report report);
  }

  private interface Told {
    String text(double value);
  }

  private static Chart map(
      SweepReport report,
      String id,
      String title,
      String about,
      At<Double> figure,
      At<Boolean> holds,
      Told told) {
    JsonArray data = new JsonArray();
    List<List<Html.Cell>> lines = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (int j = 0; j < report.others().size(); j++) {
      List<Html.Cell> line = new ArrayList<>(List.of(Html.Cell.of(report.others().get(j))));
      for (int i = 0; i < report.sweep().values().size(); i++) {
        Report place = report.at(i, j);
        double value = figure.of(place);
        boolean in = holds.of(place);
        String text = Double.isNaN(value) ? "-" : told.text(value) + (in ? " \u2713" : "");
        line.add(new Html.Cell(text, in));
        if (!Double.isNaN(value)) {
          values.add(value);
          data.add(place(i, j, value, text, in));
        }
      }
      lines.add(line);
    }
    Sweep second = report.second();
    List<String> header = new ArrayList<>();
    header.add(
        (second == null ? "" : second.parameter() + " \u2193, ")
            + report.sweep().parameter()
            + " \u2192");
    header.addAll(report.sweep().values());
    return new Chart(
        id,
        title,
        about,
        mapOption(report, data, values),
        120 + 34 * report.others().size(),
        Html.table(title, header, lines));
  }

  private static JsonObject place(int i, int j, double value, String text, boolean in) {
    JsonObject label = new JsonObject().put("formatter", text);
    return new JsonObject()
        .put("value", new JsonArray().add(i).add(j).add(Options.rounded(value)))
        .put("label", in ? label.put("fontWeight", "bold") : label);
  }

  private static JsonObject mapOption(SweepReport report, JsonArray data, List<Double> values) {
    double least = values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    double most = values.stream().mapToDouble(Double::doubleValue).max().orElse(1);
    Sweep second = report.second();
    JsonObject x =
        Options.values(report.sweep().parameter())
            .put("type", "category")
            .put("data", new JsonArray(report.sweep().values()));
    JsonObject y =
        Options.upright(second == null ? "" : second.parameter())
            .put("type", "category")
            .put("data", new JsonArray(report.others()));
    x.remove("scale");
    y.remove("scale");
    return Options.base()
        .put("grid", Options.grid(false))
        .put("xAxis", x)
        .put("yAxis", y)
        .put(
            "visualMap",
            new JsonObject()
                .put("show", false)
                .put("min", Options.rounded(least))
                .put("max", Options.rounded(most))
                .put(
                    "inRange",
                    new JsonObject()
                        .put(
                            "color", new JsonArray().add("#f3f7fb").add("#9ecae1").add("#4292c6"))))
        .put(
            "series",
            new JsonArray()
                .add(
                    new JsonObject()
                        .put("type", "heatmap")
                        .put("label", new JsonObject().put("show", true).put("color", "#111"))
                        .put("data", data)));
  }

  private static Chart lines(SweepReport report, Column column) {
    Map<String, JsonArray> all = new LinkedHashMap<>();
    List<List<Html.Cell>> lines = new ArrayList<>();
    double unit = column == Column.ANSWERED ? 100 : 1e-3;
    for (String name : combinations(report)) {
      JsonArray data = new JsonArray();
      List<String> texts = new ArrayList<>();
      for (Report one : report.reports()) {
        double value = value(one, name, column);
        if (Double.isNaN(value)) {
          data.addNull();
        } else {
          data.add(Options.rounded(value * unit));
        }
        texts.add(Double.isNaN(value) ? "-" : column.unit().text(value));
      }
      all.put(name, data);
      lines.add(Shown.line(name, texts));
    }
    JsonArray series = new JsonArray();
    int place = 0;
    for (Map.Entry<String, JsonArray> one : all.entrySet()) {
      series.add(
          Options.line(one.getKey(), one.getValue(), Options.colour(place++))
              .put("showSymbol", true));
    }
    JsonObject x =
        Options.values(report.sweep().parameter())
            .put("type", "category")
            .put("data", new JsonArray(report.sweep().values()));
    x.remove("scale");
    List<String> header = new ArrayList<>(List.of("combination"));
    header.addAll(report.sweep().values());
    return new Chart(
        column == Column.ANSWERED ? "answered" : "times",
        column == Column.ANSWERED ? "What is answered" : "What callers wait",
        "In the mean of the seeds: " + column.about() + ".",
        Options.base()
            .put("grid", Options.grid(true))
            .put("tooltip", Options.tooltip("axis"))
            .put("legend", Options.legend(all.keySet()))
            .put("xAxis", x)
            .put("yAxis", Options.upright(column == Column.ANSWERED ? "%" : "s"))
            .put("series", series),
        360,
        Html.table(column.header(), header, lines));
  }
}
