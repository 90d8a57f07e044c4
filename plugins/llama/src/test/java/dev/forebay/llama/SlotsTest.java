package dev.forebay.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.forebay.spi.Failure;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SlotsTest {

  private final AtomicInteger loads = new AtomicInteger();

  /** A job that notes why it was refused. */
  private static final class Refused implements Slots.Job {
    private final CompletableFuture<Failure> why = new CompletableFuture<>();

    @Override
    public void run(Engine engine) {
      why.completeExceptionally(new IllegalStateException("it ran"));
    }

    @Override
    public void refuse(Failure failure) {
      why.complete(failure);
    }
  }

  @Test
  void nothingIsLoadedBeforeItIsToServe() {
    Slots slots = new Slots(1, 1, this::broken);
    assertEquals(0, loads.get());
    assertFalse(slots.ready());
  }

  @Test
  void aJobLoadsTheEngineOnceAlsoWhereNobodyPrepared() {
    CountDownLatch hold = new CountDownLatch(1);
    Slots slots =
        new Slots(
            1,
            1,
            () -> {
              loads.incrementAndGet();
              await(hold);
              throw new IllegalStateException("no such model");
            });
    Refused job = new Refused();
    assertNull(slots.offer(job));
    slots.prepare();
    hold.countDown();
    assertEquals("model_failed", job.why.join().reason());
    assertEquals(1, loads.get());
    assertFalse(slots.ready());
    Failure later = slots.offer(new Refused());
    assertNotNull(later);
    assertEquals(503, later.httpStatus());
  }

  private Engine broken() {
    loads.incrementAndGet();
    throw new IllegalStateException("no such model");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
