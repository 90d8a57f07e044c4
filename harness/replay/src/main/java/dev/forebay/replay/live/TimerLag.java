package dev.forebay.replay.live;

import dev.forebay.spi.Timeline;

/**
 * How late the timers of an event loop are: by so much a busy machine prolongs each step of a
 * simulated server.
 */
final class TimerLag {

  private static final long TICK_NANOS = 5_000_000;

  private final Timeline timeline;
  private long sumNanos;
  private long ticks;

  private TimerLag(Timeline timeline) {
    this.timeline = timeline;
  }

  /** Measures from now on, until the event loop ends. */
  static TimerLag on(Timeline timeline) {
    TimerLag lag = new TimerLag(timeline);
    timeline.execute(lag::tick);
    return lag;
  }

  private void tick() {
    long due = timeline.nanos() + TICK_NANOS;
    timeline.after(
        TICK_NANOS,
        () -> {
          add(timeline.nanos() - due);
          tick();
        });
  }

  private synchronized void add(long nanos) {
    sumNanos += nanos;
    ticks++;
  }

  /** Forgets what was. */
  synchronized void reset() {
    sumNanos = 0;
    ticks = 0;
  }

  /** The mean since then, in milliseconds; 0 before the first. */
  synchronized double meanMillis() {
    return ticks == 0 ? 0 : sumNanos / 1e6 / ticks;
  }
}
