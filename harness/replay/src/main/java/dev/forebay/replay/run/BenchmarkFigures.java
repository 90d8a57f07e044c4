package dev.forebay.replay.run;

import io.vertx.core.json.JsonObject;

/**
 * The figures of vLLM's serving benchmark ({@code vllm bench serve}), by its definitions, of
 * answered requests: TTFT is the time to the first content; TPOT is (E2E - TTFT) / (output tokens -
 * 1), one value for each request of two tokens or more, all weighted equally; ITL is the gap
 * between two contents, one value for each gap; E2EL is the time to the end of the answer.
 *
 * @param completed answered requests
 * @param seconds from the first arrival to the last end
 * @param promptTokens of their prompts
 * @param outputTokens of their answers
 * @param good those that kept the scenario's objective
 * @param firstToken TTFT
 * @param perToken TPOT
 * @param betweenTokens ITL
 * @param endToEnd E2EL
 */
public record BenchmarkFigures(
    long completed,
    double seconds,
    long promptTokens,
    long outputTokens,
    long good,
    Spread firstToken,
    Spread perToken,
    Spread betweenTokens,
    Spread endToEnd) {

  /**
   * How values are spread, in milliseconds.
   *
   * @param mean arithmetic mean
   * @param median half are at most this
   * @param deviation standard deviation
   * @param p99 99 of 100 are at most this
   */
  public record Spread(double mean, double median, double deviation, double p99) {

    /** Of no value, as vLLM writes it. */
    static final Spread NONE = new Spread(0, 0, 0, 0);
  }

  /** Answered requests per second. */
  public double requestThroughput() {
    return completed / seconds;
  }

  /** Tokens of answers per second. */
  public double outputThroughput() {
    return outputTokens / seconds;
  }

  /** As {@code vllm bench serve --save-result} names them. */
  public JsonObject json() {
    JsonObject json =
        new JsonObject()
            .put("duration", seconds)
            .put("completed", completed)
            .put("total_input_tokens", promptTokens)
            .put("total_output_tokens", outputTokens)
            .put("request_throughput", requestThroughput())
            .put("request_goodput", good / seconds)
            .put("output_throughput", outputThroughput())
            .put("total_token_throughput", (promptTokens + outputTokens) / seconds);
    put(json, "ttft", firstToken);
    put(json, "tpot", perToken);
    put(json, "itl", betweenTokens);
    put(json, "e2el", endToEnd);
    return json;
  }

  private static void put(JsonObject json, String name, Spread spread) {
    json.put("mean_" + name + "_ms", spread.mean())
        .put("median_" + name + "_ms", spread.median())
        .put("std_" + name + "_ms", spread.deviation())
        .put("p99_" + name + "_ms", spread.p99());
  }
}
