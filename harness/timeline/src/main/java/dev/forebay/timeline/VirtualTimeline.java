package dev.forebay.timeline;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Time that passes only when nothing is left to do now: a queue of events ordered by time, then by
 * the order of scheduling. One thread runs them all, so a run repeats exactly.
 *
 * <p>It is the timeline of requests. {@link #beside} makes others of the same clock and queue, such
 * as the gateway's. Each knows whether the caller is on it, although all are one thread: an event
 * belongs to the timeline that scheduled it, and {@link #execute} moves to its timeline until its
 * action returns. So a call from the wrong timeline is found, and the order of events is that of
 * one timeline. Between events nothing runs, so code there may look at everything: it is on all
 * timelines.
 *
 * <p>The queue is a heap of four children per node in an array, and every event knows its place in
 * it, so that an event that is taken back leaves at once: deadlines of ten minutes on requests of
 * seconds would otherwise fill the heap. A binary {@link java.util.PriorityQueue} with marked
 * events was rejected for that, a timing wheel because it needs a resolution.
 */
public final class VirtualTimeline implements Timeline {

  /** 2026-01-05 00:00 UTC, a Monday, in milliseconds since 1970. */
  public static final long DEFAULT_EPOCH_MILLIS = 1_767_571_200_000L;

  private static final int CHILDREN = 4;

  /** Actions at one instant that are taken for a loop without end. */
  private static final int MOST_AT_ONCE = 10_000_000;

  private final long epochMillisAtStart;
  private final @Nullable SplittableRandom jitter;
  private @Nullable Event[] heap = new @Nullable Event[64];
  private int size;
  private long now;
  private long sequence;
  private final AtomicLong turns = new AtomicLong();
  private @Nullable Timeline current;
  private @Nullable AssertionError violation;

  /** A timeline that starts at 0 ns, at {@link #DEFAULT_EPOCH_MILLIS}. */
  public VirtualTimeline() {
    this(DEFAULT_EPOCH_MILLIS);
  }

  /** A timeline that starts at 0 ns, at a wall-clock time in milliseconds since 1970 UTC. */
  public VirtualTimeline(long epochMillisAtStart) {
    this(epochMillisAtStart, null);
  }

  private VirtualTimeline(long epochMillisAtStart, @Nullable SplittableRandom jitter) {
    this.epochMillisAtStart = epochMillisAtStart;
    this.jitter = jitter;
  }

  /**
   * A timeline that runs events of the same nanosecond in an order drawn from a seed, not in that
   * of scheduling: what works on any of them does not hang on the order of ties.
   */
  public static VirtualTimeline jittered(long epochMillisAtStart, long seed) {
    return new VirtualTimeline(epochMillisAtStart, new SplittableRandom(seed));
  }

  /**
   * Another timeline, of the same clock and the same queue of events.
   *
   * @param name says in messages which one it is, such as "the gateway's timeline"
   */
  public Timeline beside(String name) {
    return new Beside(name);
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
    return after(this, delayNanos, action);
  }

  private Registration after(Timeline owner, long delayNanos, Runnable action) {
    long time = now + Math.max(0, delayNanos);
    Event event =
        new Event(
            time < 0 ? Long.MAX_VALUE : time,
            jitter == null ? 0 : jitter.nextInt(),
            sequence++,
            owner,
            action);
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    siftUp(size++, event);
    return event;
  }

  @Override
  public void execute(Runnable action) {
    execute(this, action);
  }

  private void execute(Timeline on, Runnable action) {
    Timeline before = current;
    current = on;
    try {
      action.run();
    } finally {
      current = before;
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Always checks, and {@link #run} throws the first violation again: a listener of a future may
   * have swallowed it.
   */
  @Override
  public void check() {
    check(this);
  }

  private void check(Timeline expected) {
    Timeline caller = current;
    if (caller != null && caller != expected) {
      AssertionError wrong =
          new AssertionError("called on " + caller + " (expected: on " + expected + ")");
      if (violation == null) {
        violation = wrong;
      }
      throw wrong;
    }
  }

  @Override
  public String toString() {
    return "the request's timeline";
  }

  /**
   * Runs events until none is left. An exception of an event is thrown here.
   *
   * @throws AssertionError also if a {@link #check} failed since the last event
   */
  public void run() {
    runUntil(Long.MAX_VALUE);
  }

  /**
   * Runs the events up to a time in nanoseconds, and moves on to that time.
   *
   * @throws IllegalStateException if actions schedule others without a delay, without an end
   */
  public void runUntil(long nanos) {
    Event event = heap[0];
    int atOnce = 0;
    while (event != null && event.time <= nanos) {
      event.cancel();
      atOnce = event.time == now ? atOnce + 1 : 0;
      requireEnd(atOnce);
      now = event.time;
      turns.setRelease(turns.getPlain() + 1);
      execute(event.owner, event.action);
      if (violation != null) {
        break;
      }
      event = heap[0];
    }
    AssertionError wrong = violation;
    if (wrong != null) {
      violation = null;
      throw wrong;
    }
    if (nanos != Long.MAX_VALUE) {
      now = Math.max(now, nanos);
    }
  }

  private void requireEnd(int atOnce) {
    if (atOnce > MOST_AT_ONCE) {
      throw new IllegalStateException(
          "%d actions ran at one instant, and more are scheduled (expected: a delay between them)"
              .formatted(MOST_AT_ONCE));
    }
  }

  /** How many events have begun. From any thread: whether this one still makes progress. */
  public long turns() {
    return turns.getAcquire();
  }

  /** How many events are scheduled and not taken back. */
  public int pending() {
    return size;
  }

  private void siftUp(int from, Event event) {
    int index = from;
    while (index > 0) {
      int parent = (index - 1) / CHILDREN;
      Event above = at(parent);
      if (!event.before(above)) {
        break;
      }
      put(index, above);
      index = parent;
    }
    put(index, event);
  }

  private void siftDown(int from, Event event) {
    int index = from;
    for (int child = index * CHILDREN + 1; child < size; child = index * CHILDREN + 1) {
      int least = child;
      Event below = at(child);
      int end = Math.min(child + CHILDREN, size);
      for (int other = child + 1; other < end; other++) {
        Event candidate = at(other);
        if (candidate.before(below)) {
          least = other;
          below = candidate;
        }
      }
      if (!below.before(event)) {
        break;
      }
      put(index, below);
      index = least;
    }
    put(index, event);
  }

  private void removeAt(int index) {
    Event last = at(--size);
    heap[size] = null;
    if (index == size) {
      return;
    }
    if (index > 0 && last.before(at((index - 1) / CHILDREN))) {
      siftUp(index, last);
    } else {
      siftDown(index, last);
    }
  }

  private void put(int index, Event event) {
    heap[index] = event;
    event.index = index;
  }

  private Event at(int index) {
    Event event = heap[index];
    if (event == null) {
      throw new AssertionError("heap: no event at " + index + " of " + size);
    }
    return event;
  }

  private final class Beside implements Timeline {
    private final String name;

    Beside(String name) {
      this.name = name;
    }

    @Override
    public long nanos() {
      return VirtualTimeline.this.nanos();
    }

    @Override
    public long epochMillis() {
      return VirtualTimeline.this.epochMillis();
    }

    @Override
    public Registration after(long delayNanos, Runnable action) {
      return VirtualTimeline.this.after(this, delayNanos, action);
    }

    @Override
    public void execute(Runnable action) {
      VirtualTimeline.this.execute(this, action);
    }

    @Override
    public void check() {
      VirtualTimeline.this.check(this);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private final class Event implements Registration {
    private static final int GONE = -1;

    private final long time;
    private final int tie;
    private final long sequence;
    private final Timeline owner;
    private final Runnable action;
    private int index;

    Event(long time, int tie, long sequence, Timeline owner, Runnable action) {
      this.time = time;
      this.tie = tie;
      this.sequence = sequence;
      this.owner = owner;
      this.action = action;
    }

    boolean before(Event other) {
      if (time != other.time) {
        return time < other.time;
      }
      return tie != other.tie ? tie < other.tie : sequence < other.sequence;
    }

    @Override
    public void cancel() {
      if (index != GONE) {
        int place = index;
        index = GONE;
        removeAt(place);
      }
    }
  }
}
