package dev.forebay.dialect;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Operation;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.policy.CachedAnswer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A recorded answer in the form that a request wants. The form that was recorded is given byte for
 * byte; the other one is made of it, with the same words, or not at all.
 */
public final class Conversion {

  /** The largest answer that is converted: a larger one would hold the event loop up. */
  static final long MAX_BYTES = 1 << 20;

  private Conversion() {}

  /**
   * An answer for a request.
   *
   * @return null where it cannot be had from what was recorded
   */
  public static @Nullable CachedAnswer as(CachedAnswer answer, InferenceRequest request) {
    Form wanted = Form.wanted(request.info());
    boolean usage = request.info().traits().includeUsage();
    if (Form.of(answer) == wanted) {
      return wanted == Form.WHOLE ? answer : StreamUsage.as(answer, usage);
    }
    if (answer.bytes() > MAX_BYTES) {
      return null;
    }
    List<Chunk> chunks;
    try {
      chunks = converted(answer, request.info().operation(), wanted, usage);
    } catch (ClassCastException e) {
      return null; // a member has another type than OpenAI's form gives it
    }
    return chunks == null
        ? null
        : new CachedAnswer(
            answer.servedBy(),
            answer.status(),
            wanted.on(answer.headers()),
            chunks,
            answer.usage(),
            answer.storedAtMillis());
  }

  /** A stream that goes on, without the event that has its usage only. */
  public static TokenStream withoutUsage(TokenStream stream) {
    return StreamUsage.without(stream);
  }

  private static @Nullable List<Chunk> converted(
      CachedAnswer answer, Operation operation, Form wanted, boolean usage) {
    if (wanted == Form.WHOLE) {
      Chunk whole = WholeFromStream.of(operation, answer.chunks(), answer.usage());
      return whole == null ? null : List.of(whole);
    }
    return answer.chunks().size() == 1
        ? StreamFromWhole.of(operation, answer.chunks().get(0), usage)
        : null;
  }
}
