package dev.forebay.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.stream.Streams;
import dev.forebay.servers.Golden;
import dev.forebay.spi.InferenceResponse;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A reader that does not read holds the upstream, not the heap. */
@Timeout(60)
final class BackpressureTest {

  private static final int EVENTS = 1_000_000; // 77 MB: more than sockets and windows buffer
  private static final int EVENTS_PER_WRITE = 100;
  private static final Buffer PIECE = Buffer.buffer(Golden.WORD.repeat(EVENTS_PER_WRITE));

  private final Driver driver = new Driver();
  private final AtomicLong written = new AtomicLong();
  private final Promise<Void> full = Promise.promise();
  private final Promise<Void> last = Promise.promise();

  @AfterEach
  void close() {
    driver.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"HTTP1", "HTTP2"})
  void anUpstreamWaitsForItsReader(Protocol protocol) {
    int port =
        Driver.done(driver.vertx.createHttpServer().requestHandler(this::answer).listen(0))
            .actualPort();
    OpenAiBackend backend =
        driver.backend(OpenAi.at("a", "http://localhost:" + port).withProtocol(protocol));
    InferenceResponse response = Driver.done(driver.serve(backend, true));
    Driver.done(full.future());
    assertTrue(!last.future().isComplete(), "all was written, and nobody read");
    assertTrue(written.get() < EVENTS, written + " events of " + EVENTS);
    AtomicInteger read = new AtomicInteger();
    Driver.done(
        driver.on(() -> Streams.forEach(response.tokens(), chunk -> read.incrementAndGet())));
    assertEquals(EVENTS + 2, read.get());
    assertTrue(last.future().isComplete());
  }

  /** Other work of the event loop comes between, however fast its reader is. */
  @Test
  void aFastReaderIsGivenABoundedNumberOfEventsInATurn() {
    Buffer comments = Buffer.buffer(":\n\n".repeat(1_000_000) + Golden.STREAM);
    int port =
        Driver.done(
                driver
                    .vertx
                    .createHttpServer()
                    .requestHandler(request -> request.response().end(comments))
                    .listen(0))
            .actualPort();
    OpenAiBackend backend = driver.backend(OpenAi.at("a", "http://localhost:" + port));
    InferenceResponse response = Driver.done(driver.serve(backend, true));
    int[] count = {0, 0, 0}; // of all, of those since the last turn, of the longest turn
    Driver.done(
        driver.on(
            () -> {
              turn(count);
              return Streams.forEach(
                  response.tokens(),
                  chunk -> {
                    count[0]++;
                    count[1]++;
                  });
            }));
    assertTrue(count[0] > 1_000_000, count[0] + " chunks");
    assertTrue(count[2] <= 6000, count[2] + " chunks in one turn");
    count[0] = -1;
  }

  /** Runs in each turn of the event loop, after its connections and timers. */
  private void turn(int[] count) {
    count[2] = Math.max(count[2], count[1]);
    count[1] = 0;
    if (count[0] >= 0) {
      driver.timeline.after(2, () -> turn(count));
    }
  }

  private void answer(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    response.setChunked(true).putHeader("content-type", "text/event-stream");
    response.drainHandler(nothing -> write(response));
    write(response);
  }

  private void write(HttpServerResponse response) {
    while (written.get() < EVENTS && !response.writeQueueFull()) {
      response.write(PIECE);
      written.addAndGet(EVENTS_PER_WRITE);
    }
    if (written.get() < EVENTS) {
      full.tryComplete();
    } else if (!response.ended()) {
      last.tryComplete();
      response.end(Golden.FINISH + Golden.DONE);
    }
  }
}
