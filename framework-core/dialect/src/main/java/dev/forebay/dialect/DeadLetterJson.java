package dev.forebay.dialect;

import dev.forebay.spi.Operation;
import dev.forebay.spi.policy.DeadLetter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** Dead letters as JSON: in files, and on the administration. */
public final class DeadLetterJson {

  private DeadLetterJson() {}

  /** A letter as JSON. */
  public static JsonObject of(DeadLetter letter) {
    JsonObject json =
        new JsonObject()
            .put("id", letter.id())
            .put("requestId", letter.requestId())
            .put("epochMillis", letter.epochMillis())
            .put("reason", letter.reason())
            .put("status", letter.status())
            .put("operation", letter.operation().name().toLowerCase(Locale.ROOT))
            .put("model", letter.model())
            .put("tenant", letter.tenant())
            .put("priority", letter.priority())
            .put("promptTokens", letter.promptTokens());
    Buffer body = letter.body();
    return body == null ? json : json.put("body", body.toString());
  }

  /**
   * From what {@link #of} made.
   *
   * @throws ClassCastException if a member is of another type
   * @throws IllegalArgumentException if a member is missing or unknown
   */
  public static DeadLetter read(JsonObject json) {
    String body = json.getString("body");
    return new DeadLetter(
        text(json, "id"),
        text(json, "requestId"),
        json.getLong("epochMillis", 0L),
        text(json, "reason"),
        json.getInteger("status", 0),
        Operation.valueOf(text(json, "operation").toUpperCase(Locale.ROOT)),
        text(json, "model"),
        text(json, "tenant"),
        json.getInteger("priority", 0),
        json.getInteger("promptTokens", 0),
        body == null ? null : Buffer.buffer(body));
  }

  private static String text(JsonObject json, String member) {
    String text = json.getString(member);
    if (text == null) {
      throw new IllegalArgumentException(member + ": missing (expected: a text)");
    }
    return text;
  }
}
