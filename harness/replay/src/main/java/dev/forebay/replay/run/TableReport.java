package dev.forebay.replay.run;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * The report as text for a terminal: a table of means over the seeds, the best combination first,
 * and below it what the columns are and what they say.
 */
public final class TableReport {

  /** The mode of runs in virtual time, in words. */
  public static final String VIRTUAL = "virtual time";

  /** Characters in a line of a terminal. */
  public static final int COLUMNS = 80;

  /** Lines as long as they take: names are not cut, of which the ends may tell them apart. */
  private static final int WIDE_COLUMNS = Integer.MAX_VALUE;

  private TableReport() {}

  /**
   * The whole report.
   *
   * @param wide whether to show every column, in lines as long as they take; else 80 characters
   * @param colour whether to set the header off, for a terminal
   */
  public static String of(Report report, boolean wide, boolean colour) {
    return of(report, VIRTUAL, wide, colour);
  }

  /**
   * The whole report.
   *
   * @param mode how it was found, in words
   * @param wide whether to show every column, in lines as long as they take; else 80 characters
   * @param colour whether to set the header off, for a terminal
   */
  public static String of(Report report, String mode, boolean wide, boolean colour) {
    List<Column> columns = Column.of(wide);
    StringBuilder text = new StringBuilder();
    text.append(wrapped(title(report, mode)));
    if (!report.about().isEmpty()) {
      text.append(wrapped(report.about()));
    }
    text.append(wrapped(load(report)));
    text.append(grid(report, columns).text(wide ? WIDE_COLUMNS : COLUMNS, colour));
    text.append(wrapped(legend(columns)));
    String bound = Verdicts.bound(report);
    text.append(bound.isEmpty() ? "" : wrapped(bound));
    Verdicts.of(report).forEach(sentence -> text.append(wrapped(sentence)));
    report
        .failed()
        .forEach((name, because) -> text.append(wrapped("failed " + name + ": " + because)));
    report
        .skipped()
        .forEach((name, because) -> text.append(wrapped("skipped " + name + ": " + because)));
    report.notes().forEach(note -> text.append(wrapped("note: " + note)));
    return text.append(mode.equals(VIRTUAL) ? digests(report) : "").toString();
  }

  private static Grid grid(Report report, List<Column> columns) {
    List<List<String>> lines = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("combination"));
    columns.forEach(column -> header.add(column.header()));
    lines.add(header);
    report.cells().stream()
        .sorted(Verdicts.BEST_FIRST)
        .forEach(
            cell -> {
              List<String> line = new ArrayList<>(List.of(cell.combination()));
              columns.forEach(column -> line.add(column.text(cell)));
              lines.add(line);
            });
    for (String name : report.failed().keySet()) {
      List<String> line = new ArrayList<>(Collections.nCopies(header.size(), "-"));
      line.set(0, name);
      line.set(1, "failed");
      lines.add(line);
    }
    return new Grid(lines);
  }

  /** What the columns are. */
  static String legend(List<Column> columns) {
    return "\u00b1: half the 95 % interval of the mean over the seeds; "
        + String.join(
            "; ", columns.stream().map(column -> column.header() + ": " + column.about()).toList());
  }

  /**
   * What was run.
   *
   * @param mode how it was found, in words
   */
  public static String title(Report report, String mode) {
    int seeds = report.cells().isEmpty() ? 0 : report.cells().get(0).rows().size();
    return String.format(
        Locale.ROOT,
        "%s: %,d requests in %,.0f s (%s), %d %s, %s",
        report.scenario(),
        report.trace().requests().size(),
        report.trace().spanSeconds(),
        report.trace().path() == null ? "generated" : report.trace().format(),
        seeds,
        seeds == 1 ? "seed" : "seeds",
        mode);
  }

  /** What the trace asks of the fleet, and how it was scaled to that. */
  public static String load(Report report) {
    Load load = report.load();
    String trace =
        load.factor() == 1
            ? ""
            : String.format(
                Locale.ROOT,
                "trace of %,.0f s, replayed %s times as fast; ",
                load.traceSeconds(),
                Column.Unit.NUMBER.text(load.factor()));
    if (Double.isInfinite(load.offered())) {
      return "load: " + trace + "all requests at once";
    }
    String offered =
        "load: " + trace + "offered " + Column.Unit.NUMBER.text(load.offered()) + " requests/s";
    return load.capacity() == 0
        ? offered
        : offered
            + String.format(
                Locale.ROOT,
                " of about %s that the fleet can do (%.0f %%)",
                Column.Unit.NUMBER.text(load.capacity()),
                100 * load.offered() / load.capacity());
  }

  private static String digests(Report report) {
    List<String> words = new ArrayList<>(List.of("digests of the first seed:"));
    for (Cell cell : report.cells()) {
      words.add(cell.combination() + "=" + cell.rows().get(0).digest());
    }
    return words.size() == 1 ? "" : wrapped(String.join(" ", words));
  }

  /** A text in lines that fit; all lines but the first are indented. */
  public static String wrapped(String words) {
    StringBuilder text = new StringBuilder();
    int column = 0;
    for (String word : words.split("\\s+")) {
      if (column > 0 && column + 1 + word.length() > COLUMNS) {
        text.append("\n ");
        column = 1;
      }
      text.append(column == 0 ? "" : " ").append(word);
      column += (column == 0 ? 0 : 1) + word.length();
    }
    return text.append('\n').toString();
  }
}
