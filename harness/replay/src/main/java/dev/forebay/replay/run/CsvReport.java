package dev.forebay.replay.run;

import java.util.Locale;

/** The report as CSV (RFC 4180), a line for each row. */
public final class CsvReport {

  static final String HEADER =
      "combination,seed,requests,ok,failed,cancelled,rejected,rateLimited,availability,"
          + "answeredOfOffered,latencyMeanMillis,latencyP50Millis,latencyP90Millis,"
          + "latencyP99Millis,firstTokenMeanMillis,firstTokenP50Millis,firstTokenP90Millis,"
          + "firstTokenP99Millis,interTokenMeanMillis,interTokenP99Millis,goodput,cacheHitRate,"
          + "cost,costSaved,fairness,utilisation,digest,wrong,needlessRefusals,"
          + "latencyOfAllMeanMillis,latencyOfAllP99Millis,latencyOfHitsMeanMillis,"
          + "latencyOfComputedMeanMillis,workUtilisation,replicaHours,"
          + "answerableOfOffered,maxMinFairness,advisedRetries,wrongAdvice,tokensReserved,"
          + "tokensUnused,upstreamThrottled,replicaCost,turns,deferred,deferredAnswered";

  private CsvReport() {}

  /** The whole report. */
  public static String of(Report report) {
    StringBuilder csv = new StringBuilder(HEADER).append("\r\n");
    report.cells().forEach(cell -> cell.rows().forEach(row -> line(csv, row)));
    return csv.toString();
  }

  private static void line(StringBuilder csv, Row row) {
    csv.append(quoted(row.combination()));
    add(csv, row.seed(), row.requests(), row.ok(), row.failed(), row.cancelled());
    add(csv, row.rejections(), row.rejected().getOrDefault("rate_limited", 0L));
    add(csv, row.availability(), row.answeredOfOffered());
    add(csv, row.latency().mean(), row.latency().p50(), row.latency().p90(), row.latency().p99());
    Distribution first = row.firstToken();
    add(csv, first.mean(), first.p50(), first.p90(), first.p99());
    add(csv, row.interToken().mean(), row.interToken().p99(), row.goodput());
    add(csv, row.cacheHitRate(), row.cost(), row.costSaved(), row.fairness(), row.utilisation());
    csv.append(',').append(row.digest());
    add(csv, row.wrongs(), row.needless());
    Latencies latencies = row.latencies();
    add(csv, latencies.all().mean(), latencies.all().p99(), latencies.hits().mean());
    add(csv, latencies.computed().mean(), row.spent().work(), row.spent().replicaHours());
    add(csv, row.answerableOfOffered(), row.maxMinFairness());
    add(csv, row.advice().followed(), row.advice().wrong());
    add(csv, row.tokensReserved(), row.tokensUnused(), row.spent().throttled());
    add(csv, row.spent().replicaCost(), row.turns());
    add(csv, row.deferred().requests(), row.deferred().answered());
    csv.append("\r\n");
  }

  private static void add(StringBuilder csv, long... values) {
    for (long value : values) {
      csv.append(',').append(value);
    }
  }

  private static void add(StringBuilder csv, double... values) {
    for (double value : values) {
      csv.append(',').append(Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.6g", value));
    }
  }

  static String quoted(String text) {
    return text.matches("[\\w .-]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
