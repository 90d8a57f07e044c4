package dev.forebay.ledger;

import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import dev.forebay.spi.ledger.UsageRecord;
import io.vertx.core.json.JsonObject;

/** A record as a line of JSON, in the files of the outbox and on the administration. */
final class RecordJson {

  private RecordJson() {}

  static JsonObject of(UsageRecord record) {
    return new JsonObject()
        .put("id", record.id())
        .put("at", record.epochMillis())
        .put("tenant", record.tenant())
        .put("user", record.user())
        .put("key", record.keyId())
        .put("model", record.model())
        .put("backend", record.backend())
        .put("prompt", record.usage().promptTokens())
        .put("cached", record.usage().cachedTokens())
        .put("completion", record.usage().completionTokens())
        .put("reasoning", record.usage().reasoningTokens())
        .put("replayed", record.usage().replayed())
        .put("nanodollars", record.nanodollars())
        .put("outcome", record.outcome().name())
        .put("latency", record.latencyMillis())
        .put("cache", record.cache())
        .put("job", record.job());
  }

  /**
   * Reads one.
   *
   * @throws RuntimeException if it is none
   */
  static UsageRecord read(JsonObject json) {
    return new UsageRecord(
        json.getString("id"),
        json.getLong("at"),
        json.getString("tenant"),
        json.getString("user"),
        json.getString("key"),
        json.getString("model"),
        json.getString("backend"),
        new Usage(
            json.getInteger("prompt"),
            json.getInteger("cached"),
            json.getInteger("completion"),
            json.getInteger("reasoning"),
            json.getBoolean("replayed")),
        json.getLong("nanodollars"),
        Status.valueOf(json.getString("outcome")),
        json.getLong("latency"),
        json.getString("cache"),
        json.getString("job"));
  }
}
