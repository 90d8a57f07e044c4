package dev.forebay.jobs.memory;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.jobs.JobDelivery;
import dev.forebay.spi.jobs.JobEntry;
import dev.forebay.spi.jobs.JobQueue;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One worker's view of a queue in memory. What it holds when it closes is given to others. */
final class MemoryJobQueue implements JobQueue {

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Entries entries;
  private final Timeline timeline;
  private final Set<Entries.Item> held = new LinkedHashSet<>();
  private @Nullable Poll waiting;
  private boolean closed;

  MemoryJobQueue(Entries entries, Timeline timeline) {
    this.entries = entries;
    this.timeline = timeline;
  }

  /** Another worker's view of the same queue. */
  MemoryJobQueue beside() {
    return new MemoryJobQueue(entries, timeline);
  }

  /** What was rejected, the oldest first. */
  List<Entries.Dead> dead() {
    return entries.dead();
  }

  @Override
  public Future<Void> enqueue(JobEntry entry) {
    timeline.check();
    return entries.add(entry)
        ? Future.succeededFuture()
        : Future.failedFuture("the queue holds " + entries.size() + " entries and takes no more");
  }

  @Override
  public Future<List<JobDelivery>> poll(int most, Duration wait) {
    timeline.check();
    if (waiting != null) {
      return Future.failedFuture("poll: another is outstanding (expected: one at most)");
    }
    List<JobDelivery> some = take(most);
    if (!some.isEmpty() || closed || wait.isZero()) {
      return Future.succeededFuture(some);
    }
    Poll poll = new Poll(most, timeline.epochMillis() + wait.toMillis());
    waiting = poll;
    entries.watch(poll.look);
    poll.look();
    return poll.answer.future();
  }

  @Override
  public Future<Long> depth() {
    return Future.succeededFuture((long) entries.size());
  }

  @Override
  public Future<Void> close() {
    closed = true;
    if (waiting != null) {
      waiting.complete(List.of());
    }
    for (Entries.Item item : List.copyOf(held)) {
      held.remove(item);
      entries.putBack(item, item.entry().dueMillis());
    }
    return Future.succeededFuture();
  }

  private List<JobDelivery> take(int most) {
    List<JobDelivery> some = new ArrayList<>();
    while (!closed && some.size() < most) {
      Entries.Item item = entries.take(timeline.epochMillis());
      if (item == null) {
        break;
      }
      held.add(item);
      some.add(new Delivery(item));
    }
    return some;
  }

  /** A poll that waits: for an entry, for one to be due, for its own end. */
  private final class Poll {
    private final Promise<List<JobDelivery>> answer = Promise.promise();
    private final Runnable look = this::look;
    private final int most;
    private final long untilMillis;
    private Registration timer = Registration.NONE;

    Poll(int most, long untilMillis) {
      this.most = most;
      this.untilMillis = untilMillis;
    }

    void look() {
      List<JobDelivery> some = take(most);
      long now = timeline.epochMillis();
      if (!some.isEmpty() || now >= untilMillis) {
        complete(some);
      } else {
        timer.cancel();
        long next = Math.min(untilMillis, entries.nextDue());
        timer = timeline.after((next - now) * NANOS_PER_MILLI, look);
      }
    }

    void complete(List<JobDelivery> some) {
      timer.cancel();
      entries.forget(look);
      waiting = null;
      answer.tryComplete(some);
    }
  }

  private final class Delivery implements JobDelivery {
    private final Entries.Item item;

    Delivery(Entries.Item item) {
      this.item = item;
    }

    @Override
    public JobEntry entry() {
      return item.entry();
    }

    @Override
    public Future<Void> done() {
      return settle(entries::settled);
    }

    @Override
    public Future<Void> retryAt(long dueMillis) {
      return settle(() -> entries.putBack(item, dueMillis));
    }

    @Override
    public Future<Void> reject(String reason, int attempts) {
      return settle(() -> entries.reject(item, reason, attempts));
    }

    private Future<Void> settle(Runnable step) {
      timeline.check();
      if (held.remove(item)) {
        step.run();
      }
      return Future.succeededFuture();
    }
  }
}
