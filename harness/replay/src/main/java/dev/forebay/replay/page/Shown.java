package dev.forebay.replay.page;

import dev.forebay.replay.run.Cell;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.ScenarioReader;
import dev.forebay.replay.run.Verdicts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The combinations of a report as the charts of a page show them: each has the same colour in all.
 *
 * @param cells the best first
 * @param colours by name
 * @param first names of those whose lines are shown before a reader chooses: the baseline and the
 *     best
 */
record Shown(List<Cell> cells, Map<String, String> colours, Set<String> first) {

  private static final int LINES = 4;

  static Shown of(Report report) {
    List<Cell> cells = report.cells().stream().sorted(Verdicts.BEST_FIRST).toList();
    Map<String, String> colours = new LinkedHashMap<>();
    Set<String> first = new LinkedHashSet<>();
    int place = 0;
    for (Cell cell : report.cells()) {
      boolean baseline = cell.combination().equals(ScenarioReader.BASELINE);
      colours.put(cell.combination(), baseline ? Options.GREY : Options.colour(place));
      place += baseline ? 0 : 1;
      if (baseline) {
        first.add(cell.combination());
      }
    }
    for (Cell cell : cells) {
      if (first.size() < LINES && !Verdicts.knowsMore(cell)) {
        first.add(cell.combination());
      }
    }
    return new Shown(cells, colours, first);
  }

  List<String> names() {
    return cells.stream().map(Cell::combination).toList();
  }

  String colour(Cell cell) {
    return colours.getOrDefault(cell.combination(), Options.GREY);
  }

  /** Lines of a table: a name, and the texts beside it. */
  static List<Html.Cell> line(String name, List<String> texts) {
    List<Html.Cell> line = new ArrayList<>(List.of(Html.Cell.of(name)));
    texts.forEach(text -> line.add(Html.Cell.of(text)));
    return line;
  }
}
