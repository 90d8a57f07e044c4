package dev.forebay.replay.run;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reports of one scenario for the values of a parameter, or of two.
 *
 * @param sweep the parameter
 * @param second the other parameter; null for none
 * @param region conditions; the report tells for which values all of them hold; may be empty
 * @param reports one for each value, in their order; of two parameters, those of the first value of
 *     the second, then those of its next value
 */
public record SweepReport(
    Sweep sweep, @Nullable Sweep second, List<Assertion> region, List<Report> reports) {

  /** Copies. */
  public SweepReport {
    region = List.copyOf(region);
    reports = List.copyOf(reports);
  }

  /** The report of two values, by their places; the second is 0 if there is one parameter. */
  public Report at(int first, int other) {
    return reports.get(other * sweep.values().size() + first);
  }

  /** Values of the second parameter; one that is empty if there is none. */
  public List<String> others() {
    Sweep other = second;
    return other == null ? List.of("") : other.values();
  }

  /** How many of the conditions of the region hold at two values. */
  public int holding(int first, int other) {
    Report report = at(first, other);
    return (int) region.stream().filter(one -> one.check(report).holds()).count();
  }

  /** The values of a report, in words. */
  private String place(int index) {
    Sweep other = second;
    String first = sweep.parameter() + "=" + sweep.values().get(index % sweep.values().size());
    return other == null
        ? first
        : first
            + ", "
            + other.parameter()
            + "="
            + other.values().get(index / sweep.values().size());
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
                + parameters()
                + ": means over "
                + seeds()
                + (seeds() == 1 ? " seed" : " seeds")
                + ", virtual time"));
    for (Column column : Column.of(wide)) {
      text.append('\n').append(TableReport.wrapped(column.header() + ": " + column.about()));
      text.append(new Grid(lines(column)).text(TableReport.COLUMNS, colour));
    }
    text.append(region.isEmpty() ? "" : "\n" + regionTable(colour));
    for (int i = 0; i < reports.size(); i++) {
      String at = place(i) + ": ";
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

  private String parameters() {
    Sweep other = second;
    return sweep.parameter() + (other == null ? "" : " (columns) and " + other.parameter());
  }

  /** For which values all conditions hold. */
  private String regionTable(boolean colour) {
    List<List<String>> lines = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("all of them hold"));
    header.addAll(sweep.values());
    lines.add(header);
    for (int j = 0; j < others().size(); j++) {
      List<String> line = new ArrayList<>(List.of(others().get(j)));
      for (int i = 0; i < sweep.values().size(); i++) {
        int holding = holding(i, j);
        line.add(holding == region.size() ? "yes" : holding + " of " + region.size());
      }
      lines.add(line);
    }
    return TableReport.wrapped(
            "region: " + String.join(" and ", region.stream().map(Assertion::toString).toList()))
        + new Grid(lines).text(TableReport.COLUMNS, colour);
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
        put(lines, named(cell.combination(), i), i, column.unit().text(cell.mean(column.figure())));
      }
    }
    if (column == Column.ANSWERED) {
      for (int i = 0; i < reports.size(); i++) {
        List<Cell> cells = reports.get(i).cells();
        if (cells.stream().allMatch(Cell::isBounded)) {
          double most =
              cells.stream().mapToDouble(c -> c.mean(Row::answerableOfOffered)).max().orElse(1);
          put(lines, named("(bound)", i), i, column.unit().text(most));
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

  /** The name of a line: a combination and, of two parameters, the value of the second. */
  private String named(String combination, int index) {
    return second == null
        ? combination
        : others().get(index / sweep.values().size()) + " " + combination;
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
        .set(value % sweep.values().size() + 1, text);
  }

  /** As {@code report.json}: the parameter, its values, and a whole report for each. */
  public JsonObject json() {
    JsonArray all = new JsonArray();
    reports.forEach(report -> all.add(JsonReport.of(report)));
    JsonObject json = new JsonObject().put("forebay", JsonReport.VERSION).put("sweep", json(sweep));
    Sweep other = second;
    if (other != null) {
      json.put("second", json(other));
    }
    if (!region.isEmpty()) {
      json.put("region", regionJson());
    }
    return json.put("reports", all);
  }

  private static JsonObject json(Sweep sweep) {
    return new JsonObject()
        .put("parameter", sweep.parameter())
        .put("values", new JsonArray(sweep.values()));
  }

  /** The conditions, and for each report whether all of them hold. */
  private JsonObject regionJson() {
    JsonArray inside = new JsonArray();
    for (int i = 0; i < reports.size(); i++) {
      int values = sweep.values().size();
      inside.add(holding(i % values, i / values) == region.size());
    }
    return new JsonObject()
        .put("conditions", new JsonArray(region.stream().map(Assertion::toString).toList()))
        .put("inside", inside);
  }

  /** As {@code report.csv}: its first columns are the values of the parameters. */
  public String csv() {
    StringBuilder csv = new StringBuilder();
    Sweep other = second;
    String names =
        CsvReport.quoted(sweep.parameter())
            + (other == null ? "" : "," + CsvReport.quoted(other.parameter()));
    for (int i = 0; i < reports.size(); i++) {
      List<String> lines = CsvReport.of(reports.get(i)).lines().toList();
      if (i == 0) {
        csv.append(names).append(',').append(lines.get(0)).append("\r\n");
      }
      String first = sweep.values().get(i % sweep.values().size());
      String values =
          CsvReport.quoted(first)
              + (other == null
                  ? ""
                  : "," + CsvReport.quoted(others().get(i / sweep.values().size())));
      for (String line : lines.subList(1, lines.size())) {
        csv.append(values).append(',').append(line).append("\r\n");
      }
    }
    return csv.toString();
  }
}
