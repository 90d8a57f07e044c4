package dev.forebay.simulation;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Which question a simulated answer answers: every event of it carries this in its {@code id}, as a
 * real answer's text would show it. An answer that reaches another caller is thereby told apart
 * from one that is right.
 *
 * @param scope of the tenant whose question it was
 * @param question the prompt with all that changes its answer
 */
public record AnswerIdentity(int scope, long question) {

  private static final String PREFIX = "simulated-";
  private static final byte[] MARK = ("\"id\":\"" + PREFIX).getBytes(StandardCharsets.US_ASCII);
  private static final int SCOPE_DIGITS = 8;
  private static final int QUESTION_DIGITS = 16;
  private static final int DIGITS = SCOPE_DIGITS + 1 + QUESTION_DIGITS;

  /** As the {@code id} of an answer. */
  public String id() {
    HexFormat hex = HexFormat.of();
    return PREFIX + hex.toHexDigits(scope) + "-" + hex.toHexDigits(question);
  }

  /** The identity that a piece of an answer carries; null if it carries none. */
  public static @Nullable AnswerIdentity in(Buffer data) {
    int at = afterMark(data);
    if (at < 0 || at + DIGITS > data.length()) {
      return null;
    }
    try {
      String digits = data.getString(at, at + DIGITS);
      return new AnswerIdentity(
          HexFormat.fromHexDigits(digits, 0, SCOPE_DIGITS),
          HexFormat.fromHexDigitsToLong(digits, SCOPE_DIGITS + 1, DIGITS));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static int afterMark(Buffer data) {
    int last = data.length() - MARK.length;
    for (int from = 0; from <= last; from++) {
      int same = 0;
      while (same < MARK.length && data.getByte(from + same) == MARK[same]) {
        same++;
      }
      if (same == MARK.length) {
        return from + same;
      }
    }
    return -1;
  }
}
