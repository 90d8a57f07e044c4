package dev.forebay.spi.options;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the scalars that options take. Each method gives null if the text is something else. */
public final class Scalars {

  private static final int LONGEST = 64;
  private static final Pattern WHOLE = Pattern.compile("[-+]?[0-9]+");
  private static final Pattern REAL =
      Pattern.compile("[-+]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?");
  private static final Pattern QUANTITY = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)([A-Za-z]+)");

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
    return WHOLE.matcher(text).matches() ? whole(text) : quantity(text, Scalars::bytesOf);
  }

  /** Not negative, and at most what a long holds in nanoseconds. */
  static @Nullable Duration duration(String text) {
    if (text.startsWith("P") && text.length() <= LONGEST) {
      return isoDuration(text);
    }
    Long nanos = quantity(text, Scalars::nanosOf);
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

  /** A time unit in nanoseconds; 0 if there is none of this name. */
  private static long nanosOf(String unit) {
    return switch (unit) {
      case "ns" -> 1L;
      case "us" -> 1_000L;
      case "ms" -> 1_000_000L;
      case "s" -> 1_000_000_000L;
      case "m" -> 60_000_000_000L;
      case "h" -> 3_600_000_000_000L;
      case "d" -> 86_400_000_000_000L;
      default -> 0;
    };
  }

  /** A unit of size in bytes; 0 if there is none of this name. */
  private static long bytesOf(String unit) {
    return switch (unit) {
      case "B" -> 1L;
      case "KiB" -> 1L << 10;
      case "MiB" -> 1L << 20;
      case "GiB" -> 1L << 30;
      case "TiB" -> 1L << 40;
      default -> 0;
    };
  }

  private static @Nullable Long quantity(String text, ToLongFunction<String> units) {
    Matcher matcher = QUANTITY.matcher(text);
    if (text.length() > LONGEST || !matcher.matches()) {
      return null;
    }
    long unit = units.applyAsLong(matcher.group(2));
    if (unit == 0) {
      return null;
    }
    try {
      return new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)).longValueExact();
    } catch (ArithmeticException tooLargeOrTooFine) {
      return null;
    }
  }
}
