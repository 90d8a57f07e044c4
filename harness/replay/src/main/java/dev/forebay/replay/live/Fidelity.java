package dev.forebay.replay.live;

import dev.forebay.replay.run.Cell;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.Row;
import dev.forebay.replay.run.TableReport;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * How far virtual time is from a live run of the same arrivals, column by column.
 *
 * @param live the live run
 * @param virtual the same combinations, seeds and arrivals in virtual time
 */
public record Fidelity(LiveReport live, Report virtual) {

  /** What its lines say. */
  public static final String ABOUT =
      "Virtual and live, in ms or as shares; then live less virtual. * is more than a tenth and"
          + " more than 5 ms apart.";

  private static final double NEAR_SHARE = 0.1;
  private static final double NEAR_MILLIS = 5;

  private static final List<Column> COLUMNS =
      List.of(
          new Column("latency mean", true, row -> row.latency().mean()),
          new Column("latency p50", true, row -> row.latency().p50()),
          new Column("latency p90", true, row -> row.latency().p90()),
          new Column("first mean", true, row -> row.firstToken().mean()),
          new Column("first p50", true, row -> row.firstToken().p50()),
          new Column("first p90", true, row -> row.firstToken().p90()),
          new Column("answered", false, Row::answeredOfOffered),
          new Column("availability", false, Row::availability),
          new Column("hits", false, Row::cacheHitRate));

  private record Column(String name, boolean millis, ToDoubleFunction<Row> figure) {}

  /**
   * One figure in both modes.
   *
   * @param combination whose it is
   * @param column its name
   * @param millis whether it is in milliseconds; else it is a share
   * @param virtual mean over the seeds in virtual time
   * @param live mean over the seeds of the live runs
   * @param interval half the 95 % interval of the difference, seed by seed; 0 for one seed
   */
  public record Line(
      String combination,
      String column,
      boolean millis,
      double virtual,
      double live,
      double interval) {

    /** Whether they differ by at most a tenth, or 5 ms. */
    public boolean near() {
      double off = Math.abs(live - virtual);
      return off <= NEAR_SHARE * Math.abs(virtual) || (millis && off <= NEAR_MILLIS);
    }

    /** Live less virtual, as a share of virtual; 0 if both are 0. */
    double relative() {
      return virtual == 0 ? (live == 0 ? 0 : 1) : live / virtual - 1;
    }

    private JsonObject json() {
      return new JsonObject()
          .put("combination", combination)
          .put("column", column)
          .put("unit", millis ? "ms" : "share")
          .put("virtual", virtual)
          .put("live", live)
          .put("difference", live - virtual)
          .put("low", interval == 0 ? null : live - virtual - interval)
          .put("high", interval == 0 ? null : live - virtual + interval)
          .put("relative", relative())
          .put("near", near());
    }

    /** Column, virtual, live, by how much live is off, the difference, and a star if it is far. */
    public List<String> texts() {
      String unit = millis ? "%.1f" : "%.4f";
      String spread = interval == 0 ? "" : String.format(Locale.ROOT, " ±" + unit, interval);
      return List.of(
          column,
          String.format(Locale.ROOT, unit, virtual),
          String.format(Locale.ROOT, unit, live),
          String.format(Locale.ROOT, "%+.1f %%", 100 * relative()),
          String.format(Locale.ROOT, millis ? "%+.1f ms" : "%+.4f", live - virtual) + spread,
          near() ? "" : "*");
    }

    private String text() {
      List<String> texts = texts();
      String line =
          String.format(
              "%-22s %-13s %10s %10s %9s  %s  %s",
              combination,
              texts.get(0),
              texts.get(1),
              texts.get(2),
              texts.get(3),
              texts.get(4),
              texts.get(5));
      return line.stripTrailing();
    }
  }

  /** The figures that combinations have in both modes. */
  public List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    for (Cell real : live.report().cells()) {
      for (Cell made : virtual.cells()) {
        if (made.combination().equals(real.combination())) {
          COLUMNS.stream()
              .map(column -> line(real, made, column))
              .filter(line -> !Double.isNaN(line.live - line.virtual))
              .forEach(lines::add);
        }
      }
    }
    return lines;
  }

  private static Line line(Cell real, Cell made, Column column) {
    return new Line(
        real.combination(),
        column.name,
        column.millis,
        made.mean(column.figure),
        real.mean(column.figure),
        real.difference(made, column.figure).interval());
  }

  /** The report of the live run, with that of virtual time and the differences. */
  public JsonObject json() {
    JsonArray differences = new JsonArray();
    lines().forEach(line -> differences.add(line.json()));
    return live.json()
        .put("mode", "both")
        .put("virtual", dev.forebay.replay.run.JsonReport.of(virtual))
        .put("fidelity", differences);
  }

  /** The table of the live run, and below it a line for each figure. */
  public String table(boolean wide, boolean colour) {
    StringBuilder text = new StringBuilder(live.table(wide, colour)).append('\n');
    text.append(TableReport.wrapped(ABOUT));
    text.append(
        String.format(
            "%-22s %-13s %10s %10s %9s%n", "combination", "column", "virtual", "live", "off"));
    lines().forEach(line -> text.append(line.text()).append('\n'));
    return text.toString();
  }
}
