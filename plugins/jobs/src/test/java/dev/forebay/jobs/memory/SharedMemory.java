package dev.forebay.jobs.memory;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.jobs.JobStore;

/** Stores in memory that several gateways of a test share. */
public final class SharedMemory {

  private final MemoryJobStore store;
  private final MemoryJobQueue queue;

  /** Stores on a timeline of their own. */
  public SharedMemory(Timeline timeline) {
    this.store = new MemoryJobStore(MemoryStore.create(), new Anywhere(timeline));
    this.queue = new MemoryJobQueue(new Entries(MemoryQueue.create()), new Anywhere(timeline));
  }

  /** The store, for one more gateway. */
  public JobStore store() {
    return store;
  }

  /** One more worker's view of the queue. */
  public JobQueue queue() {
    return queue.beside();
  }

  /** A timeline on which everybody is: each gateway asks from its own. */
  private record Anywhere(Timeline inner) implements Timeline {
    @Override
    public long nanos() {
      return inner.nanos();
    }

    @Override
    public long epochMillis() {
      return inner.epochMillis();
    }

    @Override
    public Registration after(long delayNanos, Runnable action) {
      return inner.after(delayNanos, action);
    }

    @Override
    public void execute(Runnable action) {
      inner.execute(action);
    }

    @Override
    public void check() {}
  }
}
