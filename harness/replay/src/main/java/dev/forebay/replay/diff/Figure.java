package dev.forebay.replay.diff;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A figure of the rows of {@code report.json} that is better one way.
 *
 * @param path its key, or two with a dot between
 * @param more whether higher values are better
 */
record Figure(String path, boolean more) {

  /** All that are compared, in the order in which they are told. */
  static final List<Figure> ALL =
      List.of(
          new Figure("answeredOfOffered", true),
          new Figure("availability", true),
          new Figure("wrong", false),
          new Figure("failed", false),
          new Figure("needlessRefusals", false),
          new Figure("latencyOfAllMillis.mean", false),
          new Figure("latencyMillis.mean", false),
          new Figure("latencyMillis.p50", false),
          new Figure("latencyMillis.p90", false),
          new Figure("latencyMillis.p99", false),
          new Figure("firstTokenMillis.mean", false),
          new Figure("firstTokenMillis.p50", false),
          new Figure("firstTokenMillis.p90", false),
          new Figure("firstTokenMillis.p99", false),
          new Figure("interTokenMillis.mean", false),
          new Figure("interTokenMillis.p99", false),
          new Figure("goodput", true),
          new Figure("cacheHitRate", true),
          new Figure("cost", false),
          new Figure("fairness", true),
          new Figure("maxMinFairness", true),
          new Figure("replicaHours", false));

  /** Its value in a row; null if the row has none, as reports of older versions. */
  @Nullable Double of(JsonObject row) {
    int dot = path.indexOf('.');
    Object value =
        dot < 0
            ? row.getValue(path)
            : row.getValue(path.substring(0, dot)) instanceof JsonObject group
                ? group.getValue(path.substring(dot + 1))
                : null;
    return value instanceof Number number ? (Double) number.doubleValue() : null;
  }
}
