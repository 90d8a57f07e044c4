package dev.forebay.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnsTest {

  private final Turns turns = new Turns();

  @Test
  void readersWhoseResultsComeWaitInTheEngineOneByOne() {
    Turns turns = new Turns(TimeUnit.MINUTES.toNanos(1));
    AtomicInteger waiting = new AtomicInteger();
    List<Integer> together = Collections.synchronizedList(new ArrayList<>());
    List<CompletableFuture<Void>> readers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      readers.add(
          CompletableFuture.runAsync(
              () -> {
                for (int step = 0; step < 200; step++) {
                  turns.read(
                      () -> {
                        together.add(waiting.incrementAndGet());
                        Thread.onSpinWait();
                        return waiting.decrementAndGet();
                      });
                }
              },
              task -> new Thread(task).start()));
    }
    readers.forEach(CompletableFuture::join);
    assertEquals(800, together.size());
    assertEquals(1, Collections.max(together));
  }

  @Test
  void aReaderWithoutAResultHoldsUpNobody() {
    CountDownLatch stuck = new CountDownLatch(1);
    CountDownLatch result = new CountDownLatch(1);
    CompletableFuture<String> silent =
        CompletableFuture.supplyAsync(
            () ->
                turns.read(
                    () -> {
                      stuck.countDown();
                      await(result);
                      return "late";
                    }),
            task -> new Thread(task).start());
    await(stuck);
    for (int i = 0; i < 1000; i++) { // would last 1,000 times its patience, were each to wait
      assertEquals("there", turns.read(() -> "there"));
    }
    result.countDown();
    assertEquals("late", silent.join());
  }

  @Test
  void aTurnEndsAlsoWhereItThrows() {
    assertThrows(
        IllegalStateException.class,
        () ->
            turns.read(
                () -> {
                  throw new IllegalStateException("no result");
                }));
    assertEquals(
        "there",
        CompletableFuture.supplyAsync(
                () -> turns.read(() -> "there"), task -> new Thread(task).start())
            .join());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
