package dev.forebay.mysql;

import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageRecord;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A record as JSON that {@link Sql} makes a row of.
 *
 * @param id of the record
 * @param owner whose records lie together
 * @param shard of the owner
 * @param json an object
 */
record Line(String id, String owner, int shard, String json) {

  static Line of(UsageRecord record) {
    int shard = Shards.of(record.owner());
    return new Line(record.id(), record.owner(), shard, json(record, shard));
  }

  private static String json(UsageRecord record, int shard) {
    return new JsonObject()
        .put("s", shard)
        .put("i", record.id())
        .put("a", record.epochMillis())
        .put("d", UsageQuery.day(record.epochMillis()).toString())
        .put("t", record.tenant())
        .put("u", record.user())
        .put("k", record.keyId())
        .put("m", record.model())
        .put("b", record.backend())
        .put("p", record.usage().promptTokens())
        .put("c", record.usage().cachedTokens())
        .put("o", record.usage().completionTokens())
        .put("r", record.usage().reasoningTokens())
        .put("y", record.usage().replayed() ? 1 : 0)
        .put("n", record.nanodollars())
        .put("e", record.outcome().name().toLowerCase(Locale.ROOT))
        .put("l", record.latencyMillis())
        .put("h", record.cache())
        .put("j", record.job())
        .encode();
  }

  /** The text of several: an array. */
  static String rows(List<Line> lines) {
    return lines.stream().map(Line::json).collect(Collectors.joining(",", "[", "]"));
  }
}
