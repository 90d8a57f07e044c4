package dev.forebay.core.caching;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The JSON in server-sent events of OpenAI's form, read and written. */
final class Events {

  /** The end of a stream. */
  static final Chunk DONE =
      new Chunk(Buffer.buffer("data: [DONE]\n\n"), Chunk.Kind.TRAILER, 0, true);

  private Events() {}

  /** The object that an event carries; null where it carries none, such as {@code [DONE]}. */
  static @Nullable JsonObject json(Buffer event) {
    StringBuilder data = new StringBuilder();
    for (String line : event.toString(StandardCharsets.UTF_8).split("\r\n|\n|\r", -1)) {
      if (line.startsWith("data:")) {
        data.append(data.isEmpty() ? "" : "\n").append(line, value(line), line.length());
      }
    }
    if (data.isEmpty() || data.charAt(0) != '{') {
      return null;
    }
    try {
      return new JsonObject(data.toString());
    } catch (DecodeException e) {
      return null;
    }
  }

  private static int value(String line) {
    int colon = "data:".length();
    return line.length() > colon && line.charAt(colon) == ' ' ? colon + 1 : colon;
  }

  /** An event. */
  static Buffer event(JsonObject json) {
    return Buffer.buffer("data: ").appendBuffer(json.toBuffer()).appendString("\n\n");
  }

  /** Whether an event says what was used, and nothing else. */
  static boolean usageOnly(JsonObject json) {
    return json.getValue("usage") instanceof JsonObject
        && json.getValue("choices") instanceof JsonArray choices
        && choices.isEmpty();
  }

  /** Usage as OpenAI writes it. */
  static JsonObject usage(Usage usage) {
    return new JsonObject()
        .put("prompt_tokens", usage.promptTokens())
        .put("completion_tokens", usage.completionTokens())
        .put("total_tokens", usage.totalTokens())
        .put("prompt_tokens_details", new JsonObject().put("cached_tokens", usage.cachedTokens()))
        .put(
            "completion_tokens_details",
            new JsonObject().put("reasoning_tokens", usage.reasoningTokens()));
  }

  /** Whether somebody knows what an answer used; without a prompt's length it was only counted. */
  static boolean known(Usage usage) {
    return usage.promptTokens() > 0;
  }
}
