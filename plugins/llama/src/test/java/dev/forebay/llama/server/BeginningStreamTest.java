package dev.forebay.llama.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.StreamSource;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

final class BeginningStreamTest {

  private final Failure reset = Failure.overloaded(502, "reset", "the connection broke");
  private final Failure gone = Failure.overloaded(503, "gone", "the server has ended");
  private final VirtualTimeline time = new VirtualTimeline();
  private final StreamSource source = new StreamSource(Call.root(time), 0, () -> {});
  private final BeginningStream stream = new BeginningStream(source, failure -> gone);

  private void says(Chunk.Kind kind, boolean last) {
    source.write(new Chunk(Buffer.buffer(kind.name()), kind, 0, last));
  }

  @Test
  void aStreamThatBreaksBeforeItsFirstContentTellsItsOwnFailure() {
    says(Chunk.Kind.WAITING, false);
    assertTrue(stream.next().succeeded());
    Future<Chunk> next = stream.next();
    source.fail(reset);
    assertSame(gone, next.cause());
    assertSame(gone, stream.outcome().result().failure());
  }

  @Test
  void aStreamThatBreaksLaterTellsWhatBrokeIt() {
    says(Chunk.Kind.CONTENT, false);
    assertTrue(stream.next().succeeded());
    Future<Chunk> next = stream.next();
    source.fail(reset);
    assertSame(reset, next.cause());
    assertSame(reset, stream.outcome().result().failure());
  }

  @Test
  void aStreamThatEndsIsPassedOn() {
    says(Chunk.Kind.CONTENT, true);
    assertEquals("CONTENT", stream.next().result().data().toString());
    Outcome outcome = stream.outcome().result();
    assertEquals(null, outcome.failure());
  }
}
