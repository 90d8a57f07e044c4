package dev.forebay.replay.page;

import dev.forebay.replay.live.Fidelity;
import dev.forebay.replay.live.LiveReport;
import dev.forebay.replay.run.Ablation;
import dev.forebay.replay.run.Cell;
import dev.forebay.replay.run.Column;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.Row;
import dev.forebay.replay.run.TableReport;
import dev.forebay.replay.run.Verdicts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * The report as one page of HTML that opens from the file system: a verdict in words, the table,
 * charts with their figures behind them, and how to repeat it.
 */
public final class ReportPage {

  /** Combinations that have a sentence before a reader asks for the others. */
  private static final int SENTENCES = 3;

  private ReportPage() {}

  /**
   * The page of a comparison in virtual time.
   *
   * @param ablation if a combination was taken apart
   * @param command what repeats the comparison
   */
  public static String of(Report report, Optional<Ablation> ablation, String command) {
    Document page = begun(report, TableReport.VIRTUAL, List.of());
    if (!report.cells().isEmpty()) {
      contribution(page, report, ablation, command);
    }
    return ended(page, repeat(report, command));
  }

  /**
   * The page of a live comparison.
   *
   * @param fidelity if the same was run in virtual time
   * @param command what repeats the comparison
   */
  public static String of(LiveReport live, Optional<Fidelity> fidelity, String command) {
    Document page = begun(live.report(), "live", live.warnings());
    fidelity.ifPresent(
        both -> page.section("Virtual time beside it", LiveTables.differences(both)));
    page.section("What client, gateway and upstream say of themselves", LiveTables.proof(live));
    return ended(
        page,
        Html.element(
                "p",
                "Everything above was measured on processes that ran in real time: another run, or"
                    + " another machine, gives other figures. Seeds: "
                    + seeds(live.report())
                    + ".")
            + Html.code(command));
  }

  private static Document begun(Report report, String mode, List<String> warnings) {
    Shown shown = Shown.of(report);
    Document page = new Document("Forebay: " + report.scenario());
    page.add("<header>\n" + Html.element("h1", "Scenario " + report.scenario()))
        .add(Html.element("p", report.about()))
        .add("<p class=\"faint\">" + Html.escaped(TableReport.title(report, mode)) + ". ")
        .add(Html.escaped(TableReport.load(report)) + ".</p>\n</header>\n<main>\n")
        .section("The verdict", warned(warnings) + verdict(report))
        .section("The figures", figures(report, shown));
    return shown.cells().isEmpty()
        ? page
        : page.charts(
                "Answers and time",
                List.of(FigureCharts.answered(report, shown), FigureCharts.times(shown)))
            .add(chooser(shown))
            .charts("How times are spread", SpreadCharts.of(shown))
            .charts("Over time", CourseCharts.of(shown))
            .charts("Cost", FigureCharts.costs(shown))
            .charts("Tenants", TenantChart.of(shown).stream().toList());
  }

  private static String ended(Document page, String repeat) {
    return page.section("How to repeat it", repeat).add("</main>\n").html();
  }

  /** Why the figures cannot be believed, before all that they say. */
  private static String warned(List<String> warnings) {
    return warnings.isEmpty()
        ? ""
        : "<div class=\"warning\">\n"
            + Html.list(warnings.stream().map(warning -> "WARNING: " + warning).toList())
            + "</div>\n";
  }

  /** What the charts with lines show: one choice for all of them. */
  private static String chooser(Shown shown) {
    StringBuilder html = new StringBuilder();
    for (Cell cell : shown.cells()) {
      html.append("<label><input type=\"checkbox\" value=\"")
          .append(Html.escaped(cell.combination()))
          .append(shown.first().contains(cell.combination()) ? "\" checked>" : "\">")
          .append("<span class=\"colour\" style=\"background:")
          .append(shown.colour(cell))
          .append("\"></span>")
          .append(Html.escaped(cell.combination()))
          .append("</label>\n");
    }
    return "<fieldset id=\"chooser\"><legend>Lines of the charts below</legend>\n"
        + html
        + "</fieldset>\n";
  }

  private static void contribution(
      Document page, Report report, Optional<Ablation> ablation, String command) {
    Optional<Chart> chart = ContributionChart.of(report, ablation);
    String heading = "What each strategy is worth";
    if (chart.isPresent()) {
      page.charts(heading, List.of(chart.get()));
    } else {
      page.section(
          heading,
          Html.element(
                  "p",
                  "Nothing was taken apart in this comparison. To see each strategy alone,"
                      + " and all but it, add --ablate (and --combination NAME) to the command:")
              + Html.code(command + " --ablate"));
    }
  }

  private static String verdict(Report report) {
    List<String> sentences = Verdicts.of(report);
    int first = Math.min(SENTENCES, sentences.size());
    List<String> shown = new ArrayList<>(sentences.subList(0, first));
    String bound = Verdicts.bound(report);
    if (!bound.isEmpty()) {
      shown.add(bound);
    }
    report.failed().forEach((name, why) -> shown.add("failed " + name + ": " + why));
    report.skipped().forEach((name, why) -> shown.add("skipped " + name + ": " + why));
    report.notes().forEach(note -> shown.add("note: " + note));
    String others = Html.list(sentences.subList(first, sentences.size()));
    return "<p class=\"lead\">"
        + Html.escaped(Verdicts.lead(report))
        + "</p>\n"
        + Html.list(shown)
        + (others.isEmpty() ? "" : Html.details("A sentence for each other combination", others));
  }

  private static String figures(Report report, Shown shown) {
    return table("Means over the seeds, ± half the 95 % interval", shown, Column.of(false))
        + legend(Column.of(false))
        + Html.details(
            "All columns",
            table("All columns of " + report.scenario(), shown, Column.of(true))
                + legend(Column.of(true)));
  }

  private static String table(String caption, Shown shown, List<Column> columns) {
    List<String> header = new ArrayList<>(List.of("combination"));
    columns.forEach(column -> header.add(column.header()));
    List<List<Html.Cell>> lines = new ArrayList<>();
    shown.names().forEach(name -> lines.add(new ArrayList<>(List.of(Html.Cell.of(name)))));
    for (Column column : columns) {
      Double best = best(column, shown.cells());
      for (int i = 0; i < lines.size(); i++) {
        Cell cell = shown.cells().get(i);
        boolean isBest = best != null && best == cell.mean(column.figure());
        lines.get(i).add(new Html.Cell(column.textWithInterval(cell), isBest));
      }
    }
    return Html.table(caption, header, lines);
  }

  /** The best figure of a column; null if none is better, or most combinations have it. */
  private static @Nullable Double best(Column column, List<Cell> cells) {
    if (column.better() == Column.Better.NEITHER || cells.isEmpty()) {
      return null;
    }
    DoubleStream means =
        cells.stream()
            .mapToDouble(cell -> cell.mean(column.figure()))
            .filter(mean -> !Double.isNaN(mean));
    boolean more = column.better() == Column.Better.MORE;
    double best = (more ? means.max() : means.min()).orElse(Double.NaN);
    long have = cells.stream().filter(cell -> cell.mean(column.figure()) == best).count();
    return have * 2 > cells.size() ? null : (Double) best;
  }

  private static String legend(List<Column> columns) {
    StringBuilder html = new StringBuilder("<dl class=\"legend\">\n");
    columns.forEach(
        column ->
            html.append("<dt>")
                .append(Html.escaped(column.header()))
                .append("</dt><dd>")
                .append(Html.escaped(column.about()))
                .append("</dd>\n"));
    return html.append("</dl>\n").toString();
  }

  private static String repeat(Report report, String command) {
    List<List<Html.Cell>> lines = new ArrayList<>();
    for (Cell cell : report.cells()) {
      lines.add(
          Shown.line(
              cell.combination(),
              List.of(cell.rows().stream().map(Row::digest).collect(spaced()))));
    }
    return Html.element(
            "p",
            "Everything above is computed in virtual time: the same command gives the same digests"
                + " on any machine. Seeds: "
                + seeds(report)
                + ".")
        + Html.code(command)
        + Html.details("Digests", Html.table("By seed", List.of("combination", "digests"), lines));
  }

  private static String seeds(Report report) {
    return report.cells().stream()
        .flatMap(cell -> cell.rows().stream())
        .map(row -> String.valueOf(row.seed()))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static java.util.stream.Collector<CharSequence, ?, String> spaced() {
    return Collectors.joining(" ");
  }
}
