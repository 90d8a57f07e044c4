package dev.forebay.spi.metrics;

import java.util.function.DoubleSupplier;

/** A figure that rises and falls, and is asked for when somebody reads it. */
@FunctionalInterface
public interface Gauge {

  /**
   * Says how the figure is read, once.
   *
   * @param value asked on the plugin's timeline, at any time; NaN if there is no figure
   * @throws IllegalArgumentException if that was said before
   */
  void set(DoubleSupplier value);
}
