package dev.forebay.conformance;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.jobs.JobDelivery;
import dev.forebay.spi.jobs.JobEntry;
import dev.forebay.spi.jobs.JobQueue;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Entries in a list, looked through every 10 ms. */
class ReferenceJobQueue implements JobQueue {

  private static final long LOOK_NANOS = 10_000_000;

  final PluginContext context;
  final List<JobEntry> waiting;
  final List<JobEntry> held = new ArrayList<>();
  private @Nullable Promise<List<JobDelivery>> poll;
  private Registration timer = Registration.NONE;

  ReferenceJobQueue(PluginContext context) {
    this(context, new ArrayList<>());
  }

  ReferenceJobQueue(PluginContext context, List<JobEntry> waiting) {
    this.context = context;
    this.waiting = waiting;
  }

  final long now() {
    return context.timeline().epochMillis();
  }

  @Override
  public Future<Void> enqueue(JobEntry entry) {
    waiting.add(entry);
    return Future.succeededFuture();
  }

  boolean due(JobEntry entry) {
    return entry.dueMillis() <= now();
  }

  Comparator<JobEntry> order() {
    return Comparator.comparingInt(JobEntry::priority);
  }

  @Override
  public Future<List<JobDelivery>> poll(int most, Duration wait) {
    Promise<List<JobDelivery>> answer = Promise.promise();
    poll = answer;
    look(answer, most, now() + wait.toMillis());
    return answer.future();
  }

  private void look(Promise<List<JobDelivery>> answer, int most, long until) {
    List<JobEntry> due = waiting.stream().filter(this::due).sorted(order()).limit(most).toList();
    if (!due.isEmpty() || now() >= until) {
      waiting.removeAll(due);
      held.addAll(due);
      answer.tryComplete(due.stream().map(this::delivery).toList());
    } else {
      timer = context.timeline().after(lookAfter(), () -> look(answer, most, until));
    }
  }

  long lookAfter() {
    return LOOK_NANOS;
  }

  JobDelivery delivery(JobEntry entry) {
    return new Delivery(entry);
  }

  /** A delivery, for broken ones to change a part of. */
  class Delivery implements JobDelivery {
    private final JobEntry entry;

    Delivery(JobEntry entry) {
      this.entry = entry;
    }

    @Override
    public JobEntry entry() {
      return entry;
    }

    @Override
    public Future<Void> done() {
      held.remove(entry);
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> retryAt(long dueMillis) {
      if (held.remove(entry)) {
        waiting.add(entry.at(dueMillis));
      }
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> reject(String reason, int attempts) {
      return done();
    }
  }

  @Override
  public Future<Long> depth() {
    return Future.succeededFuture((long) waiting.size() + held.size());
  }

  void giveBack() {
    waiting.addAll(held);
    held.clear();
  }

  @Override
  public Future<Void> close() {
    giveBack();
    timer.cancel();
    if (poll != null) {
      poll.tryComplete(List.of());
    }
    return Future.succeededFuture();
  }
}
