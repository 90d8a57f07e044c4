package dev.forebay.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Registration;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Timers of equal lengths, as the timeline of an event loop keeps them. */
@Timeout(30)
class TimeoutsTest {

  private static final Vertx VERTX = Vertx.vertx();
  private static final long MILLI = 1_000_000;

  private final VertxTimeline timeline = VertxTimeline.of(VERTX);

  @AfterAll
  static void close() {
    VERTX.close();
  }

  private static <T> T await(Promise<T> promise) throws Exception {
    return promise.future().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void thoseOfOneLengthFireInTheOrderInWhichTheyWereSetAndNotTooEarly() throws Exception {
    Promise<List<Integer>> fired = Promise.promise();
    timeline.execute(
        () -> {
          List<Integer> order = new ArrayList<>();
          long set = timeline.nanos();
          for (int i = 0; i < 100; i++) {
            int number = i;
            timeline.after(
                20 * MILLI,
                () -> {
                  order.add(timeline.nanos() - set >= 20 * MILLI ? number : -1);
                  if (order.size() == 100) {
                    fired.complete(order);
                  }
                });
          }
        });
    assertEquals(IntStream.range(0, 100).boxed().toList(), await(fired));
  }

  /** A task that is queued when the first of them fires finds a turn's share of them fired. */
  @Test
  void timersThatAreDueTogetherLeaveTheLoopToOthersBetween() throws Exception {
    Promise<Integer> before = Promise.promise();
    timeline.execute(
        () -> {
          List<Integer> fired = new ArrayList<>();
          for (int i = 0; i < 10 * Timeouts.TURN; i++) {
            timeline.after(
                20 * MILLI,
                () -> {
                  if (fired.isEmpty()) {
                    timeline.after(0, () -> before.complete(fired.size()));
                  }
                  fired.add(1);
                });
          }
        });
    assertTrue(await(before) <= Timeouts.TURN, before.future().result() + " timers in one turn");
  }

  @Test
  void aTimerThatIsSetByATimerOfItsLengthWaitsForAnotherTurn() throws Exception {
    Promise<Integer> before = Promise.promise();
    int[] fired = {0};
    timeline.execute(() -> timeline.after(1, () -> again(fired, before)));
    assertEquals(1, await(before));
  }

  private void again(int[] fired, Promise<Integer> before) {
    if (fired[0]++ == 0) {
      timeline.after(0, () -> before.complete(fired[0]));
    }
    if (fired[0] < 1000) {
      timeline.after(1, () -> again(fired, before));
    }
  }

  @Test
  void theFirstTheLastAndThoseBetweenCanBeTakenBackOnceOrTwice() throws Exception {
    Promise<List<Integer>> fired = Promise.promise();
    timeline.execute(
        () -> {
          List<Integer> order = new ArrayList<>();
          List<Registration> set = new ArrayList<>();
          for (int i = 0; i < 6; i++) {
            int number = i;
            set.add(timeline.after(20 * MILLI, () -> order.add(number)));
          }
          for (int gone : new int[] {0, 5, 2, 2, 0}) {
            set.get(gone).cancel();
          }
          timeline.after(20 * MILLI, () -> fired.complete(order));
        });
    assertEquals(List.of(1, 3, 4), await(fired));
  }

  @Test
  void anotherThreadCanTakeOneBack() throws Exception {
    Promise<Registration> set = Promise.promise();
    List<String> ran = new ArrayList<>();
    Promise<List<String>> later = Promise.promise();
    timeline.execute(
        () -> {
          set.complete(timeline.after(300 * MILLI, () -> ran.add("taken back")));
          timeline.after(300 * MILLI, () -> later.complete(ran));
        });
    await(set).cancel();
    assertEquals(List.of(), await(later));
  }

  @Test
  void moreLengthsThanThereAreListsFireAllTheSame() throws Exception {
    Promise<Integer> fired = Promise.promise();
    timeline.execute(
        () -> {
          int[] count = {0};
          for (int i = 0; i < 100; i++) {
            timeline.after(
                (i + 1) * MILLI,
                () -> {
                  if (++count[0] == 100) {
                    fired.complete(count[0]);
                  }
                });
          }
        });
    assertEquals(100, await(fired));
  }

  @Test
  void oneThatIsSetAsAnotherFiresIsNotForgotten() throws Exception {
    Promise<Boolean> second = Promise.promise();
    timeline.execute(
        () -> {
          long set = timeline.nanos();
          timeline.after(
              10 * MILLI,
              () ->
                  timeline.after(
                      10 * MILLI, () -> second.complete(timeline.nanos() - set >= 20 * MILLI)));
        });
    assertTrue(await(second));
  }

  @Test
  void oneThatThrowsTakesNoOtherAlong() throws Exception {
    Promise<String> other = Promise.promise();
    timeline.execute(
        () -> {
          timeline.after(
              10 * MILLI,
              () -> {
                throw new IllegalStateException("thrown on purpose");
              });
          timeline.after(10 * MILLI, () -> other.complete("ran"));
        });
    assertEquals("ran", await(other));
  }
}
