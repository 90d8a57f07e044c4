package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Status;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.RouteAnswer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a request ends, its call ends and nothing stays open. */
final class EndingsTest extends EdgeFixture {

  @Test
  void aCallerWhoLeavesBeforeTheHeadEndsTheCall() throws Exception {
    NetSocket socket = raw(http("/v1/chat/completions", CHAT));
    FakeChain.Asked asked = chain.next();
    assertEquals(1, edge.openRequests());
    await(socket.close());
    await(asked.ended.future());
    assertEquals(Status.CANCELLED, reason(asked).status());
    untilNoneOpen();
  }

  @Test
  void anAnswerThatComesTooLateIsCancelled() throws Exception {
    NetSocket socket = raw(http("/v1/chat/completions", CHAT));
    FakeChain.Asked asked = chain.next();
    await(socket.close());
    await(asked.ended.future());
    Endless late = new Endless();
    asked.answer("text/event-stream", late);
    await(late.cancelled.future());
    assertEquals(0, late.read.get());
  }

  @Test
  void aCallerWhoLeavesMidStreamStopsTheProducer() throws Exception {
    NetSocket socket = raw(http("/v1/chat/completions", CHAT));
    Promise<Void> heard = Promise.promise();
    socket.handler(
        bytes -> {
          if (bytes.toString().contains("data: {}")) {
            heard.tryComplete();
          }
        });
    FakeChain.Asked asked = chain.next();
    asked.stream().content("data: {}\n\n");
    await(heard.future());
    await(socket.close());
    await(asked.stopped.future());
    await(asked.ended.future());
    untilNoneOpen();
  }

  @Test
  void aCallerWhoLeavesWithinItsBodyLeavesNothing() throws Exception {
    NetSocket socket =
        raw("POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\ncontent-length: 99\r\n\r\n{");
    until(() -> edge.openRequests() == 1);
    await(socket.close());
    untilNoneOpen();
    assertTrue(chain.quiet());
  }

  @Test
  void aCallEndedByAFilterIsAnsweredThoughTheChainIsSilent() throws Exception {
    Future<Answer> answer = chatWhole(CHAT, Map.of());
    chain.next().request.call().end(Failure.deadline("too late"));
    assertEquals(504, await(answer).status());
    untilNoneOpen();
  }

  @Test
  void aCallerWhoReadsSlowlySlowsTheChain() throws Exception {
    start(builder -> builder.options(options(Duration.ofSeconds(60))));
    HttpClientResponse response = stuck();
    assertEquals(200, await(get("/healthz")).status());
    response.request().reset();
    untilNoneOpen();
  }

  @Test
  void aCallerWhoStopsReadingCountsAsGone() throws Exception {
    start(
        builder ->
            builder.options(options("event-loops: 1, stall-timeout: 20ms, max-connections: 2")));
    stuck(); // and one more connection, which asks whether the gateway lives
    untilNoneOpen();
    String answer = answerTo("GET /healthz HTTP/1.1\r\nhost: t\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 200"), "its connection is closed: " + answer);
  }

  /** A response that nobody reads, of a stream that always has a next chunk of 64 KiB. */
  private HttpClientResponse stuck() throws Exception {
    Future<HttpClientResponse> answer = chat(CHAT).onSuccess(HttpClientResponse::pause);
    Endless endless = new Endless();
    FakeChain.Asked asked = chain.next();
    asked.answer("text/event-stream", endless);
    HttpClientResponse response = await(answer);
    // One event loop: this is answered only if the loop over ready chunks has paused.
    assertEquals(200, await(get("/healthz")).status());
    return response;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anAskerOfARouteWhoDoesNotReadItsStreamCountsAsGone(boolean leaves) throws Exception {
    Endless endless = new Endless();
    HttpRoute route =
        HttpRoute.get("/events", any -> Future.succeededFuture(RouteAnswer.events(endless)));
    Duration stall = leaves ? Duration.ofSeconds(60) : Duration.ofMillis(20);
    start(builder -> builder.options(options(stall)).routes(List.of(route)));
    HttpClientResponse response = await(send(HttpMethod.GET, "/events", Map.of(), Buffer.buffer()));
    assertEquals(200, await(get("/healthz")).status());
    if (leaves) {
      assertEquals(1, edge.openRequests());
      response.request().reset();
    }
    await(endless.cancelled.future());
    untilNoneOpen();
  }

  @Test
  void theHeadOfARoutesStreamEndsAtOnce() throws Exception {
    Endless endless = new Endless();
    HttpRoute route =
        HttpRoute.get("/events", any -> Future.succeededFuture(RouteAnswer.events(endless)));
    start(builder -> builder.routes(List.of(route)));
    Answer head = await(whole(send(HttpMethod.HEAD, "/events", Map.of(), Buffer.buffer())));
    assertEquals(200, head.status());
    assertEquals("text/event-stream", head.header("content-type"));
    assertEquals("", head.body());
    await(endless.cancelled.future());
    untilNoneOpen();
  }

  @Test
  void closingLetsStreamsFinishAndRefusesNewRequests() throws Exception {
    Future<Answer> answer = chatWhole(CHAT, Map.of());
    FakeChain.Streaming stream = chain.next().stream().content("data: {}\n\n");
    await(get("/healthz"));
    Future<Void> closed = edge.close(Duration.ofSeconds(20));
    assertEquals(503, await(get("/readyz")).status());
    Answer refused = await(chatWhole(CHAT, Map.of()));
    assertEquals(503, refused.status());
    assertEquals("close", refused.header("connection"));
    assertEquals("shutting_down", refused.header("x-forebay-reason"));
    assertFalse(closed.isComplete());
    stream.done();
    assertTrue(await(answer).body().endsWith("data: [DONE]\n\n"));
    await(closed);
    assertEquals(0, edge.openRequests());
    assertEquals(0, edge.port());
  }

  @Test
  void closingEndsWhatDoesNotFinish() throws Exception {
    Future<Answer> streamed = chatWhole(CHAT, Map.of());
    chain.next().stream().content("data: {}\n\n");
    Future<Answer> queued = chatWhole(CHAT, Map.of());
    FakeChain.Asked waiting = chain.next();
    await(edge.close(Duration.ZERO));
    assertTrue(await(streamed).body().contains("shutting_down"));
    assertEquals(503, await(queued).status());
    await(waiting.ended.future());
    assertEquals(0, edge.openRequests());
  }

  @Test
  void connectionsWithoutARequestAreClosed() throws Exception {
    start(builder -> builder.options(options("event-loops: 1, idle-timeout: 20ms")));
    for (String begin : List.of("", "POST /v1/chat")) {
      Promise<Void> closed = Promise.promise();
      connect(
          socket -> {
            socket.closeHandler(nothing -> closed.tryComplete());
            socket.write(begin);
          });
      await(closed.future());
    }
  }

  private static EdgeOptions options(Duration stall) {
    return options("event-loops: 1, stall-timeout: " + stall);
  }

  private static Failure reason(FakeChain.Asked asked) {
    Failure why = asked.request.call().reason();
    if (why == null) {
      throw new AssertionError("the call has not ended");
    }
    return why;
  }

  /** Always has a next chunk: a reader without backpressure would never come to an end. */
  private static final class Endless implements TokenStream {
    private static final Buffer DATA = Buffer.buffer("data: " + "x".repeat(65_536) + "\n\n");
    final AtomicInteger read = new AtomicInteger();
    final Promise<Void> cancelled = Promise.promise();

    @Override
    public Future<Chunk> next() {
      read.incrementAndGet();
      return Future.succeededFuture(Chunk.content(DATA, 1));
    }

    @Override
    public void cancel() {
      cancelled.tryComplete();
    }

    @Override
    public Future<Outcome> outcome() {
      return Promise.<Outcome>promise().future();
    }
  }
}
