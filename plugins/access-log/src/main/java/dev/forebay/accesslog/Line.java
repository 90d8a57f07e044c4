package dev.forebay.accesslog;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Usage;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One request that is over.
 *
 * @param epochMillis when it was over
 * @param traceId the trace that it was part of; null if there is none
 * @param servedBy who answered; null if nobody did
 * @param headers of the answer; null if there is none
 * @param arrivedNanos when it came to the stage, and {@code endedNanos} when it was over
 */
record Line(
    long epochMillis,
    RequestInfo info,
    @Nullable String traceId,
    @Nullable String servedBy,
    @Nullable Headers headers,
    Outcome outcome,
    long arrivedNanos,
    long endedNanos) {

  private static final double NANOS_PER_MILLI = 1e6;

  /**
   * A line of JSON without its end.
   *
   * @param longest characters of each text at most
   * @param replay adds what a replay needs; null to leave it out
   */
  String json(int longest, @Nullable ReplayFields replay) {
    Failure failure = outcome.failure();
    JsonObject json =
        new JsonObject()
            .put("time", Instant.ofEpochMilli(epochMillis).toString())
            .put("request_id", cut(info.id(), longest))
            .put("trace_id", traceId)
            .put("tenant", cut(info.caller().tenant(), longest))
            .put("key", cut(info.caller().keyId(), longest))
            .put("operation", info.operation().name().toLowerCase(Locale.ROOT))
            .put("model", cut(info.model(), longest))
            .put("stream", info.stream())
            .put("status", outcome.status().name().toLowerCase(Locale.ROOT))
            .put("code", failure == null ? 200 : failure.callerStatus())
            .put("reason", failure == null ? null : cut(failure.reason(), longest))
            .put("endpoint", endpoint(failure, longest))
            .put("attempts", attempts(failure))
            .put("cache", header("x-forebay-cache"));
    used(json, outcome.usage());
    json.put("latency_ms", millis(endedNanos - arrivedNanos));
    long first = outcome.timings().firstContentNanos();
    if (first >= 0) {
      json.put("first_content_ms", millis(first - arrivedNanos));
    }
    if (outcome.costUsd() > 0) {
      json.put("cost_usd", outcome.costUsd());
    }
    if (replay != null) {
      replay.add(json, info);
    }
    return json.encode();
  }

  private @Nullable String endpoint(@Nullable Failure failure, int longest) {
    String who = servedBy == null && failure != null ? failure.servedBy() : servedBy;
    return who == null ? null : cut(who, longest);
  }

  private int attempts(@Nullable Failure failure) {
    String said = header("x-forebay-attempts");
    if (said != null) {
      return Integer.parseInt(said);
    }
    return failure == null ? 1 : failure.attempts();
  }

  private @Nullable String header(String name) {
    return headers == null ? null : headers.get(name);
  }

  private static void used(JsonObject json, Usage usage) {
    json.put("prompt_tokens", usage.promptTokens())
        .put("cached_tokens", usage.cachedTokens())
        .put("completion_tokens", usage.completionTokens())
        .put("reasoning_tokens", usage.reasoningTokens());
  }

  private static double millis(long nanos) {
    return Math.round(Math.max(0, nanos) / NANOS_PER_MILLI * 1000) / 1000.0;
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest - 1) + '…';
  }
}
