package dev.forebay.spi.options;

import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What numbers an option admits.
 *
 * @param min the least one
 * @param max the greatest one
 * @param exclusiveMin whether the least one itself is out of bounds
 */
public record Bounds(double min, double max, boolean exclusiveMin) {

  /** No bounds. */
  public static final Bounds NONE =
      new Bounds(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, false);

  static Bounds of(@Nullable Range range) {
    return range == null ? NONE : new Bounds(range.min(), range.max(), range.exclusiveMin());
  }

  /** Whether a number is within the bounds. */
  public boolean admit(double value) {
    return (exclusiveMin ? value > min : value >= min) && value <= max;
  }

  /** A whole number as the type that an option has; null if it is out of bounds. */
  @Nullable Object fit(@Nullable Long value, boolean isLong) {
    if (value == null || !admit(value) || (!isLong && value.intValue() != value)) {
      return null;
    }
    return isLong ? (Object) value : (Object) value.intValue();
  }

  /** Such as {@code " > 0"}, {@code " from 1B to 64MiB"}; empty where everything is admitted. */
  String describe(DoubleFunction<String> unit) {
    boolean low = min > Double.NEGATIVE_INFINITY;
    boolean high = max < Double.POSITIVE_INFINITY;
    if (low && high && !exclusiveMin) {
      return " from " + unit.apply(min) + " to " + unit.apply(max);
    }
    String from = low ? (exclusiveMin ? " > " : " >= ") + unit.apply(min) : "";
    String to = high ? " <= " + unit.apply(max) : "";
    return low && high ? from + " and" + to : from + to;
  }
}
