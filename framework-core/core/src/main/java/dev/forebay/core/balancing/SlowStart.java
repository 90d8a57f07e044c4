package dev.forebay.core.balancing;

import dev.forebay.spi.Timeline;
import java.time.Duration;

/**
 * The ramp of one endpoint's weight after it joined a running pool or recovered: its caches are
 * cold, and the full share at once would put it down again. The share grows linearly from a least
 * one to 1 (Envoy's slow start with an aggression of 1, nginx's {@code slow_start}). Reading it
 * allocates nothing.
 */
final class SlowStart {

  private final Timeline timeline;
  private final long windowNanos;
  private final double leastShare;
  private long beganNanos;
  private boolean ramping;

  SlowStart(Timeline timeline, Duration window, double leastShare) {
    this.timeline = timeline;
    this.windowNanos = window.toNanos();
    this.leastShare = leastShare;
  }

  /** The ramp begins at a time, which may be in the future: until then it is at its least. */
  void begin(long atNanos) {
    if (windowNanos > 0) {
      beganNanos = atNanos;
      ramping = true;
    }
  }

  /** Whether the weight is still less than whole. */
  boolean ramping() {
    return share() < 1;
  }

  /** The share of its weight that an endpoint has now, above 0, at most 1. */
  double share() {
    if (!ramping) {
      return 1;
    }
    double done = (double) (timeline.nanos() - beganNanos) / windowNanos;
    if (done >= 1) {
      ramping = false;
      return 1;
    }
    return Math.max(leastShare, done);
  }
}
