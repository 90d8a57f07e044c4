package dev.forebay.replay.run;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reports of one scenario for the values of a parameter.
 *
 * @param sweep the parameter
 * @param reports one for each value, in their order
 */
public record SweepReport(Sweep sweep, List<Report> reports) {

  /** Copies. */
  public SweepReport {
    reports = List.copyOf(reports);
  }

  /**
   * A table for each column, with a combination in each line and a value in each column: means over
   * the seeds.
   *
   * @param wide whether to show every figure
   * @param colour whether to set headers off, for a terminal
   */
  public String table(boolean wide, boolean colour) {
    StringBuilder text = new StringBuilder();
    text.append(
        TableReport.wrapped(
            reports.get(0).scenario()
                + ", by "
                + sweep.parameter()
                + ": means over "
                + seeds()
                + (seeds() == 1 ? " seed" : " seeds")
                + ", virtual time"));
    for (Column column : Column.of(wide)) {
      text.append('\n').append(TableReport.wrapped(column.header() + ": " + column.about()));
      text.append(new Grid(lines(column)).text(TableReport.COLUMNS, colour));
    }
    for (int i = 0; i < reports.size(); i++) {
      String at = sweep.parameter() + "=" + sweep.values().get(i) + ": ";
      Report report = reports.get(i);
      report
          .failed()
          .forEach(
              (name, why) -> text.append(TableReport.wrapped(at + "failed " + name + ": " + why)));
      report
          .skipped()
          .forEach(
              (name, why) -> text.append(TableReport.wrapped(at + "skipped " + name + ": " + why)));
    }
    return text.toString();
  }

  private int seeds() {
    return reports.stream()
        .flatMap(report -> report.cells().stream())
        .mapToInt(cell -> cell.rows().size())
        .max()
        .orElse(0);
  }

  private List<List<String>> lines(Column column) {
    Map<String, List<String>> lines = new LinkedHashMap<>();
    for (int i = 0; i < reports.size(); i++) {
      for (Cell cell : reports.get(i).cells()) {
        put(lines, cell.combination(), i, column.unit().text(cell.mean(column.figure())));
      }
    }
    if (column == Column.ANSWERED) {
      for (int i = 0; i < reports.size(); i++) {
        List<Cell> cells = reports.get(i).cells();
        if (cells.stream().allMatch(Cell::isBounded)) {
          double most =
              cells.stream().mapToDouble(c -> c.mean(Row::answerableOfOffered)).max().orElse(1);
          put(lines, "(bound)", i, column.unit().text(most));
        }
      }
    }
    List<List<String>> grid = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("combination"));
    header.addAll(sweep.values());
    grid.add(header);
    grid.addAll(lines.values());
    return grid;
  }

  private void put(Map<String, List<String>> lines, String name, int value, String text) {
    lines
        .computeIfAbsent(
            name,
            key -> {
              List<String> line = new ArrayList<>(List.of(key));
              sweep.values().forEach(any -> line.add("-"));
              return line;
            })
        .set(value + 1, text);
  }

  /** As {@code report.json}: the parameter, its values, and a whole report for each. */
  public JsonObject json() {
    JsonArray all = new JsonArray();
    reports.forEach(report -> all.add(JsonReport.of(report)));
    return new JsonObject()
        .put("forebay", JsonReport.VERSION)
        .put(
            "sweep",
            new JsonObject()
                .put("parameter", sweep.parameter())
                .put("values", new JsonArray(sweep.values())))
        .put("reports", all);
  }

  /** As {@code report.csv}: its first column is the value of the parameter. */
  public String csv() {
    StringBuilder csv = new StringBuilder();
    for (int i = 0; i < reports.size(); i++) {
      List<String> lines = CsvReport.of(reports.get(i)).lines().toList();
      if (i == 0) {
        csv.append(CsvReport.quoted(sweep.parameter()))
            .append(',')
            .append(lines.get(0))
            .append("\r\n");
      }
      for (String line : lines.subList(1, lines.size())) {
        csv.append(CsvReport.quoted(sweep.values().get(i))).append(',').append(line).append("\r\n");
      }
    }
    return csv.toString();
  }
}
