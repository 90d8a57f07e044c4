package dev.forebay.kafka;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.spi.jobs.JobDelivery;
import dev.forebay.spi.jobs.JobEntry;
import dev.forebay.spi.jobs.JobQueue;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers whose capacity is places, not processors: each job takes time only. */
class DrainTest {

  private static final int ENTRIES = 400;
  private static final int PART = 100;
  private static final int PLACES = 4;
  private static final long JOB_MILLIS = 100;

  private final Vertx vertx = Vertx.vertx();
  private final EventLoopStage stage = new EventLoopStage(vertx, 1);
  private final Kafka options = SharedBroker.options().withPartitions(8).withSpread(8);
  private final List<Drain> drains = new ArrayList<>();
  private volatile boolean stopping;

  @AfterEach
  void close() {
    stopping = true; // a closed queue answers at once
    drains.forEach(drain -> stage.await(drain.queue::close));
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void aSecondWorkerDrainsABacklogAtHigherRate() {
    Drain first = new Drain();
    assertTrue(stage.await(first.queue::ready).succeeded());
    stage.await(
        () -> {
          List<Future<Void>> put = new ArrayList<>();
          for (int i = 0; i < ENTRIES; i++) {
            put.add(first.queue.enqueue(new JobEntry("job-" + i, "tenant-" + i % 20, 1, 0)));
          }
          return Future.all(put);
        });
    first.begin();
    until(() -> first.done.get() > 0);
    double alone = rate(PART);
    Drain second = new Drain();
    second.begin();
    until(() -> second.done.get() > 0);
    double both = rate(PART);
    System.out.printf("drained by one %.1f/s, by two %.1f/s%n", alone, both);
    assertTrue(both >= 1.6 * alone, () -> both + "/s (expected: 1.6 times " + alone + "/s)");
  }

  private double rate(int entries) {
    int before = done();
    long start = System.nanoTime();
    until(() -> done() >= before + entries);
    return entries * 1e9 / (System.nanoTime() - start);
  }

  private int done() {
    return drains.stream().mapToInt(drain -> drain.done.get()).sum();
  }

  private void until(java.util.function.BooleanSupplier condition) {
    stage.until("drained", () -> Future.succeededFuture(condition.getAsBoolean()));
  }

  /** A worker with some places. */
  private final class Drain {
    private final JobQueue queue = options.create(stage.context());
    private final AtomicInteger done = new AtomicInteger();
    private int working;
    private boolean polling;

    Drain() {
      drains.add(this);
    }

    void begin() {
      stage.requestTimeline().execute(this::poll);
    }

    private void poll() {
      if (!polling && !stopping && working < PLACES) {
        polling = true;
        queue.poll(PLACES - working, Duration.ofSeconds(1)).onSuccess(this::polled);
      }
    }

    private void polled(List<JobDelivery> some) {
      polling = false;
      some.forEach(this::work);
      stage.requestTimeline().after(0, this::poll);
    }

    private void work(JobDelivery delivery) {
      working++;
      vertx
          .timer(JOB_MILLIS, TimeUnit.MILLISECONDS)
          .compose(over -> delivery.done())
          .onSuccess(
              over -> {
                working--;
                done.incrementAndGet();
                poll();
              });
    }
  }
}
