package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.jobs.JobDelivery;
import dev.forebay.spi.jobs.JobEntry;
import dev.forebay.spi.jobs.JobQueue;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** A worker of a queue on a stage. */
final class QueueWorker {

  private static final Duration WAIT = Duration.ofSeconds(1);
  private static final int POLLS = 30;

  final Stage stage;
  final JobQueue queue;
  private final String run;
  private int made;

  QueueWorker(Stage stage, JobQueue queue) {
    this.stage = stage;
    this.queue = queue;
    this.run = Long.toString(stage.context().random().nextLong() >>> 1, 36);
  }

  void begin() {
    queue.prepare();
    Future<Void> ready = stage.await("ready", queue::ready);
    require(ready.succeeded(), "not ready: %s", ready.cause());
  }

  long now() {
    return stage.requestTimeline().epochMillis();
  }

  JobEntry entry(int priority, long dueMillis) {
    return new JobEntry(run + "-" + made++, "acme", priority, dueMillis);
  }

  JobEntry put(int priority, long dueMillis) {
    JobEntry entry = entry(priority, dueMillis);
    settle(() -> queue.enqueue(entry));
    return entry;
  }

  /** What is there within a second. */
  List<JobDelivery> poll(int most) {
    Future<List<JobDelivery>> polled = stage.await("poll", () -> queue.poll(most, WAIT));
    require(polled.succeeded(), "poll failed: %s", polled.cause());
    List<JobDelivery> got = polled.result();
    require(got.size() <= most, "%d deliveries (expected: at most %d)", got.size(), most);
    return got;
  }

  /** Polls until there are so many, for half a minute at most. */
  List<JobDelivery> collect(int count) {
    List<JobDelivery> all = new ArrayList<>();
    for (int i = 0; i < POLLS && all.size() < count; i++) {
      all.addAll(poll(count - all.size()));
    }
    require(all.size() == count, "%d deliveries (expected: %d)", all.size(), count);
    return all;
  }

  /** Polls until each of some was delivered, for half a minute at most. */
  void collectIds(List<String> wanted) {
    Set<String> got = new TreeSet<>();
    for (int i = 0; i < POLLS && !got.containsAll(wanted); i++) {
      poll(wanted.size()).forEach(each -> got.add(each.entry().id()));
    }
    require(got.containsAll(wanted), "delivered %s (expected: %s)", got, wanted);
  }

  void settle(Supplier<Future<Void>> settlement) {
    Future<Void> settled = stage.await("a settlement", settlement);
    require(settled.succeeded(), "a step failed: %s", settled.cause());
  }

  void close() {
    require(stage.await("close", queue::close).succeeded(), "close failed");
  }
}
