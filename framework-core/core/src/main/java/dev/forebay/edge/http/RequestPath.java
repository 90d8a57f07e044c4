package dev.forebay.edge.http;

import dev.forebay.edge.BadRequest;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the path of a request says. */
final class RequestPath {

  private static final String MODELS = "/models/";

  private RequestPath() {}

  /** A path with single slashes, and without one at its end: clients join URLs carelessly. */
  static String plain(String path) {
    String single = path.indexOf("//") < 0 ? path : path.replaceAll("/{2,}", "/");
    return single.length() > 1 && single.endsWith("/")
        ? single.substring(0, single.length() - 1)
        : single;
  }

  /**
   * The model that a path names, which may hold slashes, as they are or escaped.
   *
   * @param path below {@code /v1/models/} or {@code /models/}, as it was sent
   * @return null if it names none
   * @throws BadRequest 400 if its escapes are no UTF-8
   */
  static @Nullable String model(String path) {
    int at = path.indexOf(MODELS);
    String id = at < 0 ? "" : path.substring(at + MODELS.length());
    return id.isEmpty() ? null : unescaped(id);
  }

  /**
   * A part of a path without its escapes.
   *
   * @throws BadRequest 400 if they are no UTF-8
   */
  static String unescaped(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        int high = digit(text, i + 1);
        int low = digit(text, i + 2);
        if (high < 0 || low < 0) {
          throw malformed();
        }
        bytes.write(16 * high + low);
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    byte[] all = bytes.toByteArray();
    if (!ByteBufUtil.isText(Unpooled.wrappedBuffer(all), StandardCharsets.UTF_8)) {
      throw malformed();
    }
    return new String(all, StandardCharsets.UTF_8);
  }

  private static int digit(String text, int at) {
    return at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
  }

  private static BadRequest malformed() {
    return BadRequest.invalid("model", "the path: expected escapes of UTF-8, such as %2F");
  }

  /**
   * What is wrong with a target: escapes that are none, and steps that some servers take before
   * they look at a path.
   *
   * @return null if nothing is
   */
  static @Nullable String wrong(String target) {
    for (int at = target.indexOf('%'); at >= 0; at = target.indexOf('%', at + 1)) {
      if (at + 2 >= target.length()
          || Character.digit(target.charAt(at + 1), 16) < 0
          || Character.digit(target.charAt(at + 2), 16) < 0
          || target.startsWith("00", at + 1)) {
        return "a bad escape in the target";
      }
    }
    int query = target.indexOf('?');
    String path = query < 0 ? target : target.substring(0, query);
    if (path.indexOf('.') >= 0 || path.indexOf('%') >= 0) {
      String plain = path.toLowerCase(Locale.ROOT).replace("%2e", ".").replace("%2f", "/");
      if ((plain + '/').contains("/./") || (plain + '/').contains("/../")) {
        return "dots in the path";
      }
    }
    return null;
  }
}
