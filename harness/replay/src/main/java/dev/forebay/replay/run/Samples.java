package dev.forebay.replay.run;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/** Measured durations, in nanoseconds, kept one by one. */
final class Samples {

  private long[] nanos = new long[1024];
  private int size;

  void add(long value) {
    if (size == nanos.length) {
      nanos = Arrays.copyOf(nanos, size * 2);
    }
    nanos[size++] = value;
  }

  /** Mean and percentiles, in milliseconds; all NaN if there is no sample. */
  Distribution distribution() {
    if (size == 0) {
      return Distribution.NONE;
    }
    long[] sorted = Arrays.copyOf(nanos, size);
    Arrays.sort(sorted);
    double sum = 0;
    for (long value : sorted) {
      sum += value;
    }
    return new Distribution(
        sum / size / 1e6, rank(sorted, 0.5), rank(sorted, 0.9), rank(sorted, 0.99));
  }

  /** In buckets. */
  Spread spread() {
    SortedMap<Integer, Long> counts = new TreeMap<>();
    for (int i = 0; i < size; i++) {
      counts.merge(Spread.bucket(nanos[i] / 1e6), 1L, Long::sum);
    }
    return new Spread(counts);
  }

  /** Mean, median, standard deviation and 99th percentile, in milliseconds. */
  BenchmarkFigures.Spread deviation() {
    Distribution known = distribution();
    double squares = 0;
    for (int i = 0; i < size; i++) {
      double off = nanos[i] / 1e6 - known.mean();
      squares += off * off;
    }
    double deviation = size == 0 ? 0 : Math.sqrt(squares / size);
    return new BenchmarkFigures.Spread(known.mean(), known.p50(), deviation, known.p99());
  }

  private static double rank(long[] sorted, double quantile) {
    return sorted[(int) Math.min(sorted.length - 1, Math.ceil(quantile * sorted.length) - 1)] / 1e6;
  }
}
