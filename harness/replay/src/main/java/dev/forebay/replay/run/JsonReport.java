package dev.forebay.replay.run;

import dev.forebay.replay.trace.Carries;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The report as JSON, in the form that {@code docs/harness.md} describes. */
public final class JsonReport {

  /** The version that reports name. */
  public static final String VERSION = "0.1.0";

  /** Tenants of a row that are named. */
  private static final int MOST_GROUPS = 100;

  /** The name of all groups that are not named. */
  private static final String OTHERS = "(others)";

  private JsonReport() {}

  /** The whole report. */
  public static JsonObject of(Report report) {
    JsonArray rows = new JsonArray();
    report.cells().forEach(cell -> cell.rows().forEach(row -> rows.add(row(row))));
    JsonArray skipped = new JsonArray();
    report
        .skipped()
        .forEach(
            (name, because) ->
                skipped.add(new JsonObject().put("combination", name).put("because", because)));
    JsonArray failed = new JsonArray();
    report
        .failed()
        .forEach(
            (name, because) ->
                failed.add(new JsonObject().put("combination", name).put("because", because)));
    JsonArray synthetic = new JsonArray();
    for (Carries field : report.trace().synthetic()) {
      synthetic.add(field.label());
    }
    return new JsonObject()
        .put("forebay", VERSION)
        .put("scenario", report.scenario())
        .put("about", report.about())
        .put("mode", "virtual")
        .put(
            "trace",
            new JsonObject()
                .put("format", report.trace().format())
                .put("path", report.trace().path())
                .put("requests", report.trace().requests().size())
                .put("seconds", report.trace().spanSeconds())
                .put("traceSeconds", report.load().traceSeconds())
                .put("factor", report.load().factor())
                .put("synthetic", synthetic))
        .put("load", load(report.load()))
        .put("notes", new JsonArray(report.notes()))
        .put("rows", rows)
        .put("differences", differences(report))
        .put("skipped", skipped)
        .put("failed", failed);
  }

  /** Each combination less the baseline, seed by seed; an interval needs two seeds. */
  private static JsonArray differences(Report report) {
    JsonArray differences = new JsonArray();
    report
        .baseline()
        .ifPresent(
            baseline ->
                report.cells().stream()
                    .filter(cell -> cell != baseline)
                    .forEach(
                        cell ->
                            differences.add(
                                new JsonObject()
                                    .put("combination", cell.combination())
                                    .put(
                                        "answeredOfOffered",
                                        difference(cell, baseline, Column.ANSWERED))
                                    .put(
                                        "latencyOfAllMeanMillis",
                                        difference(cell, baseline, Column.OF_ALL)))));
    return differences;
  }

  private static JsonObject difference(Cell cell, Cell baseline, Column column) {
    Cell.Difference difference = cell.difference(baseline, column.figure());
    boolean one = difference.seeds() < 2;
    return new JsonObject()
        .put("mean", difference.mean())
        .put("low", one ? null : difference.mean() - difference.interval())
        .put("high", one ? null : difference.mean() + difference.interval());
  }

  /** In requests per second; null is what has no figure. */
  private static JsonObject load(Load load) {
    return new JsonObject()
        .put("offered", Double.isInfinite(load.offered()) ? null : load.offered())
        .put("capacity", load.capacity() == 0 ? null : load.capacity());
  }

  static JsonObject row(Row row) {
    JsonObject rejected = new JsonObject();
    row.rejected().forEach(rejected::put);
    JsonObject wrongs = new JsonObject();
    row.wrong().forEach(wrongs::put);
    JsonObject failures = new JsonObject();
    row.failures().forEach(failures::put);
    JsonObject byBackend = new JsonObject();
    row.byBackend().forEach(byBackend::put);
    JsonObject plugin = new JsonObject();
    row.plugin().forEach(plugin::put);
    JsonObject histograms = new JsonObject();
    row.histograms().forEach((name, told) -> histograms.put(name, histogram(told)));
    return new JsonObject()
        .put("combination", row.combination())
        .put("seed", row.seed())
        .put("requests", row.requests())
        .put("ok", row.ok())
        .put("wrong", row.wrongs())
        .put("failed", row.failed())
        .put("cancelled", row.cancelled())
        .put("rejected", rejected)
        .put("needlessRefusals", row.needless())
        .put("failures", failures)
        .put("deferred", row.deferred().requests())
        .put("deferredAnswered", row.deferred().answered())
        .put("deferredMillis", distribution(row.deferred().latency()))
        .put("wrongs", wrongs)
        .put("answeredOfOffered", row.answeredOfOffered())
        .put("answerableOfOffered", row.answerable() == null ? null : row.answerableOfOffered())
        .put("availability", row.availability())
        .put("latencyOfAllMillis", distribution(row.latencies().all()))
        .put("latencyMillis", distribution(row.latency()))
        .put("latencyOfHitsMillis", distribution(row.latencies().hits()))
        .put("latencyOfComputedMillis", distribution(row.latencies().computed()))
        .put("firstTokenMillis", distribution(row.firstToken()))
        .put("interTokenMillis", distribution(row.interToken()))
        .put("timePerOutputTokenMillis", perToken(row.benchmark().perToken()))
        .put("requestThroughput", row.benchmark().requestThroughput())
        .put("outputThroughput", row.benchmark().outputThroughput())
        .put("goodput", row.goodput())
        .put("cacheHitRate", row.cacheHitRate())
        .put("cost", row.cost())
        .put("costSaved", row.costSaved())
        .put("fairness", row.fairness())
        .put("utilisation", row.utilisation())
        .put("workUtilisation", row.spent().work())
        .put("replicaHours", row.spent().replicaHours())
        .put("replicaCost", row.spent().replicaCost())
        .put("byBackend", byBackend)
        .put("maxMinFairness", row.maxMinFairness())
        .put("byTenant", served(row.byTenant()))
        .put("byPriority", served(row.byPriority()))
        .put("advisedRetries", row.advice().followed())
        .put("wrongAdvice", row.advice().wrong())
        .put("tokensReserved", row.tokensReserved())
        .put("tokensUnused", row.tokensUnused())
        .put("upstreamThrottled", row.spent().throttled())
        .put("plugin", plugin)
        .put("histograms", histograms)
        .put("latencySpread", spread(row.latencies().answeredSpread()))
        .put("firstTokenSpread", spread(row.latencies().firstContentSpread()))
        .put("course", course(row.course()))
        .put("events", row.events())
        .put("traffic", row.traffic())
        .put("digest", row.digest());
  }

  /** For each bucket with a duration: its upper end in milliseconds, and how many. */
  private static JsonArray spread(Spread spread) {
    JsonArray told = new JsonArray();
    spread
        .counts()
        .forEach(
            (bucket, count) ->
                told.add(new JsonArray().add(rounded(Spread.upperMillis(bucket))).add(count)));
    return told;
  }

  private static JsonObject course(Course course) {
    JsonObject told = new JsonObject().put("stepSeconds", course.stepSeconds());
    for (Course.Figure figure : Course.Figure.values()) {
      JsonArray steps = new JsonArray();
      course
          .of(figure)
          .forEach(
              value -> {
                if (figure.counted()) {
                  steps.add(Math.round(value));
                } else {
                  steps.add(rounded(value));
                }
              });
      told.put(figure.key(), steps);
    }
    return told;
  }

  /** To two digits after the point: enough for a chart, and short. */
  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }

  /** Each group by its name; of very many, the sum of the smaller ones by {@link #OTHERS}. */
  private static JsonObject served(Map<?, Served> groups) {
    List<? extends Map.Entry<?, Served>> largest =
        groups.entrySet().stream()
            .sorted(
                Comparator.comparingLong(
                    (Map.Entry<?, Served> group) -> -group.getValue().requests()))
            .toList();
    JsonObject told = new JsonObject();
    Served others = Served.NONE;
    for (int i = 0; i < largest.size(); i++) {
      if (i < MOST_GROUPS) {
        told.put(String.valueOf(largest.get(i).getKey()), served(largest.get(i).getValue()));
      } else {
        others = others.plus(largest.get(i).getValue());
      }
    }
    return largest.size() > MOST_GROUPS ? told.put(OTHERS, served(others)) : told;
  }

  private static JsonObject served(Served group) {
    return new JsonObject()
        .put("requests", group.requests())
        .put("ok", group.ok())
        .put("refused", group.refused())
        .put("overLimit", group.overLimit());
  }

  /** In the unit that its name ends with; null if it has no figures. */
  private static JsonObject histogram(dev.forebay.spi.metrics.Distribution told) {
    long count = told.count();
    return new JsonObject()
        .put("count", count)
        .put("mean", count == 0 ? null : told.sum() / count)
        .put("p50", count == 0 ? null : told.quantile(0.5))
        .put("p90", count == 0 ? null : told.quantile(0.9))
        .put("p99", count == 0 ? null : told.quantile(0.99));
  }

  /** Null if no answer has two tokens. */
  private static JsonObject perToken(BenchmarkFigures.Spread spread) {
    boolean none = spread.equals(BenchmarkFigures.Spread.NONE);
    return new JsonObject()
        .put("mean", none ? null : spread.mean())
        .put("p50", none ? null : spread.median())
        .put("p99", none ? null : spread.p99());
  }

  /** Null if there is no request of which it could tell. */
  private static JsonObject distribution(Distribution distribution) {
    boolean none = Double.isNaN(distribution.mean());
    return new JsonObject()
        .put("mean", none ? null : distribution.mean())
        .put("p50", none ? null : distribution.p50())
        .put("p90", none ? null : distribution.p90())
        .put("p99", none ? null : distribution.p99());
  }
}
