package dev.forebay.conformance;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Headers;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ChunkTimes;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** Complete answers for tests of caches. */
public final class Answers {

  private Answers() {}

  /** A streamed answer with a text, of a prelude, two pieces of content and a trailer. */
  public static CachedAnswer of(String text, long storedAtMillis) {
    int half = text.length() / 2;
    return new CachedAnswer(
        "endpoint",
        200,
        Headers.of("content-type", "text/event-stream"),
        List.of(
            new Chunk(Buffer.buffer("data: {}\n\n"), Chunk.Kind.PRELUDE, 0, false),
            Chunk.content(Buffer.buffer("data: " + text.substring(0, half) + "\n\n"), 3),
            Chunk.content(Buffer.buffer("data: " + text.substring(half) + "\n\n"), 4),
            new Chunk(Buffer.buffer("data: [DONE]\n\n"), Chunk.Kind.TRAILER, 0, true)),
        new Usage(Requests.PROMPT_TOKENS, 10, 7, 2),
        storedAtMillis,
        ChunkTimes.of(0, 120, 140, 141));
  }

  /** A whole answer that takes a little more than so many bytes. */
  public static CachedAnswer sized(int bytes, long storedAtMillis) {
    return new CachedAnswer(
        "endpoint",
        200,
        Headers.of("content-type", "application/json"),
        List.of(Chunk.whole(Buffer.buffer(new byte[bytes]), 7)),
        new Usage(Requests.PROMPT_TOKENS, 0, 7, 0),
        storedAtMillis);
  }
}
