package dev.forebay.simulation.http;

import dev.forebay.simulation.AnswerFrames;
import dev.forebay.simulation.ServerParameters;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.RequestInfo.Traits;
import dev.forebay.spi.Timeline;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the emulator reads of a request's body.
 *
 * @param texts the prompts: one of a chat, one or more of a completion, each input of an embedding
 * @param given tokens of the answer that the request brings along, to be continued; 0 if none
 */
record OpenAiRequest(
    Operation operation,
    String model,
    boolean stream,
    boolean includeUsage,
    int maxOutputTokens,
    List<String> texts,
    int given) {

  /** Characters that a token has on average: OpenAI's rule of thumb for English. */
  private static final int CHARACTERS_PER_TOKEN = 4;

  /**
   * Reads a body.
   *
   * @throws IllegalArgumentException where it is malformed; the message is for the caller
   */
  static OpenAiRequest parse(Operation operation, Buffer body) {
    try {
      JsonObject json = body.toJsonObject();
      JsonObject options = json.getJsonObject("stream_options");
      boolean embedding = operation == Operation.EMBEDDING;
      int given = operation == Operation.CHAT ? takeGiven(json) : 0;
      return new OpenAiRequest(
          operation,
          json.getString("model", ""),
          !embedding && flag(json, "stream"),
          options != null && flag(options, "include_usage"),
          bound(json),
          texts(operation, json),
          given);
    } catch (DecodeException e) {
      throw new IllegalArgumentException("the body is no JSON object", e);
    } catch (ClassCastException e) {
      throw new IllegalArgumentException("a member of the body has the wrong type", e);
    }
  }

  InferenceRequest toInference(String id, String address, Timeline timeline) {
    String prompt = String.join("\n", texts);
    RequestInfo info =
        new RequestInfo(
            id,
            operation,
            model,
            stream,
            Caller.at(address),
            RequestInfo.STANDARD,
            Math.max(1, prompt.length() / CHARACTERS_PER_TOKEN) + given,
            maxOutputTokens,
            new PromptKey(hash(prompt), hash(model)),
            prefix(prompt),
            CacheMode.DEFAULT,
            Traits.PLAIN,
            timeline.nanos(),
            Long.MAX_VALUE);
    return new InferenceRequest(
        info, Buffer.buffer(), Call.root(timeline), Attempt.FIRST.continuing(given));
  }

  /** A seed for each input, for vectors. */
  long[] seeds() {
    return texts.stream().mapToLong(OpenAiRequest::hash).toArray();
  }

  private static boolean flag(JsonObject json, String name) {
    Boolean value = json.getBoolean(name);
    return value != null && value;
  }

  private static int bound(JsonObject json) {
    Number newer = json.getNumber("max_completion_tokens");
    Number bound = newer == null ? json.getNumber("max_tokens") : newer;
    if (bound != null && !(bound.doubleValue() >= 1)) {
      throw new IllegalArgumentException("max_tokens: " + bound + " (expected: >= 1)");
    }
    return bound == null ? 0 : (int) Math.min(bound.doubleValue(), Integer.MAX_VALUE);
  }

  private static List<String> texts(Operation operation, JsonObject json) {
    return switch (operation) {
      case CHAT -> messages(json.getJsonArray("messages"));
      case COMPLETION -> strings("prompt", json.getValue("prompt"));
      case EMBEDDING -> strings("input", json.getValue("input"));
    };
  }

  /**
   * Takes the beginning of an answer out of the messages, if the request asks to continue it as
   * vLLM's server is asked, or DeepSeek's.
   *
   * @return its tokens; 0 if there is none
   */
  private static int takeGiven(JsonObject json) {
    JsonArray messages = json.getJsonArray("messages");
    int last = messages == null ? -1 : messages.size() - 1;
    if (last < 0
        || !(messages.getValue(last) instanceof JsonObject message)
        || !"assistant".equals(message.getValue("role"))
        || !(flag(json, "continue_final_message") || flag(message, "prefix"))) {
      return 0;
    }
    messages.remove(last);
    return message.getString("content", "").length() / AnswerFrames.TOKEN.length();
  }

  private static List<String> messages(@Nullable JsonArray messages) {
    if (messages == null || messages.isEmpty()) {
      throw new IllegalArgumentException("messages: missing (expected: at least one)");
    }
    return List.of(messages.encode());
  }

  private static List<String> strings(String name, @Nullable Object value) {
    if (value instanceof String text) {
      return List.of(text);
    }
    if (value instanceof JsonArray array && !array.isEmpty()) {
      List<String> texts = new ArrayList<>();
      for (Object item : array) {
        texts.add(String.valueOf(item));
      }
      return texts;
    }
    throw new IllegalArgumentException(name + ": missing (expected: a text, or a list of them)");
  }

  private static PrefixHashes prefix(String prompt) {
    int block = ServerParameters.BLOCK_TOKENS * CHARACTERS_PER_TOKEN;
    long[] hashes = new long[prompt.length() / block];
    long hash = 0;
    for (int i = 0; i < hashes.length; i++) {
      hash = hash * 31 + hash(prompt.substring(i * block, (i + 1) * block));
      hashes[i] = hash;
    }
    return PrefixHashes.of(hashes);
  }

  /** FNV-1a. */
  private static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }
}
