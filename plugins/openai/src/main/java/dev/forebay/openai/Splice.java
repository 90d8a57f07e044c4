package dev.forebay.openai;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Insertions into a body. All other bytes stay as they are: a body that is serialised anew loses
 * the provider's own prefix cache.
 */
final class Splice {

  /** The beginning of an escaped character: a name that has one is not found as it is. */
  private static final String ESCAPE = "\\u00";

  private Splice() {}

  /** Whether a body may have an ASCII name in it. The JDK's search is quicker than any loop. */
  static boolean mayContain(byte[] body, String name) {
    String text = new String(body, StandardCharsets.ISO_8859_1);
    return text.contains(name) || text.contains(ESCAPE);
  }

  /**
   * A body with one more member at its end, where a prefix cache does not mind it.
   *
   * @param member with its name
   * @return null where it is certain that this is no object in UTF-8
   */
  static @Nullable Buffer atTheEnd(byte[] body, String member) {
    int close = body.length - 1;
    while (close >= 0 && blank(body[close])) {
      close--;
    }
    int before = close - 1;
    while (before >= 0 && blank(body[before])) {
      before--;
    }
    if (before < 0 || body[close] != '}' || body[0] == 0 || body[1] == 0) { // 0: not UTF-8
      return null;
    }
    return of(body, close, close, (body[before] == '{' ? "" : ",") + member);
  }

  /** A body in which some bytes give way to a text. */
  static Buffer of(byte[] body, int from, int to, String text) {
    return Buffer.buffer(body.length + text.length())
        .appendBytes(body, 0, from)
        .appendString(text)
        .appendBytes(body, to, body.length - to);
  }

  private static boolean blank(byte octet) {
    return octet == ' ' || octet == '\n' || octet == '\r' || octet == '\t';
  }
}
