package dev.forebay.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.TestContext;
import dev.forebay.jobs.memory.MemoryQueue;
import dev.forebay.jobs.memory.MemoryStore;
import dev.forebay.spi.Headers;
import dev.forebay.spi.jobs.Claim;
import dev.forebay.spi.jobs.JobDelivery;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.jobs.JobRequest;
import dev.forebay.spi.jobs.JobResult;
import dev.forebay.spi.jobs.JobState;
import dev.forebay.spi.jobs.JobStore;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Many jobs that wait, in memory and virtual time: 20,000, or as many as the system property {@code
 * forebay.jobs} says. A million take about a gigabyte of heap, all of it the store's.
 */
class MillionJobsTest {

  private static final int JOBS = Integer.getInteger("forebay.jobs", 20_000);
  private static final Duration KEEP = Duration.ofSeconds(1);
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final JobResult RESULT = new JobResult(200, Headers.EMPTY, Buffer.buffer("{}"));

  private final TestContext context = TestContext.create();
  private final JobStore store = new MemoryStore(2 * JOBS, 1L << 40).create(context);
  private final JobQueue queue = new MemoryQueue(2 * JOBS, 1_000).create(context);
  private final Buffer bytes = Buffer.buffer("{}");

  @Test
  void jobsThatWaitAreAllAnsweredOnceAndAreForgotten() {
    for (int i = 0; i < JOBS; i++) {
      add(i);
    }
    long began = System.nanoTime();
    long half = 0;
    int done = 0;
    while (done < JOBS) {
      List<JobDelivery> some = now(queue.poll(100, Duration.ZERO));
      assertTrue(!some.isEmpty(), "no entries after " + done);
      for (JobDelivery delivery : some) {
        answer(delivery);
        done++;
      }
      if (done == JOBS / 2) {
        half = System.nanoTime() - began;
      }
    }
    long all = System.nanoTime() - began;
    System.out.printf(
        "%,d jobs: the first half %.2f us each, the second %.2f us each%n",
        JOBS, half / 500.0 / JOBS, (all - half) / 500.0 / JOBS);
    assertEquals(0, now(queue.depth()));
    assertEquals(JOBS, now(store.figures()).jobs().get(JobState.DONE));
    context.passSeconds(2);
    assertEquals(0, now(store.list(null, null, 10)).size());
    assertEquals(0, now(store.figures()).jobs().get(JobState.DONE));
  }

  private void add(int i) {
    long now = context.timeline().epochMillis();
    JobRequest request = new JobRequest("job-" + i, "t" + i % 10, i % 3, now, false, bytes);
    now(store.create(request, bytes, null, now, now + 30_000, KEEP));
    now(queue.enqueue(now(store.get("job-" + i)).entry()));
    now(store.enqueued("job-" + i, now + 3_600_000));
  }

  private void answer(JobDelivery delivery) {
    Claim claim = now(store.claim(delivery.entry().id(), "worker", LEASE));
    Claim.Claimed claimed = assertInstanceOf(Claim.Claimed.class, claim);
    assertEquals(1, claimed.job().attempts());
    assertTrue(now(store.finish(claimed.lease(), JobState.DONE, "", RESULT)));
    now(delivery.done());
  }

  private static <T> T now(Future<T> future) {
    assertTrue(future.succeeded(), String.valueOf(future.cause()));
    return future.result();
  }
}
