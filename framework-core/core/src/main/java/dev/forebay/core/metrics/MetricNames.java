package dev.forebay.core.metrics;

import dev.forebay.spi.metrics.Buckets;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rule of {@link dev.forebay.spi.metrics} for names, as a check. */
final class MetricNames {

  private static final Pattern WORDS = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");
  private static final int MAX_LENGTH = 60;

  /** Endings that writers of metrics add. */
  private static final List<String> ADDED =
      List.of("total", "bucket", "sum", "count", "created", "info");

  /** Units that are no base units. */
  private static final List<String> NO_BASE_UNITS =
      List.of(
          "nanos", "micros", "millis", "ms", "minutes", "hours", "days", "kib", "mib", "gib", "kb",
          "mb", "gb", "percent");

  private MetricNames() {}

  /**
   * Checks the name of a metric.
   *
   * @param buckets those of a histogram; null for counters and gauges
   * @throws IllegalArgumentException if it breaks the rule
   */
  static void require(String part, String name, @Nullable Buckets buckets) {
    String expected = mistake(name, buckets);
    if (expected != null) {
      throw new IllegalArgumentException(
          "metric of " + part + ": " + name + " (expected: " + expected + ")");
    }
  }

  private static @Nullable String mistake(String name, @Nullable Buckets buckets) {
    if (!WORDS.matcher(name).matches() || name.length() > MAX_LENGTH) {
      return "lower-case words joined by _, at most " + MAX_LENGTH + " characters";
    }
    String last = name.substring(name.lastIndexOf('_') + 1);
    if (ADDED.contains(last)) {
      return "without _" + last + ", which writers of metrics add";
    }
    if (NO_BASE_UNITS.contains(last)) {
      return "a base unit: seconds, bytes, tokens, or a share of 1";
    }
    if (buckets != null && !last.equals(buckets.unit())) {
      return "_" + buckets.unit() + " at its end, the unit of the buckets";
    }
    return null;
  }
}
