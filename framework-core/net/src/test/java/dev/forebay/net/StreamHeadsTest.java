package dev.forebay.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.ScriptedHttp2;
import dev.forebay.servers.ScriptedHttp2.Peer;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads of answers over HTTP/2: what breaks one leaves the others of its connection alone. */
@Timeout(60)
final class StreamHeadsTest {

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client =
      HttpClients.create(
          vertx,
          new HttpClientOptions()
              .setProtocolVersion(HttpVersion.HTTP_2)
              .setHttp2ClearTextUpgrade(false)
              .setMaxHeaderSize(32 << 10));
  private @Nullable ScriptedHttp2 upstream;

  @AfterEach
  void close() {
    done(vertx.close());
    ScriptedHttp2 started = upstream;
    if (started != null) {
      started.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"100, 1", "102, 1", "103, 1", "150, 1", "199, 1", "102, 1024"})
  void interimAnswersArePassedOver(String status, int times) {
    ScriptedHttp2 server =
        start(
            (peer, stream) -> {
              for (int i = 0; i < times; i++) {
                peer.head(stream, headers(status), false);
              }
              peer.answer(stream);
            });
    assertEquals("200 from 0", ask(server, "strange"));
    assertEquals(1, server.asked());
  }

  @ParameterizedTest
  @CsvSource({"102, 1025", "101, 1"})
  void interimAnswersThatAreTooManyOrNoneFail(String status, int times) {
    failsAlone(
        (peer, stream) -> {
          for (int i = 0; i < times; i++) {
            peer.head(stream, headers(status), false);
          }
          peer.answer(stream);
        });
  }

  @Test
  void anInterimAnswerThatIsTheLastFails() {
    failsAlone((peer, stream) -> peer.head(stream, headers("102"), true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1000", "20", "099", "600", "2x0"})
  void aStatusThatIsNoneFails(String status) {
    failsAlone((peer, stream) -> peer.head(stream, headers(status), false));
  }

  @Test
  void aHeadWithoutAStatusFails() {
    failsAlone(
        (peer, stream) ->
            peer.head(
                stream, new DefaultHttp2Headers(false).set("content-type", "text/plain"), false));
  }

  @Test
  void aBodyBeforeItsHeadFailsAtOnce() {
    failsAlone((peer, stream) -> peer.data(stream, "early", false));
    failsAlone(
        (peer, stream) -> {
          peer.head(stream, headers("102"), false);
          peer.data(stream, "early", true);
        });
  }

  @Test
  void aHeadAsLongAsHttp1TakesItIsTaken() {
    ScriptedHttp2 server =
        start(
            (peer, stream) -> {
              peer.head(stream, headers("200").set("x-big", "y".repeat(30_000)), false);
              peer.data(stream, "long", true);
            });
    assertEquals("200 long", ask(server, "strange"));
  }

  @Test
  void aLongerHeadFailsItsOwnStreamOnly() {
    Throwable why =
        failsAlone(
            (peer, stream) ->
                peer.head(stream, headers("200").set("x-big", "y".repeat(60_000)), false));
    assertInstanceOf(TooLongHttpHeaderException.class, why);
  }

  @Test
  void trailersNeedNoStatus() {
    ScriptedHttp2 server =
        start(
            (peer, stream) -> {
              peer.head(stream, headers("200"), false);
              peer.data(stream, "body", false);
              peer.head(stream, new DefaultHttp2Headers(false).set("x-end", "1"), true);
            });
    assertEquals("200 body", ask(server, "strange"));
  }

  @Test
  void nobodyMayPush() {
    ScriptedHttp2 server = start((peer, stream) -> peer.answer(stream));
    assertEquals("200 from 0", ask(server, "strange"));
    assertEquals(false, server.peers().get(0).theirs().pushEnabled());
  }

  /** One stream is open before, and goes on after. */
  private Throwable failsAlone(Script script) {
    ScriptedHttp2 server = start(script);
    Future<String> other = request(server, "other");
    while (server.asked() == 0) {
      Thread.onSpinWait();
    }
    Throwable why = failure(request(server, "strange"));
    assertEquals("200 goes on", ask(server, "release"));
    assertEquals("200 went on", done(other));
    assertEquals(1, server.peers().size(), "one connection");
    Throwable inner = InvalidAnswerException.unwrapped(why);
    assertTrue(
        inner instanceof InvalidAnswerException || inner instanceof TooLongHttpHeaderException,
        why + " of " + why.getCause());
    return inner;
  }

  private ScriptedHttp2 start(Script script) {
    ScriptedHttp2 before = upstream;
    if (before != null) {
      before.close();
    }
    Http2FrameStream[] waiting = new Http2FrameStream[1];
    ScriptedHttp2 server =
        new ScriptedHttp2(
            new Http2Settings().maxHeaderListSize(1 << 20),
            (peer, stream, body) -> {
              switch (body) {
                case "other" -> waiting[0] = stream;
                case "release" -> {
                  for (Http2FrameStream each : new Http2FrameStream[] {waiting[0], stream}) {
                    peer.head(each, headers("200"), false);
                    peer.data(each, each == stream ? "goes on" : "went on", true);
                  }
                }
                default -> script.asked(peer, stream);
              }
            });
    upstream = server;
    return server;
  }

  private static Http2Headers headers(String status) {
    return new DefaultHttp2Headers(false).status(status);
  }

  private String ask(ScriptedHttp2 server, String body) {
    return done(request(server, body));
  }

  private Future<String> request(ScriptedHttp2 server, String body) {
    return client
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost("localhost")
                .setPort(server.port())
                .setURI("/"))
        .compose((HttpClientRequest open) -> open.send(body).compose(StreamHeadsTest::read));
  }

  /** Asked for on the event loop that has the head: a body that has ended is never told. */
  private static Future<String> read(HttpClientResponse head) {
    return head.body().map((Buffer bytes) -> head.statusCode() + " " + bytes.toString());
  }

  private static <T> T done(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  private static Throwable failure(Future<?> future) {
    try {
      throw new AssertionError("it did not fail: " + done(future));
    } catch (CompletionException e) {
      return e.getCause() == null ? e : e.getCause();
    }
  }

  /** What the upstream does with the strange request. */
  @FunctionalInterface
  private interface Script {
    void asked(Peer peer, Http2FrameStream stream);
  }
}
