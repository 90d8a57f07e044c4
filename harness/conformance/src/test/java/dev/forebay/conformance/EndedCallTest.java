package dev.forebay.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Call;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import org.junit.jupiter.api.Test;

/** The kernel's own source of streams, at the moment that backends meet most seldom. */
class EndedCallTest {

  @Test
  void aSourceUnderACallThatHasEndedIsOver() {
    TestContext context = TestContext.create();
    Call call = Call.root(context.timeline());
    call.end();
    int[] stopped = new int[1];

    StreamSource source = new StreamSource(call, 0, () -> stopped[0]++);

    assertTrue(source.over());
    assertEquals(Status.CANCELLED, source.outcome().result().status());
    assertTrue(source.next().failed());
    assertEquals(1, stopped[0]);
  }
}
