package dev.forebay.simulation;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;

/**
 * Tells a server of its crashes. While it is idle there is no timer: crashes are looked up when the
 * next request comes.
 */
final class CrashWatch {

  private final Timeline timeline;
  private final FaultPlan plan;
  private final Runnable crash;
  private Registration timer = Registration.NONE;
  private boolean watching;
  private long next;

  CrashWatch(Timeline timeline, FaultPlan plan, Runnable crash) {
    this.timeline = timeline;
    this.plan = plan;
    this.crash = crash;
    this.next = plan.nextCrash(timeline.nanos() - 1);
  }

  /** A request is under way. */
  void begin() {
    if (!watching && next != FaultPlan.NEVER) {
      watching = true;
      timer = timeline.after(next - timeline.nanos(), this::catchUp);
    }
  }

  /** None is under way. */
  void end() {
    watching = false;
    timer.cancel();
  }

  /** Tells of the crashes that are due. */
  void catchUp() {
    long now = timeline.nanos();
    while (next <= now) {
      next = plan.nextCrash(next);
      crash.run();
    }
  }
}
