package dev.forebay.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.stream.Endings;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Registration;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who hangs on a call is told of its end once, or never where it was taken back. */
class CallTest {

  private static Vertx vertx;
  private static VertxTimeline timeline;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    timeline = VertxTimeline.of(vertx);
  }

  @AfterAll
  static void stop() {
    vertx.close().await();
  }

  @Test
  void allThatAreLeftAreToldOnceTheLastFirst() {
    Call call = Call.root(timeline);
    List<Integer> told = new ArrayList<>();
    List<Registration> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int number = i;
      made.add(call.onEnd(() -> told.add(number)));
    }
    made.get(1).cancel();
    made.get(4).cancel();
    made.get(4).cancel();
    call.end(Failure.deadline("late"));
    call.end();
    made.get(2).cancel();
    assertEquals(List.of(3, 2, 0), told);
    assertEquals("late", Endings.why(call).getMessage());
    assertTrue(call.ended());
    assertSame(Registration.NONE, call.onEnd(() -> told.add(9)));
    assertEquals(List.of(3, 2, 0, 9), told);
  }

  @Test
  void oneThatIsTakenBackByAnotherIsNotTold() {
    Call call = Call.root(timeline);
    List<String> told = new ArrayList<>();
    Registration first = call.onEnd(() -> told.add("first"));
    call.onEnd(
        () -> {
          told.add("second");
          first.cancel();
        });
    call.end();
    assertEquals(List.of("second"), told);
  }

  @Test
  void listenersThatComeAndGoAreTakenOutAndOthersStayInOrder() {
    SplittableRandom random = new SplittableRandom(7);
    Call call = Call.root(timeline);
    List<Integer> told = new ArrayList<>();
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      int number = i;
      Registration made = call.onEnd(() -> told.add(number));
      if (random.nextInt(100) < 99) {
        made.cancel();
      } else {
        expected.addFirst(number);
      }
    }
    call.end();
    assertEquals(expected, told);
  }

  @Test
  void childrenThatComeAndGoLeaveNoMemoryBehind() {
    Call parent = Call.root(timeline);
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    long before = runtime.totalMemory() - runtime.freeMemory();
    for (int i = 0; i < 1_000_000; i++) {
      parent.child().end();
    }
    System.gc();
    long after = runtime.totalMemory() - runtime.freeMemory();
    assertTrue(after - before < 8 << 20, (after - before) + " bytes more");
    parent.end();
  }

  /** What hangs on an end, such as a permit, must not stay out since another listener threw. */
  @Test
  void allAreToldOfAnEndWhateverOneThrows() {
    for (Throwable thrown : List.of(new IllegalStateException("one"), new LinkageError("one"))) {
      Call call = Call.root(timeline);
      AtomicInteger told = new AtomicInteger();
      call.onEnd(told::incrementAndGet);
      call.onEnd(
          () -> {
            if (thrown instanceof Error error) {
              throw error;
            }
            throw (RuntimeException) thrown;
          });
      call.onEnd(told::incrementAndGet);
      assertSame(thrown, assertThrows(thrown.getClass(), call::end));
      assertEquals(2, told.get());
    }
  }

  @Test
  void aCallThatEndsWhileOthersRegisterTellsEachOnce() throws InterruptedException {
    for (int round = 0; round < 300; round++) {
      Call call = Call.root(timeline);
      AtomicInteger told = new AtomicInteger();
      CountDownLatch go = new CountDownLatch(1);
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      awaitQuietly(go);
                      for (int i = 0; i < 50; i++) {
                        call.onEnd(told::incrementAndGet);
                        call.onEnd(() -> told.addAndGet(1_000_000)).cancel();
                        if (i == 25) {
                          call.end();
                        }
                      }
                    }));
      }
      go.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      // One that was made after the end is told at once, before it could be taken back.
      assertEquals(150, told.get() % 1_000_000);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
