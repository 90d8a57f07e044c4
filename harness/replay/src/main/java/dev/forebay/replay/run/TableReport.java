package dev.forebay.replay.run;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * The report as a table for a terminal of {@value #COLUMNS} columns: means over the seeds, with
 * their intervals.
 */
public final class TableReport {

  static final int COLUMNS = 160;

  private static final int LONGEST_NAME = 24;

  private static final List<String> HEADER =
      List.of(
          "combination",
          "available",
          "answered",
          "429",
          "503",
          "mean",
          "p50",
          "p99",
          "first p50",
          "first p99",
          "good/s",
          "hits",
          "of best",
          "busy",
          "fair",
          "USD",
          "saved");

  private TableReport() {}

  /**
   * The whole report.
   *
   * @param colour whether to set the header off, for a terminal
   */
  public static String of(Report report, boolean colour) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEADER);
    report.cells().forEach(cell -> lines.add(line(cell, report)));
    report.failed().keySet().forEach(name -> lines.add(failed(name)));
    StringBuilder text = new StringBuilder();
    text.append(title(report)).append('\n').append(load(report)).append('\n');
    int[] widths = widths(lines);
    for (int i = 0; i < lines.size(); i++) {
      boolean bold = colour && i == 0;
      text.append(bold ? "\u001b[1m" : "").append(row(lines.get(i), widths));
      text.append(bold ? "\u001b[0m" : "").append('\n');
    }
    report
        .failed()
        .forEach(
            (name, because) ->
                text.append(wrapped(List.of(("failed " + name + ": " + because).split(" ")))));
    report
        .skipped()
        .forEach(
            (name, because) ->
                text.append(wrapped(List.of(("skipped " + name + ": " + because).split(" ")))));
    report.notes().forEach(note -> text.append(wrapped(List.of(("note: " + note).split(" ")))));
    text.append(digests(report));
    return text.toString();
  }

  private static String title(Report report) {
    int seeds = report.cells().isEmpty() ? 0 : report.cells().get(0).rows().size();
    return String.format(
        Locale.ROOT,
        "%s: %,d requests in %,.0f s (%s), %d %s, virtual time",
        report.scenario(),
        report.trace().requests().size(),
        report.trace().spanSeconds(),
        report.trace().path() == null ? "generated" : report.trace().format(),
        seeds,
        seeds == 1 ? "seed" : "seeds, 95 % interval of the mean");
  }

  /** What the trace asks of the fleet, and how it was scaled to that. */
  private static String load(Report report) {
    Load load = report.load();
    String trace =
        load.factor() == 1
            ? ""
            : String.format(
                Locale.ROOT,
                "trace of %,.0f s, replayed %s times as fast; ",
                load.traceSeconds(),
                number(load.factor()));
    if (Double.isInfinite(load.offered())) {
      return "load: " + trace + "all requests at once";
    }
    String offered = "load: " + trace + "offered " + number(load.offered()) + " requests/s";
    return load.capacity() == 0
        ? offered
        : offered
            + String.format(
                Locale.ROOT,
                ", capacity of the fleet about %s requests/s (%.0f %%)",
                number(load.capacity()),
                100 * load.offered() / load.capacity());
  }

  private static List<String> failed(String name) {
    List<String> line = new ArrayList<>(Collections.nCopies(HEADER.size(), "-"));
    line.set(0, name(name));
    line.set(1, "failed");
    return line;
  }

  private static String digests(Report report) {
    List<String> words = new ArrayList<>(List.of("digests of the first seed:"));
    for (Cell cell : report.cells()) {
      words.add(name(cell.combination()) + "=" + cell.rows().get(0).digest());
    }
    return words.size() == 1 ? "" : wrapped(words);
  }

  /** Words in lines that fit; all lines but the first are indented. */
  private static String wrapped(List<String> words) {
    StringBuilder text = new StringBuilder();
    int column = 0;
    for (String word : words) {
      if (column > 0 && column + 1 + word.length() > COLUMNS) {
        text.append("\n ");
        column = 1;
      }
      text.append(column == 0 ? "" : " ").append(word);
      column += (column == 0 ? 0 : 1) + word.length();
    }
    return text.append('\n').toString();
  }

  private static String name(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 1) + "\u2026";
  }

  private static List<String> line(Cell cell, Report report) {
    return List.of(
        name(cell.combination()),
        percent(cell.mean(Row::availability), cell.interval(Row::availability)),
        percent(cell.mean(Row::answeredOfOffered), 0),
        share(cell.mean(row -> rate(row, "rate_limited"))),
        share(
            cell.mean(row -> (double) row.rejections() / row.requests())
                - cell.mean(row -> rate(row, "rate_limited"))),
        millis(cell.mean(row -> row.latency().mean()), cell.interval(row -> row.latency().mean())),
        millis(cell.mean(row -> row.latency().p50()), 0),
        millis(cell.mean(row -> row.latency().p99()), 0),
        millis(cell.mean(row -> row.firstToken().p50()), 0),
        millis(cell.mean(row -> row.firstToken().p99()), 0),
        number(cell.mean(Row::goodput)),
        share(cell.mean(Row::cacheHitRate)),
        ofOracle(cell, report),
        share(cell.mean(Row::utilisation)),
        String.format(Locale.ROOT, "%.2f", cell.mean(Row::fairness)),
        String.format(Locale.ROOT, "%.2f", cell.mean(Row::cost)),
        String.format(Locale.ROOT, "%.2f", cell.mean(Row::costSaved)));
  }

  /** The hit rate beside that of the cache without a bound; empty where that has none. */
  private static String ofOracle(Cell cell, Report report) {
    double best =
        report.cells().stream()
            .filter(other -> other.combination().equals(ScenarioReader.ORACLE))
            .mapToDouble(other -> other.mean(Row::cacheHitRate))
            .sum();
    return best == 0
        ? ""
        : String.format(Locale.ROOT, "%.0f %%", 100 * cell.mean(Row::cacheHitRate) / best);
  }

  private static double rate(Row row, String reason) {
    return (double) row.rejected().getOrDefault(reason, 0L) / row.requests();
  }

  private static String percent(double share, double interval) {
    String text = String.format(Locale.ROOT, "%.2f %%", share * 100);
    return interval == 0 ? text : text + String.format(Locale.ROOT, " ±%.2f", interval * 100);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
  }

  private static String share(double share) {
    return String.format(Locale.ROOT, "%.1f %%", share * 100);
  }

  private static String millis(double millis, double interval) {
    String text =
        millis < 10_000
            ? String.format(Locale.ROOT, "%.0f ms", millis)
            : String.format(Locale.ROOT, "%.1f s", millis / 1000);
    return interval == 0
        ? text
        : text
            + (millis < 10_000
                ? String.format(Locale.ROOT, " ±%.0f", interval)
                : String.format(Locale.ROOT, " ±%.1f", interval / 1000));
  }

  private static int[] widths(List<List<String>> lines) {
    int[] widths = new int[HEADER.size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    return widths;
  }

  private static String row(List<String> line, int[] widths) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String pad = " ".repeat(widths[i] - line.get(i).length());
      text.append(i == 0 ? line.get(i) + pad : "  " + pad + line.get(i));
    }
    return text.toString().stripTrailing();
  }
}
