package dev.forebay.replay.run;

import io.vertx.core.json.JsonObject;

/**
 * The report in the form of {@code vllm bench serve --save-result}: a JSON object for each row, a
 * line each, with the combination and the seed beside vLLM's own keys.
 */
public final class VllmReport {

  private VllmReport() {}

  /** The whole report. */
  public static String of(Report report) {
    StringBuilder lines = new StringBuilder();
    report
        .cells()
        .forEach(cell -> cell.rows().forEach(row -> lines.append(line(report, row)).append('\n')));
    return lines.toString();
  }

  private static String line(Report report, Row row) {
    double rate = report.load().offered();
    return new JsonObject()
        .put("combination", row.combination())
        .put("seed", row.seed())
        .put("backend", "openai-chat")
        .put("endpoint_type", "openai-chat")
        .put("num_prompts", row.requests())
        .put("request_rate", Double.isInfinite(rate) ? "inf" : rate)
        .mergeIn(row.benchmark().json())
        .put("failed", row.requests() - row.ok())
        .encode();
  }
}
