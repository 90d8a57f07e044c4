package dev.forebay.replay.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A column of a table: a figure of a row, as its mean over the seeds.
 *
 * @param header short
 * @param about what it is, for the legend
 * @param unit how it is written
 * @param spread whether half its 95 % interval stands beside it
 * @param brief whether it has a place in 80 columns
 * @param better which values are better
 * @param figure of a row
 */
public record Column(
    String header,
    String about,
    Unit unit,
    boolean spread,
    boolean brief,
    Better better,
    ToDoubleFunction<Row> figure) {

  /** The figure that decides: it is first in every table, and tables are sorted by it. */
  public static final Column ANSWERED =
      new Column(
          "answered %",
          "share of all requests that were answered completely, correctly and in time",
          Unit.SHARE,
          true,
          true,
          Better.MORE,
          Row::answeredOfOffered);

  /** The second: what callers wait, whether they are answered or not. */
  public static final Column OF_ALL =
      new Column(
          "all",
          "mean time of all requests; one without an answer counts as the caller's patience",
          Unit.MILLIS,
          false,
          true,
          Better.LESS,
          row -> row.latencies().all().mean());

  private static final List<Column> ALL = all();

  /** Which values of a figure are better. */
  public enum Better {
    /** Higher ones. */
    MORE,
    /** Lower ones. */
    LESS,
    /** It depends. */
    NEITHER
  }

  /** How figures are written. */
  public enum Unit {
    /** A share of 1, in percent with two digits after the point. */
    SHARE,
    /** The same with one digit. */
    PERCENT,
    /** Milliseconds, or seconds if they are many. */
    MILLIS,
    /** A plain number. */
    NUMBER;

    /** Its text; a dash for NaN, which is no figure. */
    public String text(double value) {
      return Double.isNaN(value) ? "-" : written(value);
    }

    private String written(double value) {
      return switch (this) {
        case SHARE -> String.format(Locale.ROOT, "%.2f", value * 100);
        case PERCENT -> String.format(Locale.ROOT, "%.1f %%", value * 100);
        case MILLIS ->
            value < 10_000
                ? String.format(Locale.ROOT, value < 10 ? "%.1f ms" : "%.0f ms", value)
                : String.format(Locale.ROOT, "%.1f s", value / 1000);
        case NUMBER -> String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
      };
    }

    /** Half an interval, in the unit of a value that stands before it. */
    String text(double interval, double value) {
      return switch (this) {
        case SHARE, PERCENT -> String.format(Locale.ROOT, " ±%.2f", interval * 100);
        case MILLIS ->
            value < 10_000
                ? String.format(Locale.ROOT, " ±%.0f", interval)
                : String.format(Locale.ROOT, " ±%.1f", interval / 1000);
        case NUMBER -> String.format(Locale.ROOT, " ±%.2f", interval);
      };
    }
  }

  /** The columns of a table. */
  public static List<Column> of(boolean wide) {
    return wide ? ALL : ALL.stream().filter(Column::brief).toList();
  }

  /** Its text for a combination. */
  public String text(Cell cell) {
    double mean = cell.mean(figure);
    double interval = spread ? cell.interval(figure) : 0;
    return unit.text(mean) + (interval == 0 ? "" : unit.text(interval, mean));
  }

  /** Its text for a combination, with half its 95 % interval if there are several seeds. */
  public String textWithInterval(Cell cell) {
    double mean = cell.mean(figure);
    double interval = cell.interval(figure);
    return unit.text(mean) + (interval == 0 ? "" : unit.text(interval, mean));
  }

  private static List<Column> all() {
    List<Column> all = new ArrayList<>(List.of(ANSWERED));
    all.add(
        wide(
            "available",
            "as answered, but a 429 to a caller over its own quota counts on neither side",
            Unit.PERCENT,
            Better.MORE,
            Row::availability));
    all.add(
        wide(
            "good/s",
            "answers within the scenario's objective, per second",
            Unit.NUMBER,
            Better.MORE,
            Row::goodput));
    all.add(
        brief(
            "refused",
            "share that the gateway refused",
            Unit.PERCENT,
            Better.LESS,
            row -> of(row, row.rejections())));
    all.add(
        wide(
            "429",
            "refused because the caller was over its limit",
            Unit.PERCENT,
            Better.LESS,
            row -> of(row, row.rejected().getOrDefault("rate_limited", 0L))));
    all.add(
        wide(
            "needless",
            "refused while a server had room and would have answered in time",
            Unit.PERCENT,
            Better.LESS,
            row -> of(row, row.needless())));
    all.add(
        wide(
            "failed",
            "neither answered nor refused",
            Unit.PERCENT,
            Better.LESS,
            row -> of(row, row.failed())));
    all.add(
        brief(
            "wrong",
            "false or foreign answers; must be 0",
            Unit.PERCENT,
            Better.LESS,
            row -> of(row, row.wrongs())));
    all.add(OF_ALL);
    times(all);
    all.add(
        brief(
            "hits",
            "share answered from a cache or by another's call",
            Unit.PERCENT,
            Better.NEITHER,
            Row::cacheHitRate));
    all.add(
        wide(
            "slots",
            "occupied share of the servers' slots",
            Unit.PERCENT,
            Better.NEITHER,
            Row::utilisation));
    all.add(
        wide(
            "work",
            "share of what the servers could have computed in full batches",
            Unit.PERCENT,
            Better.NEITHER,
            row -> row.spent().work()));
    all.add(
        wide(
            "fair",
            "Jain's index of the tenants' answered shares; 0 without answers",
            Unit.NUMBER,
            Better.MORE,
            Row::fairness));
    groups(all);
    all.add(
        wide(
            "USD",
            "cost of all tokens that servers worked on",
            Unit.NUMBER,
            Better.LESS,
            Row::cost));
    all.add(
        wide(
            "saved",
            "what the hits would have cost, in USD",
            Unit.NUMBER,
            Better.NEITHER,
            Row::costSaved));
    all.add(
        wide(
            "hours",
            "replica-hours: for how long servers were members, or were paid for",
            Unit.NUMBER,
            Better.LESS,
            row -> row.spent().replicaHours()));
    all.add(
        wide(
            "fleet USD",
            "cost of those hours",
            Unit.NUMBER,
            Better.LESS,
            row -> row.spent().replicaCost()));
    all.add(
        wide(
            "turns",
            "changes of an autoscaler's direction within 5 minutes of the last: flapping",
            Unit.NUMBER,
            Better.LESS,
            Row::turns));
    return List.copyOf(all);
  }

  private static void groups(List<Column> all) {
    all.add(
        wide(
            "max-min",
            "Jain's index of what tenants got of their max-min fair shares",
            Unit.NUMBER,
            Better.MORE,
            Row::maxMinFairness));
    all.add(
        wide(
            "urgent %",
            "answered share of the most urgent requests",
            Unit.SHARE,
            Better.MORE,
            row -> row.groups().mostUrgent()));
    all.add(
        wide(
            "worst %",
            "answered share of the tenant with the least",
            Unit.SHARE,
            Better.MORE,
            row -> row.groups().worstTenant()));
    all.add(
        wide(
            "misled",
            "share of the tries at a moment that Retry-After named that got no answer",
            Unit.PERCENT,
            Better.LESS,
            row -> row.advice().wrongShare()));
    all.add(
        wide(
            "reserved",
            "thousand tokens that admitted requests were expected to use, by rate-limit stages",
            Unit.NUMBER,
            Better.NEITHER,
            row -> row.tokensReserved() / 1e3));
    all.add(
        wide(
            "unused",
            "share of them that was not used",
            Unit.PERCENT,
            Better.LESS,
            row ->
                row.tokensReserved() == 0
                    ? 0
                    : (double) row.tokensUnused() / row.tokensReserved()));
    all.add(
        wide(
            "up 429",
            "429s of upstreams for each request",
            Unit.PERCENT,
            Better.LESS,
            row -> of(row, row.spent().throttled())));
  }

  private static void times(List<Column> all) {
    all.add(
        wide(
            "mean",
            "mean time of answered requests",
            Unit.MILLIS,
            Better.LESS,
            row -> row.latency().mean()));
    all.add(wide("p50", "their median", Unit.MILLIS, Better.LESS, row -> row.latency().p50()));
    all.add(
        wide(
            "p99",
            "99 of 100 of them are faster",
            Unit.MILLIS,
            Better.LESS,
            row -> row.latency().p99()));
    all.add(
        wide(
            "hit mean",
            "mean time of hits",
            Unit.MILLIS,
            Better.LESS,
            row -> row.latencies().hits().mean()));
    all.add(
        wide(
            "computed",
            "mean time of computed answers",
            Unit.MILLIS,
            Better.LESS,
            row -> row.latencies().computed().mean()));
    all.add(
        wide(
            "first p50",
            "median time to the first content of answered requests",
            Unit.MILLIS,
            Better.LESS,
            row -> row.firstToken().p50()));
    all.add(
        brief(
            "first p99",
            "time to the first content that 99 of 100 answered requests keep",
            Unit.MILLIS,
            Better.LESS,
            row -> row.firstToken().p99()));
  }

  private static double of(Row row, long count) {
    return row.requests() == 0 ? 0 : (double) count / row.requests();
  }

  private static Column brief(
      String header, String about, Unit unit, Better better, ToDoubleFunction<Row> figure) {
    return new Column(header, about, unit, false, true, better, figure);
  }

  private static Column wide(
      String header, String about, Unit unit, Better better, ToDoubleFunction<Row> figure) {
    return new Column(header, about, unit, false, false, better, figure);
  }
}
