package dev.forebay.dialect;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The JSON in server-sent events of OpenAI's form, read and written. */
final class Events {

  /** The end of a stream. */
  static final Chunk DONE =
      new Chunk(Buffer.buffer("data: [DONE]\n\n"), Chunk.Kind.TRAILER, 0, true);

  private Events() {}

  /** The object that an event carries; null if it carries none, such as {@code [DONE]}. */
  static @Nullable JsonObject json(Buffer event) {
    byte[] data = SseReader.data(event);
    return data == null ? null : JsonSource.answer(data);
  }

  /** What matters of an event; null if it carries no object, such as {@code [DONE]}. */
  static @Nullable Answer answer(Buffer event) {
    byte[] data = SseReader.data(event);
    try {
      return data == null ? null : Answer.read(data, new Choices(), StreamParser.MAX_VALUES);
    } catch (IOException e) {
      return null;
    }
  }

  /** An event. */
  static Buffer event(JsonObject json) {
    return Buffer.buffer("data: ").appendBuffer(json.toBuffer()).appendString("\n\n");
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
