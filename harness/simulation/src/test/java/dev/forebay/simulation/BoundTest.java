package dev.forebay.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Timeline;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.junit.jupiter.api.Test;

/** {@link Timeline#within}: one end, on the timeline, and no timer that is left. */
final class BoundTest {

  private final IllegalStateException tooLate = new IllegalStateException("late");

  private final VirtualTimeline timeline = new VirtualTimeline();
  private final Promise<String> asked = Promise.promise();
  private int late;
  private int ends;

  private Future<String> within(Timeline on, Future<String> other) {
    return on.within(
            10,
            other,
            () -> {
              on.check();
              late++;
              return tooLate;
            })
        .onComplete(
            end -> {
              on.check();
              ends++;
            });
  }

  @Test
  void anAnswerInTimeTakesTheTimerBack() {
    Future<String> bounded = within(timeline, asked.future());
    timeline.after(9, () -> asked.complete("answer"));
    timeline.runUntil(9);
    assertEquals("answer", bounded.result());
    assertEquals(0, timeline.pending());
    timeline.runUntil(20);
    assertEquals(0, late);
    assertEquals(1, ends);
  }

  @Test
  void aFailureInTimeTakesTheTimerBack() {
    IllegalStateException why = new IllegalStateException("refused");
    Future<String> bounded = within(timeline, asked.future());
    asked.fail(why);
    assertSame(why, bounded.cause());
    assertEquals(0, timeline.pending());
    assertEquals(0, late);
    assertEquals(1, ends);
  }

  @Test
  void whatComesTooLateIsIgnored() {
    Future<String> bounded = within(timeline, asked.future());
    timeline.runUntil(9);
    assertFalse(bounded.isComplete());
    timeline.runUntil(10);
    assertSame(tooLate, bounded.cause());
    asked.complete("answer");
    timeline.run();
    assertSame(tooLate, bounded.cause());
    assertEquals(1, late);
    assertEquals(1, ends);
  }

  @Test
  void whatHasEndedSetsNoTimer() {
    assertEquals("answer", within(timeline, Future.succeededFuture("answer")).result());
    assertTrue(within(timeline, Future.failedFuture("refused")).failed());
    assertEquals(0, timeline.pending());
    assertEquals(0, late);
  }

  @Test
  void itEndsOnItsTimelineWhateverTheOtherEndsOn() {
    Timeline beside = timeline.beside("beside");
    Future<String> bounded = within(beside, asked.future());
    timeline.after(1, () -> asked.complete("answer"));
    timeline.run();
    assertEquals("answer", bounded.result());
    assertEquals(1, ends);
    Future<String> other = within(beside, Promise.<String>promise().future());
    timeline.run();
    assertSame(tooLate, other.cause());
    assertEquals(2, ends);
  }
}
