package dev.forebay.limiting.gradient2;

/**
 * The arithmetic of {@code Gradient2Limit}: the limit is multiplied with long-term over short-term
 * latency (times the tolerance, between a half and one), and what may queue is added.
 *
 * <p>The long-term latency is the mean of the first {@value #WARM_UP} windows, then exponentially
 * smoothed over windows in which there was no queue: those with less than half of the limit in use.
 * If it is more than twice the short-term one an overload has just ended, and it falls faster.
 * While less than half of the limit is used, latency says nothing about the limit, and it stays.
 */
final class Gradient {

  private static final int WARM_UP = 10;
  private static final double LEAST = 0.5;
  private static final double FALL = 0.95;

  private final Gradient2 options;
  private final double factor;
  private double limit;
  private double longLatency;
  private int windows;

  Gradient(Gradient2 options, int initial) {
    this.options = options;
    this.factor = 2.0 / (options.longWindow() + 1);
    this.limit = initial;
  }

  /** Between the least and the most that options allow. */
  int limit() {
    return (int) limit;
  }

  /** In nanoseconds; 0 before the first window. */
  double longLatency() {
    return longLatency;
  }

  /**
   * Learns from a window without overload.
   *
   * @param latency the mean of the window, in nanoseconds, above 0
   * @param inFlight the most requests that were under way when one of it began
   * @return whether half of the limit was used
   */
  boolean update(double latency, int inFlight) {
    boolean used = inFlight >= limit / 2;
    if (!used || windows < WARM_UP) {
      withoutQueue(latency, 1);
    }
    if (longLatency > 2 * latency) {
      longLatency *= FALL;
    }
    if (!used) {
      return false;
    }
    double gradient = options.tolerance() * longLatency / latency;
    gradient = Math.max(LEAST, Math.min(1, gradient));
    double next = limit * gradient + queueSize();
    set(limit + (next - limit) * options.smoothing());
    return true;
  }

  /**
   * Learns what the latency is without a queue.
   *
   * @param latency in nanoseconds, above 0
   * @param weight windows that it stands for
   */
  void withoutQueue(double latency, int weight) {
    windows = Math.min(windows + 1, WARM_UP + 1);
    double part = windows > WARM_UP ? 1 - Math.pow(1 - factor, weight) : 1.0 / windows;
    longLatency += (latency - longLatency) * part;
  }

  /**
   * Learns from a window in which the upstream reported overload: the more of its answers did, the
   * further the limit backs off. One broken endpoint of many must not starve the others.
   *
   * @param share of the window's answers that reported it, above 0, to 1
   */
  void congested(double share) {
    set(limit * (1 - (1 - options.backoff()) * share));
  }

  private double queueSize() {
    return switch (options.queueSize()) {
      case FIXED -> options.queue();
      case SQUARE_ROOT -> Math.max(options.queue(), Math.sqrt(limit));
    };
  }

  private void set(double next) {
    limit = Math.max(options.min(), Math.min(options.max(), next));
  }
}
