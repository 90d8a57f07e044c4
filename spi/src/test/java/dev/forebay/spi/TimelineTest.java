package dev.forebay.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

final class TimelineTest {

  private final Queue<Runnable> actions = new ArrayDeque<>();
  private final Timeline timeline = queued(actions);

  private static Timeline queued(Queue<Runnable> actions) {
    return new Timeline() {
      @Override
      public long nanos() {
        return 0;
      }

      @Override
      public long epochMillis() {
        return 0;
      }

      @Override
      public Registration after(long delayNanos, Runnable action) {
        return Registration.NONE;
      }

      @Override
      public void execute(Runnable action) {
        actions.add(action);
      }

      @Override
      public void check() {}
    };
  }

  @Test
  void aQuestionIsAskedOnTheTimeline() {
    Future<String> answer = timeline.ask(() -> "answer");
    assertFalse(answer.isComplete());
    actions.remove().run();
    assertEquals("answer", answer.result());
  }

  @Test
  void aQuestionThatThrowsFails() {
    IllegalStateException why = new IllegalStateException("no answer");
    Future<String> answer =
        timeline.ask(
            () -> {
              throw why;
            });
    actions.remove().run();
    assertSame(why, answer.cause());
  }

  @Test
  void aFutureThatIsBroughtEndsOnTheTimeline() {
    Promise<String> other = Promise.promise();
    Future<String> brought = timeline.bring(other.future());
    other.complete("answer");
    assertFalse(brought.isComplete());
    actions.remove().run();
    assertEquals("answer", brought.result());
  }

  @Test
  void aFutureThatIsBroughtFailsOnTheTimeline() {
    IllegalStateException why = new IllegalStateException("no answer");
    Future<String> brought = timeline.bring(Future.failedFuture(why));
    assertFalse(brought.isComplete());
    actions.remove().run();
    assertSame(why, brought.cause());
  }
}
