package dev.forebay.llama;

import dev.forebay.spi.Failure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An engine's slots: as many threads, and a bounded queue of jobs before them. A native call may
 * block, so it is made here, never on an event loop. Jobs that come while the model is being loaded
 * wait in the queue.
 */
final class Slots {

  private static final Logger LOG = LoggerFactory.getLogger(Slots.class);

  private static final long RETRY_NANOS = 1_000_000_000L;

  private final int slots;
  private final int queue;
  private final ArrayDeque<Job> waiting = new ArrayDeque<>();
  private int running;
  private @Nullable Supplier<Engine> loader;
  private @Nullable Failure broken;
  private boolean loading;
  private @Nullable Engine engine;
  private boolean stopped;
  private int users;
  private int draining;

  /** Slots of an engine, which is loaded once {@link #prepare} is called or a job comes. */
  Slots(int slots, int queue, Supplier<Engine> loader) {
    this.slots = slots;
    this.queue = queue;
    this.loader = loader;
  }

  /** Begins to load the engine, in the background; does nothing where that has begun. */
  synchronized void prepare() {
    Supplier<Engine> load = loader;
    loader = null;
    if (load != null && !stopped) {
      loading = true;
      thread("llama-load", () -> load(load));
    }
  }

  /** Whether the engine has been loaded. */
  synchronized boolean ready() {
    return engine != null;
  }

  /** Something to do with an engine. */
  interface Job {
    /** Does it, on a thread of its own; must not throw. */
    void run(Engine engine);

    /** It will not be done. On any thread. */
    void refuse(Failure why);
  }

  /**
   * Takes a job, or says why not.
   *
   * @return null where it was taken
   */
  synchronized @Nullable Failure offer(Job job) {
    if (broken != null) {
      return broken;
    }
    if (stopped) {
      return Failure.saturated("shutting_down", "the process ends");
    }
    if (running + waiting.size() >= slots + queue) {
      return Failure.saturated(
              "slots_full", "all " + slots + " slots are taken, and " + queue + " requests wait")
          .retryAfter(RETRY_NANOS);
    }
    prepare();
    waiting.add(job);
    notifyAll();
    return null;
  }

  /** Takes back a job that waits. */
  synchronized void remove(Job job) {
    waiting.remove(job);
  }

  /** Jobs that run or wait, as a share of the slots: above 1 where some wait. */
  synchronized double load() {
    return (double) (running + waiting.size()) / slots;
  }

  /** Jobs that run. */
  synchronized int running() {
    return running;
  }

  /** Jobs that wait. */
  synchronized int waiting() {
    return waiting.size();
  }

  private void load(Supplier<Engine> from) {
    try {
      Engine made = from.get();
      synchronized (this) {
        engine = made;
      }
      for (int i = 0; i < slots; i++) {
        thread("llama-slot-" + i, () -> work(made));
      }
    } catch (RuntimeException | LinkageError e) {
      LOG.error("{}", e.getMessage());
      refuseAll(Failure.overloaded(503, "model_failed", "the model could not be loaded"));
    } finally {
      synchronized (this) {
        loading = false;
        notifyAll();
      }
    }
  }

  private void refuseAll(Failure why) {
    ArrayDeque<Job> refused;
    synchronized (this) {
      broken = why;
      refused = new ArrayDeque<>(waiting);
      waiting.clear();
    }
    refused.forEach(job -> job.refuse(why));
  }

  /** A backend begins to use it. */
  synchronized void use() {
    users++;
  }

  /** One of its backends will be closed, once what runs has ended. */
  synchronized void drain() {
    draining++;
  }

  /** One of its backends is closed: whether it was the last. */
  synchronized boolean leave(boolean drained) {
    users--;
    draining -= drained ? 1 : 0;
    notifyAll();
    return users == 0;
  }

  /** Whether one of its backends waits for requests to end. */
  synchronized boolean draining() {
    return draining > 0;
  }

  /** Whether nothing is loaded, computed or waits. */
  synchronized boolean idle() {
    return !loading && running == 0 && waiting.isEmpty();
  }

  /** Ends everything, for good: for the end of the process. */
  void stop() {
    Engine stopping;
    synchronized (this) {
      stopped = true;
      waiting.clear();
      stopping = engine;
      notifyAll();
    }
    if (stopping != null) {
      stopping.stop();
    }
  }

  /**
   * Waits until the engine computes nothing: until then the process must not end, since what
   * computes would find its tables destroyed, and crash.
   *
   * <p>What is being loaded is waited for after {@link #stop} only.
   *
   * @return whether it is so, within the bound
   */
  boolean settle(Duration bound) {
    Thread settling = thread("llama-settle", this::settle);
    try {
      return settling.join(bound);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void settle() {
    Engine settling;
    synchronized (this) {
      try {
        while (stopped ? loading : running + waiting.size() > 0) {
          wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      settling = engine;
    }
    if (settling != null) {
      settling.settle();
    }
  }

  private void work(Engine engine) {
    while (true) {
      Job job = take();
      if (job == null) {
        return;
      }
      try {
        job.run(engine);
      } catch (RuntimeException | Error e) { // a slot outlives whatever a request of it meets
        LOG.error("a request to a local model ended without an answer", e);
      } finally {
        synchronized (this) {
          running--;
          notifyAll();
        }
      }
    }
  }

  private synchronized @Nullable Job take() {
    try {
      while (waiting.isEmpty() || stopped) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
    running++;
    return waiting.poll();
  }

  private static Thread thread(String name, Runnable action) {
    Thread thread = new Thread(action, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
