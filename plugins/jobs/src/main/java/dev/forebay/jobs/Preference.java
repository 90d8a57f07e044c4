package dev.forebay.jobs;

import dev.forebay.spi.Headers;
import java.time.Duration;
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

  /** Null if the caller wants its answer now. Other preferences are left alone. */
  static @Nullable Preference of(Headers headers) {
    boolean async = false;
    long seconds = 0;
    for (Map.Entry<String, String> header : headers.entries()) {
      if (header.getKey().equalsIgnoreCase("prefer")) {
        for (String each : header.getValue().split(",")) {
          String preference = each.strip().toLowerCase(Locale.ROOT);
          async |= preference.equals("respond-async");
          seconds = preference.startsWith("wait=") ? seconds(preference) : seconds;
        }
      }
    }
    return async ? new Preference(Duration.ofSeconds(seconds)) : null;
  }

  /** What cannot be read is ignored, as the RFC asks. */
  private static long seconds(String preference) {
    String number = preference.substring("wait=".length()).strip();
    return number.matches("[0-9]{1,9}") ? Math.min(Long.parseLong(number), MOST_SECONDS) : 0;
  }
}
