package dev.forebay.edge.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Which octets may stand where in the head of a request (RFC 9110, RFC 9112, RFC 3986). */
public final class Octets {

  /** In methods and names of fields. */
  static final boolean[] TOKEN = characters("!#$%&'*+-.^_`|~");

  /** In targets. */
  static final boolean[] PATH = characters("/-._~!$&'()*+,;=:@%?[]");

  /** In values: all but the tab, which counts in some fields. */
  static final boolean[] VALUE = valueCharacters();

  private static final boolean[] HOST = characters("-._~!$&'()*+;=:%[]");
  private static final boolean[] DIGIT = digits();

  private Octets() {}

  /** Whether a {@code Host} has the characters of a name or an address, and perhaps a port. */
  public static boolean isHost(String value) {
    return consists(value, HOST);
  }

  /** Whether a text has decimal digits only. */
  static boolean areDigits(String text) {
    return consists(text, DIGIT);
  }

  private static boolean consists(String text, boolean[] of) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= of.length || !of[text.charAt(i)]) {
        return false;
      }
    }
    return true;
  }

  private static boolean[] valueCharacters() {
    boolean[] these = new boolean[256];
    Arrays.fill(these, ' ', these.length, true);
    these[0x7F] = false;
    return these;
  }

  private static boolean[] digits() {
    boolean[] these = new boolean[256];
    Arrays.fill(these, '0', '9' + 1, true);
    return these;
  }

  /** ASCII letters, digits and these marks. */
  private static boolean[] characters(String marks) {
    boolean[] these = new boolean[256];
    for (byte mark : marks.getBytes(StandardCharsets.US_ASCII)) {
      these[mark] = true;
    }
    Arrays.fill(these, '0', '9' + 1, true);
    Arrays.fill(these, 'a', 'z' + 1, true);
    Arrays.fill(these, 'A', 'Z' + 1, true);
    return these;
  }
}
