package dev.forebay.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Registration;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class VertxTimelineTest {

  private static final Vertx VERTX = Vertx.vertx();

  private final VertxTimeline timeline = VertxTimeline.of(VERTX);

  @AfterAll
  static void close() {
    VERTX.close();
  }

  private static <T> T await(Promise<T> promise) throws Exception {
    return promise.future().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void whatIsExecutedRunsOnItsContextInOrder() throws Exception {
    List<Integer> order = new CopyOnWriteArrayList<>();
    Promise<Thread> thread = Promise.promise();
    Promise<Context> context = Promise.promise();
    for (int i = 0; i < 100; i++) {
      int number = i;
      timeline.execute(() -> order.add(number));
    }
    timeline.execute(
        () -> {
          context.complete(Vertx.currentContext());
          thread.complete(Thread.currentThread());
        });
    assertTrue(await(context).isEventLoopContext());
    assertEquals(100, order.size());
    assertEquals(99, order.get(99));
    Promise<Thread> again = Promise.promise();
    timeline.after(0, () -> again.complete(Thread.currentThread()));
    assertSame(await(thread), await(again));
  }

  @Test
  void onItsOwnThreadItExecutesAtOnceButSchedulesNeverWithinTheCall() throws Exception {
    Promise<List<String>> heard = Promise.promise();
    timeline.execute(
        () -> {
          List<String> order = new CopyOnWriteArrayList<>();
          timeline.after(
              0,
              () -> {
                order.add("after");
                heard.complete(order);
              });
          timeline.execute(() -> order.add("execute"));
          order.add("here");
        });
    assertEquals(List.of("execute", "here", "after"), await(heard));
  }

  @Test
  void whatIsTakenBackDoesNotRun() throws Exception {
    List<String> ran = new CopyOnWriteArrayList<>();
    Promise<String> done = Promise.promise();
    timeline.execute( // on the event loop, so that it cannot be late to take it back
        () -> {
          Registration taken = timeline.after(1_000_000, () -> ran.add("taken back"));
          Registration soon = timeline.after(0, () -> ran.add("taken back, too"));
          taken.cancel();
          taken.cancel();
          soon.cancel();
          timeline.after(2_000_000, () -> done.complete("done"));
        });
    await(done);
    assertEquals(List.of(), ran);
  }

  @Test
  void anActionRunsNotBeforeItsTimeAndTimeDoesNotGoBack() throws Exception {
    long before = timeline.nanos();
    Promise<Long> at = Promise.promise();
    timeline.after(3_000_000, () -> at.complete(timeline.nanos()));
    assertTrue(before >= 0);
    assertTrue(await(at) >= before + 3_000_000);
  }

  @Test
  void allTimelinesOfAProcessShareOneClock() {
    VertxTimeline other = VertxTimeline.of(VERTX);
    long one = timeline.nanos();
    long two = other.nanos();
    long three = timeline.nanos();
    assertTrue(one <= two && two <= three);
  }

  @Test
  void aWorkerContextIsNone() {
    Context worker =
        ((VertxInternal) VERTX).contextBuilder().withThreadingModel(ThreadingModel.WORKER).build();
    assertFalse(worker.isEventLoopContext());
    assertThrows(IllegalArgumentException.class, () -> VertxTimeline.of(worker));
  }
}
