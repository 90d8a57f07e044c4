package dev.forebay.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** Texts of strangers as messages show them. */
final class Text {

  /** Characters below which somebody can guess a secret, and words may hold it by chance. */
  private static final int GUESSED = 8;

  private Text() {}

  /**
   * A text whose words do not tell who asks: of a URL neither user and password nor the query are
   * left, of {@code USER:PASSWORD@HOST} the host.
   */
  static String masked(String text) {
    if (text.indexOf('@') < 0 && text.indexOf("://") < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    int from = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || Character.isWhitespace(text.charAt(i))) {
        out.append(maskedWord(text.substring(from, i)));
        out.append(text, i, Math.min(i + 1, text.length()));
        from = i + 1;
      }
    }
    return out.toString();
  }

  private static String maskedWord(String word) {
    int scheme = word.indexOf("://");
    int begin = scheme < 0 ? 0 : scheme + 3;
    int at = word.lastIndexOf('@');
    boolean user = at > begin && (scheme >= 0 || word.lastIndexOf(':', at) >= 0);
    String shown = user ? word.substring(0, begin) + "***" + word.substring(at) : word;
    int query = scheme < 0 ? -1 : shown.indexOf('?', begin);
    return query < 0 ? shown : shown.substring(0, query) + "?***";
  }

  /**
   * A text with {@code ***} for each secret in it. One of less than {@value #GUESSED} characters is
   * masked only if it stands alone, with no letter and no digit beside it: within other words it is
   * no secret, but a part of them.
   */
  static String without(Collection<String> secrets, String text) {
    List<String> longestFirst = new ArrayList<>(secrets); // one may be the beginning of another
    longestFirst.sort(Comparator.comparingInt(String::length).reversed());
    String shown = text;
    for (String secret : longestFirst) {
      String whole = Pattern.quote(secret);
      String alone = "(?<![\\p{L}\\p{N}])" + whole + "(?![\\p{L}\\p{N}])";
      shown = shown.replaceAll(secret.length() < GUESSED ? alone : whole, "***");
    }
    return shown;
  }

  /** One line without control characters, cut to so many characters. */
  static String printable(String text, int atMost) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && i < atMost; i++) {
      append(out, text.charAt(i));
    }
    return text.length() > atMost ? out.append('…').toString() : out.toString();
  }

  private static void append(StringBuilder out, char c) {
    switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          out.append(c == '\n' ? "\\n" : String.format("\\u%04x", (int) c));
      default -> out.append(c);
    }
  }

  /** Sorted copies for lists of names. */
  static List<String> sorted(Collection<String> names) {
    List<String> sorted = new ArrayList<>(names);
    sorted.sort(null);
    return sorted;
  }
}
