package dev.forebay.llama;

import dev.forebay.spi.Operation;
import dev.forebay.spi.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;

/** Answers in the form of the OpenAI API: events of a stream, and whole ones. */
final class Frames {

  private static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");

  private final boolean chat;
  private final String head;
  private final String id;
  private final String model;
  private final long createdSeconds;

  Frames(Operation operation, String requestId, String model, long createdSeconds) {
    this.chat = operation == Operation.CHAT;
    this.id = (chat ? "chatcmpl-" : "cmpl-") + requestId;
    this.model = model;
    this.createdSeconds = createdSeconds;
    this.head =
        "data: " + start(chat ? "chat.completion.chunk" : "text_completion") + ",\"choices\":[";
  }

  /** The role: says nothing yet. */
  Buffer role() {
    return Buffer.buffer(
        head
            + "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
            + "\"finish_reason\":null}]}\n\n");
  }

  Buffer content(String text) {
    String said = Json.encode(text);
    String choice = chat ? "\"delta\":{\"content\":" + said + "}" : "\"text\":" + said;
    return Buffer.buffer(head + "{\"index\":0," + choice + ",\"finish_reason\":null}]}\n\n");
  }

  Buffer finish(String reason) {
    String nothing = chat ? "\"delta\":{}" : "\"text\":\"\"";
    return Buffer.buffer(
        head + "{\"index\":0," + nothing + ",\"finish_reason\":\"" + reason + "\"}]}\n\n");
  }

  Buffer usage(Usage usage) {
    return Buffer.buffer(head + "],\"usage\":" + json(usage).encode() + "}\n\n");
  }

  static Buffer done() {
    return DONE;
  }

  /** A whole answer. */
  Buffer whole(String text, String reason, Usage usage) {
    String said = Json.encode(text);
    String choice =
        chat ? "\"message\":{\"role\":\"assistant\",\"content\":" + said + "}" : "\"text\":" + said;
    return Buffer.buffer(
        start(chat ? "chat.completion" : "text_completion")
            + ",\"choices\":[{\"index\":0,"
            + choice
            + ",\"finish_reason\":\""
            + reason
            + "\"}],\"usage\":"
            + json(usage).encode()
            + "}");
  }

  /** Embeddings, in the order of their inputs. */
  Buffer embeddings(List<float[]> vectors, boolean base64, Usage usage) {
    JsonArray data = new JsonArray();
    for (int i = 0; i < vectors.size(); i++) {
      data.add(
          new JsonObject()
              .put("object", "embedding")
              .put("index", i)
              .put("embedding", base64 ? base64(vectors.get(i)) : list(vectors.get(i))));
    }
    return new JsonObject()
        .put("object", "list")
        .put("model", model)
        .put("data", data)
        .put(
            "usage",
            new JsonObject()
                .put("prompt_tokens", usage.promptTokens())
                .put("total_tokens", usage.promptTokens()))
        .toBuffer();
  }

  private String start(String object) {
    return "{\"id\":"
        + Json.encode(id)
        + ",\"object\":\""
        + object
        + "\",\"created\":"
        + createdSeconds
        + ",\"model\":"
        + Json.encode(model);
  }

  private static JsonObject json(Usage usage) {
    return new JsonObject()
        .put("prompt_tokens", usage.promptTokens())
        .put("completion_tokens", usage.completionTokens())
        .put("total_tokens", usage.totalTokens());
  }

  private static JsonArray list(float[] vector) {
    JsonArray list = new JsonArray();
    for (float value : vector) {
      list.add(value);
    }
    return list;
  }

  private static String base64(float[] vector) {
    byte[] bytes = new byte[4 * vector.length];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(vector);
    return Base64.getEncoder().encodeToString(bytes);
  }
}
