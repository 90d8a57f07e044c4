package dev.forebay.spi.metrics;

/**
 * How often a figure was how large: latencies, waits, tokens. Its {@link Buckets} are fixed when it
 * is made, so histograms of several gateways can be added.
 */
@FunctionalInterface
public interface Histogram {

  /**
   * Takes a figure in. From any thread; allocates nothing and does not wait.
   *
   * @param value in the unit that the buckets take: nanoseconds for {@link Buckets#SECONDS}; what
   *     is below 0 counts as 0
   */
  void record(long value);
}
