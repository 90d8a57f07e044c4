package dev.forebay.simulation;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of simulated answers in OpenAI's form, for one id and model: made once and shared by
 * all chunks that are alike, so that a token costs no memory. Nobody may change these buffers.
 */
public final class AnswerFrames {

  /** A keep-alive of a stream, as DeepSeek sends it. */
  public static final Chunk KEEP_ALIVE =
      new Chunk(Buffer.buffer(": keep-alive\n\n"), Chunk.Kind.WAITING, 0, false);

  /** A keep-alive of a whole answer, as DeepSeek sends it. */
  public static final Chunk BLANK_LINE =
      new Chunk(Buffer.buffer("\n"), Chunk.Kind.WAITING, 0, false);

  /** The end of a stream. */
  public static final Chunk DONE =
      new Chunk(Buffer.buffer("data: [DONE]\n\n"), Chunk.Kind.TRAILER, 0, true);

  /** The text of a token. */
  public static final String TOKEN = " tok";

  private static final int KEPT = 32;
  private static final int DIMENSIONS = 8;

  private final boolean chat;
  private final String head;
  private final String tail;
  private final Chunk prelude;
  private final @Nullable Chunk[] contents = new @Nullable Chunk[KEPT + 1];

  /**
   * Frames of an answer.
   *
   * @param operation chat or completion; anything else is framed as chat
   * @param id the answer's id
   * @param model as the answer names it
   * @param createdSeconds seconds since 1970 UTC, as the answer says
   */
  public AnswerFrames(Operation operation, String id, String model, long createdSeconds) {
    this.chat = operation != Operation.COMPLETION;
    this.head = "{\"id\":" + Json.encode(id) + ",\"object\":\"";
    this.tail = "\",\"created\":" + createdSeconds + ",\"model\":" + Json.encode(model);
    this.prelude =
        new Chunk(
            event(chat ? "{\"role\":\"assistant\",\"content\":\"\"}" : "", null, null),
            Chunk.Kind.PRELUDE,
            0,
            false);
  }

  /** The first event: a role, no content. */
  public Chunk prelude() {
    return prelude;
  }

  /** An event with so many tokens, at least 1. */
  public Chunk content(int tokens) {
    Chunk kept = tokens <= KEPT ? contents[tokens] : null;
    if (kept != null) {
      return kept;
    }
    String text = "\"" + TOKEN.repeat(tokens) + "\"";
    Chunk made =
        Chunk.content(event(chat ? "{\"content\":" + text + "}" : text, null, null), tokens);
    if (tokens <= KEPT) {
      contents[tokens] = made;
    }
    return made;
  }

  /** The event with the finish reason, and with the usage where it is given. */
  public Chunk finish(String reason, @Nullable Usage usage) {
    return new Chunk(event(chat ? "{}" : "\"\"", reason, usage), Chunk.Kind.TRAILER, 0, false);
  }

  /** The event that OpenAI sends for {@code stream_options.include_usage}. */
  public Chunk usage(Usage usage) {
    String json =
        head + object(true) + tail + ",\"choices\":[],\"usage\":" + usageJson(usage) + "}";
    return new Chunk(Buffer.buffer("data: " + json + "\n\n"), Chunk.Kind.TRAILER, 0, false);
  }

  /** A whole answer. */
  public Chunk whole(int tokens, String reason, Usage usage) {
    String text = "\"" + TOKEN.repeat(tokens) + "\"";
    String said =
        chat ? "\"message\":{\"role\":\"assistant\",\"content\":" + text + "}" : "\"text\":" + text;
    String json =
        head
            + object(false)
            + tail
            + ",\"choices\":[{\"index\":0,"
            + said
            + ",\"finish_reason\":"
            + Json.encode(reason)
            + "}],\"usage\":"
            + usageJson(usage)
            + "}";
    return Chunk.whole(Buffer.buffer(json), tokens);
  }

  /**
   * A whole answer to a request for an embedding: small, and the same for the same seed.
   *
   * @param model as the answer names it
   * @param seeds one for each input
   */
  public static Chunk embeddings(String model, long[] seeds, Usage usage) {
    StringBuilder json = new StringBuilder("{\"object\":\"list\",\"data\":[");
    for (int i = 0; i < seeds.length; i++) {
      json.append(i == 0 ? "" : ",").append("{\"object\":\"embedding\",\"index\":").append(i);
      json.append(",\"embedding\":[");
      for (int d = 0; d < DIMENSIONS; d++) {
        // 24 bits of a hash, scaled to -1 to 1
        double value = (Chance.mix(seeds[i] + d) >> 40) / (double) (1 << 23);
        json.append(d == 0 ? "" : ",").append(value);
      }
      json.append("]}");
    }
    json.append("],\"model\":").append(Json.encode(model));
    json.append(",\"usage\":{\"prompt_tokens\":").append(usage.promptTokens());
    json.append(",\"total_tokens\":").append(usage.promptTokens()).append("}}");
    return Chunk.whole(Buffer.buffer(json.toString()), 0);
  }

  /** An error body in OpenAI's form. */
  public static Buffer error(String message, String type, String code) {
    return Buffer.buffer(
        "{\"error\":{\"message\":"
            + Json.encode(message)
            + ",\"type\":"
            + Json.encode(type)
            + ",\"param\":null,\"code\":"
            + Json.encode(code)
            + "}}");
  }

  private Buffer event(String delta, @Nullable String reason, @Nullable Usage usage) {
    String said = delta.isEmpty() ? "\"\"" : delta;
    return Buffer.buffer(
        "data: "
            + head
            + object(true)
            + tail
            + ",\"choices\":[{\"index\":0,"
            + (chat ? "\"delta\":" : "\"text\":")
            + said
            + ",\"finish_reason\":"
            + (reason == null ? "null" : Json.encode(reason))
            + "}]"
            + (usage == null ? "" : ",\"usage\":" + usageJson(usage))
            + "}\n\n");
  }

  private String object(boolean stream) {
    return chat ? stream ? "chat.completion.chunk" : "chat.completion" : "text_completion";
  }

  private static String usageJson(Usage usage) {
    return "{\"prompt_tokens\":"
        + usage.promptTokens()
        + ",\"completion_tokens\":"
        + usage.completionTokens()
        + ",\"total_tokens\":"
        + usage.totalTokens()
        + ",\"prompt_tokens_details\":{\"cached_tokens\":"
        + usage.cachedTokens()
        + "},\"prompt_cache_hit_tokens\":"
        + usage.cachedTokens()
        + ",\"prompt_cache_miss_tokens\":"
        + (usage.promptTokens() - usage.cachedTokens())
        + "}";
  }
}
