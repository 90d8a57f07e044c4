package dev.forebay.mechanisms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.routes.RouteTable;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes.Listener;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTableTest {

  private final VirtualTimeline time = new VirtualTimeline();
  private final RouteTable table = new RouteTable(time, new PluginErrors(time));
  private final Promise<RouteAnswer> answer = Promise.promise();

  private HttpRoute get(String path) {
    return HttpRoute.get(path, request -> answer.future());
  }

  private Future<RouteAnswer> ask() {
    table.of("jobs").add(Listener.EDGE, get("/jobs"));
    RouteRequest request =
        new RouteRequest(Map.of(), Map.of(), HttpHead.NONE, Caller.at(""), Buffer.buffer());
    return table.all(Listener.EDGE).get(0).handler().handle(request);
  }

  @Test
  void anAnswerThatNeverComesIsAFailureAfterAMinute() {
    Future<RouteAnswer> asked = ask();
    time.runUntil(59_999_000_000L);
    assertFalse(asked.isComplete());
    time.runUntil(60_000_000_000L);
    assertEquals(504, Failure.from(asked.cause()).httpStatus());
    answer.complete(RouteAnswer.json(200, Buffer.buffer("{}")));
    assertEquals(0, time.pending());
  }

  @Test
  void anAnswerInTimeLeavesNothingScheduled() {
    Future<RouteAnswer> asked = ask();
    answer.complete(RouteAnswer.json(200, Buffer.buffer("{}")));
    assertEquals(200, asked.result().status());
    assertEquals(0, time.pending());
  }

  @Test
  void aStreamThatFallsSilentFailsAfterAMinute() {
    StreamSource source = new StreamSource(Call.root(time), 0, () -> {});
    Future<RouteAnswer> asked = ask();
    answer.complete(RouteAnswer.events(source));
    TokenStream stream = Objects.requireNonNull(asked.result().stream());
    source.write(Chunk.content(Buffer.buffer("data: 1\n\n"), 0));
    assertEquals("data: 1\n\n", stream.next().result().data().toString());
    Future<Chunk> next = stream.next();
    time.runUntil(59_999_000_000L);
    assertFalse(next.isComplete());
    time.runUntil(60_000_000_000L);
    assertEquals("route_timeout", Failure.from(next.cause()).reason());
    assertTrue(source.outcome().isComplete(), "stopped");
    assertEquals(0, time.pending());
  }

  @Test
  void aStreamThatThrowsFailsItsReaderOnly() {
    Future<RouteAnswer> asked = ask();
    answer.complete(
        RouteAnswer.events(
            new TokenStream() {
              @Override
              public Future<Chunk> next() {
                throw new IllegalStateException("broken");
              }

              @Override
              public void cancel() {}

              @Override
              public Future<Outcome> outcome() {
                return Promise.<Outcome>promise().future();
              }
            }));
    TokenStream stream = Objects.requireNonNull(asked.result().stream());
    assertEquals("internal", Failure.from(stream.next().cause()).reason());
    assertEquals(0, time.pending());
  }

  @ParameterizedTest
  @CsvSource({
    "/jobs,/jobs,true",
    "/jobs/:id,/jobs/all,true",
    "/jobs/:id,/jobs/:name,true",
    "/jobs/:id,/jobs,false",
    "/jobs/:id,/jobs/:id/result,false",
    "/jobs/:id,/models/:id,false"
  })
  void pathsThatMayBeEqualAreAConflict(String one, String other, boolean conflict) {
    table.of("a").add(Listener.EDGE, get(one));
    table.of("b").add(Listener.ADMINISTRATION, get(other));
    table.of("b").add(Listener.EDGE, HttpRoute.post(other, 0, request -> answer.future()));
    if (conflict) {
      assertThrows(
          IllegalArgumentException.class, () -> table.of("b").add(Listener.EDGE, get(other)));
    } else {
      table.of("b").add(Listener.EDGE, get(other));
    }
  }

  @Test
  void aRouteThatIsAddedAfterTheStartIsRefused() {
    assertEquals(0, new RouteTable(table).all(Listener.EDGE).size());
    assertThrows(
        IllegalStateException.class, () -> table.of("late").add(Listener.EDGE, get("/late")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "jobs", "/jobs/", "//jobs", "/jobs/*", "/jobs/{id}", "/a b"})
  void aPathOfAnotherFormIsRefused(String path) {
    assertThrows(IllegalArgumentException.class, () -> get(path));
  }
}
