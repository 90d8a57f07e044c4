package dev.forebay.simulation.http;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;

/** Another timeline, from now on, whose time runs faster or slower. */
final class ScaledTimeline implements Timeline {

  private final Timeline real;
  private final double scale;
  private final long originNanos;
  private final long originMillis;

  /** A timeline that runs {@code scale} times as fast. */
  ScaledTimeline(Timeline real, double scale) {
    this.real = real;
    this.scale = scale;
    this.originNanos = real.nanos();
    this.originMillis = real.epochMillis();
  }

  @Override
  public long nanos() {
    return (long) ((real.nanos() - originNanos) * scale);
  }

  @Override
  public long epochMillis() {
    return originMillis + nanos() / 1_000_000;
  }

  @Override
  public Registration after(long delayNanos, Runnable action) {
    return real.after((long) Math.ceil(delayNanos / scale), action);
  }

  @Override
  public void execute(Runnable action) {
    real.execute(action);
  }

  @Override
  public void check() {
    real.check();
  }
}
