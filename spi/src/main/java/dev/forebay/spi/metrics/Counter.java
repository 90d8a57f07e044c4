package dev.forebay.spi.metrics;

/** A number that only grows: a metric in production, a column of the report in a replay. */
@FunctionalInterface
public interface Counter {

  /** Adds to it; at least 0. Safe from any thread. */
  void add(long amount);

  /** Adds one. */
  default void increment() {
    add(1);
  }
}
