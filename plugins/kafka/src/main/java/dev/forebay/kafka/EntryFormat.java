package dev.forebay.kafka;

import dev.forebay.spi.jobs.JobEntry;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Entries as the values of records: JSON. */
final class EntryFormat {

  private EntryFormat() {}

  /**
   * What a record holds.
   *
   * @param untilMillis when it leaves this topic; 0 if it can be delivered at once
   */
  record Stored(JobEntry entry, long untilMillis) {}

  static String write(JobEntry entry, long untilMillis) {
    return new JsonObject()
        .put("id", entry.id())
        .put("tenant", entry.tenant())
        .put("priority", entry.priority())
        .put("due", entry.dueMillis())
        .put("until", untilMillis)
        .encode();
  }

  /** Null if the record is no entry. */
  static @Nullable Stored read(ConsumerRecord<String, String> record) {
    try {
      JsonObject json = new JsonObject(record.value());
      String id = json.getString("id");
      String tenant = json.getString("tenant");
      return id == null || tenant == null
          ? null
          : new Stored(
              new JobEntry(id, tenant, json.getInteger("priority", 0), json.getLong("due", 0L)),
              json.getLong("until", 0L));
    } catch (DecodeException | ClassCastException | NullPointerException e) {
      return null;
    }
  }

  /** A dead letter: as {@code letter-topic} reads it, with the origin of the entry. */
  static String dead(JobEntry entry, String reason, int attempts, String origin, long now) {
    return new JsonObject()
        .put("id", entry.id())
        .put("requestId", entry.id())
        .put("epochMillis", now)
        .put("reason", reason)
        .put("status", 503)
        .put("operation", "chat")
        .put("model", "")
        .put("tenant", entry.tenant())
        .put("priority", entry.priority())
        .put("promptTokens", 0)
        .put("job", true)
        .put("attempts", attempts)
        .put("origin", origin)
        .encode();
  }
}
