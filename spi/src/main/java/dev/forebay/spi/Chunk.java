package dev.forebay.spi;

import io.vertx.core.buffer.Buffer;

/**
 * A piece of an answer.
 *
 * @param data the bytes for the caller, exactly: one server-sent event with its blank line, or a
 *     whole JSON body
 * @param kind what it carries
 * @param tokens tokens of content or reasoning in it, counted or estimated; 0 for other kinds
 * @param last whether the stream ends with it
 */
public record Chunk(Buffer data, Kind kind, int tokens, boolean last) {

  /** A piece of content that is not the last. */
  public static Chunk content(Buffer data, int tokens) {
    return new Chunk(data, Kind.CONTENT, tokens, false);
  }

  /** A whole answer: content, and the last. */
  public static Chunk whole(Buffer data, int tokens) {
    return new Chunk(data, Kind.CONTENT, tokens, true);
  }

  /** What a chunk carries. */
  public enum Kind {
    /** A keep-alive comment or a blank line: the upstream still queues the request. */
    WAITING,
    /** A role or an empty delta: the stream has begun, but nothing is said yet. */
    PRELUDE,
    /** Content or reasoning: the first one is what time to first token measures. */
    CONTENT,
    /** Usage, or the end marker. */
    TRAILER,
    /**
     * The end marker of an answer that has all that it needs, but whose end was not seen, since its
     * connection was lost: good for its caller, not to be stored.
     */
    UNPROVEN
  }
}
