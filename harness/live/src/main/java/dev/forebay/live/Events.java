package dev.forebay.live;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What the pieces of an answer say: events of a stream, or a whole body. Content is told from
 * preludes, keep-alives and trailers as vLLM's benchmark does: an event with a text.
 */
final class Events {

  /** Bytes of one event, or of a whole answer, at most. */
  private static final int LONGEST = 64 << 20;

  private final boolean stream;
  private final @Nullable String expected;
  private final StringBuilder held = new StringBuilder();
  private int contents;
  private int tokens;
  private boolean usage;
  private boolean done;
  private @Nullable String error;
  private boolean foreign;

  Events(boolean stream, @Nullable String expected) {
    this.stream = stream;
    this.expected = expected;
  }

  /**
   * Reads a piece.
   *
   * @return how many contents it ended
   * @throws IllegalStateException if an event is too long
   */
  int read(ByteBuf piece) {
    held.append(piece.toString(StandardCharsets.ISO_8859_1));
    if (held.length() > LONGEST) {
      throw new IllegalStateException("an event of more than " + LONGEST + " bytes");
    }
    int before = contents;
    if (stream) {
      int begin = 0;
      for (int end = held.indexOf("\n\n"); end >= 0; end = held.indexOf("\n\n", begin)) {
        event(held.substring(begin, end));
        begin = end + 2;
      }
      held.delete(0, begin);
    }
    return contents - before;
  }

  /** The answer is complete: a whole one is read now. */
  void end() {
    if (!stream) {
      event("data: " + held.toString().trim());
      done = contents > 0;
    }
  }

  private void event(String event) {
    int at = event.indexOf("data:");
    if (at < 0) {
      return; // a comment: a keep-alive
    }
    if (event.startsWith("[DONE]", at + 5 + (event.startsWith(" ", at + 5) ? 1 : 0))) {
      done = true;
    } else if (event.contains("\"error\":{")) {
      error = text(event, "\"code\":\"");
      error = error == null ? "error_event" : error;
    } else {
      content(event);
    }
  }

  private void content(String event) {
    int count = event.lastIndexOf("\"completion_tokens\":");
    if (count >= 0) {
      usage = true;
      tokens = number(event, count + "\"completion_tokens\":".length());
    }
    if (hasText(event, "\"content\":\"")
        || hasText(event, "\"text\":\"")
        || hasText(event, "\"reasoning_content\":\"")
        || hasText(event, "\"reasoning\":\"")) {
      contents++;
      String id = expected == null ? null : text(event, "\"id\":\"");
      foreign |= expected != null && !expected.equals(id);
    }
  }

  private static boolean hasText(String event, String key) {
    int at = event.indexOf(key);
    return at >= 0 && at + key.length() < event.length() && event.charAt(at + key.length()) != '"';
  }

  private static @Nullable String text(String event, String key) {
    int at = event.indexOf(key);
    int end = at < 0 ? -1 : event.indexOf('"', at + key.length());
    return end < 0 ? null : event.substring(at + key.length(), end);
  }

  private static int number(String event, int from) {
    long value = 0;
    int at = from;
    while (at < event.length() && Character.isDigit(event.charAt(at)) && value < 1L << 31) {
      value = value * 10 + event.charAt(at++) - '0';
    }
    return (int) Math.min(Integer.MAX_VALUE, value);
  }

  /** Whether the answer came to its end: {@code [DONE]}, or a whole body with a text. */
  boolean done() {
    return done;
  }

  /** The code of an error event; null without one. */
  @Nullable String error() {
    return error;
  }

  /** Whether some content belongs to another answer than the expected one. */
  boolean foreign() {
    return foreign;
  }

  /** Contents so far. */
  int contents() {
    return contents;
  }

  /** Tokens of the answer: by its usage, or else one for each content. */
  int tokens() {
    return usage ? tokens : contents;
  }

  /** Whether {@link #tokens} are those of the usage. */
  boolean fromUsage() {
    return usage;
  }
}
