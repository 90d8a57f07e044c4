package dev.forebay.scaling.predictive;

import java.util.ArrayDeque;
import java.util.Deque;

/** The straight line through the last samples, by least squares. */
final class Trend {

  private static final int MOST = 1_024;
  private static final int LEAST = 4;

  private final long windowNanos;
  private final Deque<Sample> samples = new ArrayDeque<>();

  private record Sample(long atNanos, double value) {}

  Trend(long windowNanos) {
    this.windowNanos = windowNanos;
  }

  void add(long atNanos, double value) {
    samples.addLast(new Sample(atNanos, value));
    while (samples.size() > MOST || samples.getFirst().atNanos() < atNanos - windowNanos) {
      samples.removeFirst();
    }
  }

  /** The value of the line some time after the last sample, at least 0; NaN of too few samples. */
  double ahead(long nanos) {
    if (samples.size() < LEAST) {
      return Double.NaN;
    }
    long last = samples.getLast().atNanos();
    double n = samples.size();
    double x = 0;
    double y = 0;
    double xx = 0;
    double xy = 0;
    for (Sample sample : samples) {
      double at = (sample.atNanos() - last) / 1e9;
      x += at;
      y += sample.value();
      xx += at * at;
      xy += at * sample.value();
    }
    double spread = n * xx - x * x;
    double slope = spread == 0 ? 0 : (n * xy - x * y) / spread;
    return Math.max(0, (y - slope * x) / n + slope * nanos / 1e9);
  }
}
