package dev.forebay.edge.http;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a request's head: the length of the body that they tell, and which of them may come
 * once only.
 */
final class FramingFields {

  private static final int MAX_LENGTH_DIGITS = 18;

  /** Fields that name one thing: of two, each program takes another. */
  private static final List<String> SINGLE =
      List.of(
          "host",
          "content-length",
          "content-type",
          "content-encoding",
          "transfer-encoding",
          "authorization",
          "expect");

  private static final int HOST_FIELD = SINGLE.indexOf("host");
  private static final String OWN = "x-forebay-";
  private static final String UPGRADE = "upgrade";

  private final Set<String> seenOwn = new HashSet<>();
  private int field = -1;
  private int seen;
  private boolean chunked;
  private boolean upgrade;
  private long length = -1;

  /** A head begins. */
  void begin() {
    chunked = false;
    upgrade = false;
    length = -1;
    seen = 0;
    if (!seenOwn.isEmpty()) {
      seenOwn.clear();
    }
  }

  /**
   * A field begins.
   *
   * @param name in lower case
   * @param inTrailer whether it stands after the body
   * @return what is wrong with that; null if nothing is
   */
  @Nullable String named(StringBuilder name, boolean inTrailer) {
    field = indexOf(SINGLE, name);
    upgrade |= UPGRADE.contentEquals(name);
    boolean own = name.indexOf(OWN) == 0;
    if (field < 0 && !own) {
      boolean alike = name.indexOf("_") >= 0 && SINGLE.contains(name.toString().replace('_', '-'));
      return alike ? "a field " + name : null; // some servers take it for the one with a hyphen
    }
    boolean again = own ? !seenOwn.add(name.toString()) : (seen & 1 << field) != 0;
    seen |= own ? 0 : 1 << field;
    return inTrailer ? name + " after the body" : again ? "two fields " + name : null;
  }

  /** Which of some words a word is; -1 if none. */
  static int indexOf(List<String> words, CharSequence word) {
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).contentEquals(word)) {
        return i;
      }
    }
    return -1;
  }

  /** Whether the value of the last field counts. */
  boolean counts() {
    return field >= 0;
  }

  /** The name of the last field, if its value counts. */
  String name() {
    return SINGLE.get(field);
  }

  /** The value of the last field ends; returns what is wrong with it, null if nothing is. */
  @Nullable String valued(String value) {
    return switch (name()) {
      case "host" -> Octets.isHost(value) ? null : "a bad Host";
      case "content-length" -> wrongLength(value);
      case "transfer-encoding" -> {
        chunked = true;
        yield value.equalsIgnoreCase("chunked") ? null : "Transfer-Encoding other than chunked";
      }
      case "expect" -> value.equalsIgnoreCase("100-continue") ? null : "an unknown Expect";
      default -> null;
    };
  }

  private @Nullable String wrongLength(String value) {
    if (value.isEmpty()
        || !Octets.areDigits(value)
        || value.length() > MAX_LENGTH_DIGITS
        || (value.length() > 1 && value.charAt(0) == '0')) {
      return "a bad Content-Length";
    }
    length = Long.parseLong(value);
    return null;
  }

  /** The head of a request, perhaps of version 1.0, ends; returns what is wrong with the whole. */
  @Nullable String ended(boolean old) {
    if (chunked && length >= 0) {
      return "both Content-Length and Transfer-Encoding";
    }
    if (chunked && old) {
      return "Transfer-Encoding in a request of version 1.0";
    }
    return (seen & 1 << HOST_FIELD) != 0 || old ? null : "no Host";
  }

  /** Whether chunks follow. */
  boolean chunked() {
    return chunked;
  }

  /** The length of the body; -1 if none is said. */
  long length() {
    return length;
  }

  /** Whether another protocol is offered. */
  boolean offersUpgrade() {
    return upgrade;
  }
}
