package dev.forebay.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An answer that is said before it is asked for, after it, or at the same moment. */
class PendingAnswerTest {

  private final Failure why = Failure.deadline("late");

  @Test
  void whatIsSaidBeforeIsGivenAsItIs() {
    PendingAnswer later = new PendingAnswer();
    Future<InferenceResponse> answer = Future.failedFuture(why);
    later.is(answer);
    later.fails(Failure.cancelled());
    assertSame(answer, later.future());
  }

  @Test
  void whatIsSaidAfterCompletesWhatWasGiven() {
    PendingAnswer later = new PendingAnswer();
    Future<InferenceResponse> given = later.future();
    Promise<InferenceResponse> answer = Promise.promise();
    later.is(answer.future());
    later.fails(Failure.cancelled());
    assertFalse(given.isComplete());
    answer.fail(why);
    assertSame(why, given.cause());
  }

  @Test
  void whatIsSaidAtTheSameMomentIsNotLost() throws Exception {
    for (int i = 0; i < 2_000; i++) {
      PendingAnswer later = new PendingAnswer();
      Thread other = Thread.ofPlatform().start(() -> later.fails(why));
      Future<InferenceResponse> given = later.future();
      other.join();
      Throwable cause =
          given
              .transform(ended -> Future.succeededFuture(ended.cause()))
              .await(1, TimeUnit.SECONDS);
      assertEquals(why, cause);
    }
  }
}
