package dev.forebay.openai;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * When an upstream wants to be asked again: {@code retry-after-ms}, or {@code Retry-After} in
 * seconds or as a date in one of the three forms of RFC 9110, section 5.6.7.
 */
final class RetryAfter {

  /** The longest time that is believed, and told to a caller: 10 minutes. */
  static final long MAX_MILLIS = 600_000;

  private static final String NUMBER = "[0-9]{1,40}(\\.[0-9]{0,40})?";

  /** As in {@code Sunday, 06-Nov-94 08:49:37 GMT}, without the day of the week. */
  private static final DateTimeFormatter RFC_850 =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .appendPattern("d-MMM-")
          .appendValueReduced(ChronoField.YEAR, 2, 2, 1970)
          .appendPattern(" HH:mm:ss' GMT'")
          .toFormatter(Locale.ENGLISH);

  /** As in {@code Sun Nov 6 08:49:37 1994}, without the day of the week. */
  private static final DateTimeFormatter ASCTIME =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .appendPattern("MMM d HH:mm:ss uuuu")
          .toFormatter(Locale.ENGLISH);

  private RetryAfter() {}

  /**
   * How long to wait.
   *
   * @param inMillis the header {@code retry-after-ms}; null if there is none
   * @param after the header {@code Retry-After}; null if there is none
   * @param epochMillis now, for a date
   * @return milliseconds, 0 to {@link #MAX_MILLIS}; -1 if neither header can be read
   */
  static long millis(@Nullable String inMillis, @Nullable String after, long epochMillis) {
    double millis = number(inMillis);
    if (millis >= 0) {
      return bounded(millis);
    }
    double seconds = number(after);
    if (seconds >= 0) {
      return bounded(seconds * 1000);
    }
    return after == null ? -1 : until(after.trim(), epochMillis);
  }

  private static double number(@Nullable String text) {
    String value = text == null ? "" : text.trim();
    return value.matches(NUMBER) ? Double.parseDouble(value) : -1;
  }

  private static long until(String date, long epochMillis) {
    int space = date.indexOf(' ');
    if (space < 0 || date.length() > 64) {
      return -1;
    }
    String rest = date.substring(space).trim().replaceAll(" +", " ");
    long then;
    try {
      then = ZonedDateTime.parse(rest, DateTimeFormatter.RFC_1123_DATE_TIME).toEpochSecond();
    } catch (DateTimeException e) {
      try {
        DateTimeFormatter form = rest.indexOf('-') > 0 ? RFC_850 : ASCTIME;
        then = LocalDateTime.parse(rest, form).toEpochSecond(ZoneOffset.UTC);
      } catch (DateTimeException none) {
        return -1;
      }
    }
    return bounded(then * 1000.0 - epochMillis);
  }

  private static long bounded(double millis) {
    return (long) Math.clamp(millis, 0, MAX_MILLIS);
  }
}
