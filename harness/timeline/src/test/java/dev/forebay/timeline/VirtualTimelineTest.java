package dev.forebay.timeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class VirtualTimelineTest {

  private final VirtualTimeline timeline = new VirtualTimeline();

  @Test
  void runsEventsInOrderOfTimeThenOfScheduling() {
    List<String> ran = new ArrayList<>();
    timeline.after(20, () -> ran.add("late"));
    timeline.after(10, () -> ran.add("first"));
    timeline.after(10, () -> ran.add("second"));
    timeline.after(-5, () -> ran.add("now"));
    timeline.run();
    assertEquals(List.of("now", "first", "second", "late"), ran);
    assertEquals(20, timeline.nanos());
  }

  @Test
  void runUntilMovesOnToTheTime() {
    timeline.runUntil(5_000_000);
    assertEquals(5_000_000, timeline.nanos());
    assertEquals(VirtualTimeline.DEFAULT_EPOCH_MILLIS + 5, timeline.epochMillis());
  }

  @Test
  void anExceptionOfAnEventStopsTheRun() {
    timeline.after(
        1,
        () -> {
          throw new IllegalStateException("broken plugin");
        });
    assertThrows(IllegalStateException.class, timeline::run);
    assertEquals(0, timeline.pending());
  }

  @Test
  void actionsThatScheduleOthersWithoutADelayDoNotRunForEver() {
    timeline.after(5, this::again);
    IllegalStateException thrown =
        assertThrows(IllegalStateException.class, () -> timeline.runUntil(10));
    assertEquals(
        "10000000 actions ran at one instant, and more are scheduled (expected: a delay between"
            + " them)",
        thrown.getMessage());
  }

  private void again() {
    timeline.after(0, this::again);
  }

  @Test
  void aDelayBeyondTheEndOfTimeIsTheEndOfTime() {
    timeline.after(1, () -> timeline.after(Long.MAX_VALUE, () -> {}));
    timeline.runUntil(10);
    assertEquals(1, timeline.pending());
  }

  @Test
  void eventsCancelThemselvesAndOthers() {
    List<String> ran = new ArrayList<>();
    Registration victim = timeline.after(2, () -> ran.add("victim"));
    timeline.after(
        1,
        () -> {
          ran.add("killer");
          victim.cancel();
          victim.cancel();
        });
    timeline.run();
    victim.cancel();
    assertEquals(List.of("killer"), ran);
    assertEquals(0, timeline.pending());
  }

  @Property
  void cancelledEventsLeaveAndTheOthersStayInOrder(@ForAll long seed) {
    VirtualTimeline queue = new VirtualTimeline();
    SplittableRandom random = new SplittableRandom(seed);
    List<Registration> registrations = new ArrayList<>();
    List<Long> ran = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      long time = random.nextInt(100);
      registrations.add(queue.after(time, () -> ran.add(queue.nanos())));
      if (random.nextInt(3) == 0) {
        registrations.remove(random.nextInt(registrations.size())).cancel();
      }
    }
    assertEquals(registrations.size(), queue.pending());
    queue.run();
    assertEquals(registrations.size(), ran.size());
    assertEquals(ran.stream().sorted().toList(), ran);
  }

  @Test
  void aSeedJittersTiesAndNothingElse() {
    List<Integer> one = tiesInOrder(1);
    assertEquals(one, tiesInOrder(1));
    assertNotEquals(one, tiesInOrder(2));
    assertNotEquals(one, one.stream().sorted().toList());
    assertEquals(100, one.get(50), "the event of a later time stays the last");
  }

  private static List<Integer> tiesInOrder(long seed) {
    VirtualTimeline queue = VirtualTimeline.jittered(0, seed);
    List<Integer> ran = new ArrayList<>();
    queue.after(2, () -> ran.add(100));
    for (int i = 0; i < 50; i++) {
      int number = i;
      queue.after(1, () -> ran.add(number));
    }
    queue.run();
    return ran;
  }

  @Test
  void runsMillionsOfEventsThatScheduleEachOther() {
    int[] left = {1_000_000};
    SplittableRandom random = new SplittableRandom(1);
    long[] last = {0};
    Runnable[] event = new Runnable[1];
    event[0] =
        () -> {
          assertTrue(timeline.nanos() >= last[0]);
          last[0] = timeline.nanos();
          if (left[0]-- > 0) {
            timeline.after(random.nextInt(1000), event[0]);
          }
        };
    for (int i = 0; i < 1000; i++) {
      timeline.after(random.nextInt(1000), event[0]);
    }
    timeline.run();
    assertEquals(-1000, left[0]);
    assertEquals(0, timeline.pending());
  }
}
