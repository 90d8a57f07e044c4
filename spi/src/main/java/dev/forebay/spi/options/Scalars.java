package dev.forebay.spi.options;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the scalars that options take. Each method gives null where the text is something else. */
public final class Scalars {

  private static final int LONGEST = 64;
  private static final Pattern WHOLE = Pattern.compile("[-+]?[0-9]+");
  private static final Pattern REAL =
      Pattern.compile("[-+]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?");
  private static final Pattern QUANTITY = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)([A-Za-z]+)");
  private static final Map<String, Long> NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L,
          "d", 86_400_000_000_000L);
  private static final Map<String, Long> BYTES =
      Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40);

  private Scalars() {}

  /** Whether a text is a number without a unit. */
  public static boolean isNumber(String text) {
    return text.length() <= LONGEST && REAL.matcher(text).matches();
  }

  /** {@code true} or {@code false}. */
  static @Nullable Boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> null;
    };
  }

  /** A whole number. */
  static @Nullable Long whole(String text) {
    if (text.length() > LONGEST || !WHOLE.matcher(text).matches()) {
      return null;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException tooLarge) {
      return null;
    }
  }

  /** Finite numbers only. */
  static @Nullable Double real(String text) {
    if (!isNumber(text)) {
      return null;
    }
    double value = Double.parseDouble(text);
    return Double.isFinite(value) ? value : null;
  }

  /** A whole number of bytes: plain, or with a binary unit. */
  static @Nullable Long bytes(String text) {
    return WHOLE.matcher(text).matches() ? whole(text) : quantity(text, BYTES);
  }

  /** Not negative, and at most what a long holds in nanoseconds. */
  static @Nullable Duration duration(String text) {
    if (text.startsWith("P") && text.length() <= LONGEST) {
      return isoDuration(text);
    }
    Long nanos = quantity(text, NANOS);
    return nanos == null ? null : Duration.ofNanos(nanos);
  }

  private static @Nullable Duration isoDuration(String text) {
    try {
      Duration duration = Duration.parse(text);
      return duration.isNegative() ? null : Duration.ofNanos(duration.toNanos());
    } catch (DateTimeParseException | ArithmeticException e) {
      return null;
    }
  }

  private static @Nullable Long quantity(String text, Map<String, Long> units) {
    Matcher matcher = QUANTITY.matcher(text);
    if (text.length() > LONGEST || !matcher.matches()) {
      return null;
    }
    Long unit = units.get(matcher.group(2));
    if (unit == null) {
      return null;
    }
    try {
      return new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)).longValueExact();
    } catch (ArithmeticException tooLargeOrTooFine) {
      return null;
    }
  }
}
