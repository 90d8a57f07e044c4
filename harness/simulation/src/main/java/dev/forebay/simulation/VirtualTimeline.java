package dev.forebay.simulation;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Time that passes only when nothing is left to do now: a queue of events ordered by time, then by
 * the order of scheduling. One thread runs them all, so a run repeats exactly.
 */
public final class VirtualTimeline implements Timeline {

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final long epochMillisAtStart;
  private long now;
  private long sequence;
  private int live;

  /** A timeline that starts at 0 ns, at 2026-01-05 00:00 UTC, a Monday. */
  public VirtualTimeline() {
    this(1_767_571_200_000L);
  }

  /** A timeline that starts at 0 ns, at a wall-clock time in milliseconds since 1970 UTC. */
  public VirtualTimeline(long epochMillisAtStart) {
    this.epochMillisAtStart = epochMillisAtStart;
  }

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public long epochMillis() {
    return epochMillisAtStart + now / 1_000_000;
  }

  @Override
  public Registration after(long delayNanos, Runnable action) {
    long time = now + Math.max(0, delayNanos);
    Event event = new Event(time < 0 ? Long.MAX_VALUE : time, sequence++, action);
    events.add(event);
    live++;
    return event;
  }

  @Override
  public void execute(Runnable action) {
    action.run();
  }

  /** Runs events until none is left. An exception of an event is thrown here. */
  public void run() {
    runUntil(Long.MAX_VALUE);
  }

  /** Runs the events up to a time in nanoseconds, and moves on to that time. */
  public void runUntil(long nanos) {
    Event event = events.peek();
    while (event != null && event.time <= nanos) {
      events.poll();
      Runnable action = event.take();
      if (action != null) {
        now = event.time;
        action.run();
      }
      event = events.peek();
    }
    if (nanos != Long.MAX_VALUE) {
      now = Math.max(now, nanos);
    }
  }

  /** How many events are scheduled and not taken back. */
  public int pending() {
    return live;
  }

  private final class Event implements Registration, Comparable<Event> {
    private final long time;
    private final long sequence;
    private @Nullable Runnable action;

    Event(long time, long sequence, Runnable action) {
      this.time = time;
      this.sequence = sequence;
      this.action = action;
    }

    @Nullable Runnable take() {
      Runnable taken = action;
      cancel();
      return taken;
    }

    @Override
    public void cancel() {
      if (action != null) {
        action = null;
        live--;
      }
    }

    @Override
    public int compareTo(Event other) {
      return time != other.time
          ? Long.compare(time, other.time)
          : Long.compare(sequence, other.sequence);
    }
  }
}
