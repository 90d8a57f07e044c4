package dev.forebay.jobs;

import dev.forebay.spi.Headers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a caller prefers, as RFC 7240 writes it: {@code Prefer: respond-async, wait=10}.
 *
 * @param patience how long the caller would wait for an answer first; zero if not at all
 */
record Preference(Duration patience) {

  private static final long MOST_SECONDS = 86_400;
  private static final int LONGEST = 9;

  /** Null if the caller wants its answer now. Other preferences are left alone. */
  static @Nullable Preference of(Headers headers) {
    Map<String, String> first = new LinkedHashMap<>(); // the RFC has the first of a name count
    for (Map.Entry<String, String> header : headers.entries()) {
      if (header.getKey().equalsIgnoreCase("prefer")) {
        for (String each : parts(header.getValue(), ',')) {
          String preference = parts(each, ';').getFirst();
          int equals = preference.indexOf('=');
          String name = equals < 0 ? preference : preference.substring(0, equals);
          String value = equals < 0 ? "" : unquoted(preference.substring(equals + 1).strip());
          first.putIfAbsent(name.strip().toLowerCase(Locale.ROOT), value);
        }
      }
    }
    return first.getOrDefault("respond-async", "no").isEmpty()
        ? new Preference(Duration.ofSeconds(seconds(first.getOrDefault("wait", ""))))
        : null;
  }

  /** What is between separators that are not in quotes. */
  private static List<String> parts(String text, char separator) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        parts.add(text.substring(from, i));
        from = i + 1;
      }
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static String unquoted(String value) {
    return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
        ? value.substring(1, value.length() - 1)
        : value;
  }

  /** What cannot be read is ignored, as the RFC asks. */
  private static long seconds(String number) {
    if (!number.matches("[0-9]++")) {
      return 0;
    }
    return number.length() > LONGEST
        ? MOST_SECONDS
        : Math.min(Long.parseLong(number), MOST_SECONDS);
  }
}
