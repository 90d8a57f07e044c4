package dev.forebay.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.Relay;
import dev.forebay.servers.ScriptedHttp2;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that are lost, silent or old, and limits that are not a client's. */
@Timeout(60)
final class RotatingClientTest {

  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SILENCE = Duration.ofMillis(800);
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

  private final Vertx vertx = Vertx.vertx();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    done(vertx.close());
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  // What ends one stream ends no other.

  @Test
  void manyGivenUpStreamsLeaveTheOthersAlone() throws IOException {
    ScriptedHttp2 upstream = upstream(new Http2Settings(), RotatingClientTest::talk);
    Relay far = opened(new Relay(upstream.port(), 30));
    RotatingClient client = http2(LONG, LONG);
    List<Heard> others = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      others.add(new Heard(done(client.send(target(far.port()), this::whole))));
    }
    for (int i = 0; i < 60; i++) {
      HttpClientResponse left = done(client.send(target(far.port()), this::whole));
      new Heard(left).atLeast(1);
      left.request().reset(RotatingClient.CANCEL);
    }
    for (Heard other : others) {
      other.atLeast(other.pieces.get() + 20);
    }
    assertEquals(1, upstream.peers().size());
    assertEquals(0, upstream.goAways());
    assertEquals(60, upstream.resets(), "one for each stream, none for what was on its way");
  }

  @ParameterizedTest
  @EnumSource(names = {"CANCEL", "ENHANCE_YOUR_CALM", "INTERNAL_ERROR"})
  void anUpstreamThatResetsManyStreamsLeavesTheOthersAlone(Http2Error code) {
    ScriptedHttp2 upstream =
        upstream(
            new Http2Settings(),
            (peer, stream, body) -> {
              if (stream.id() > 1) {
                peer.reset(stream, code);
              } else {
                talk(peer, stream, body);
              }
            });
    RotatingClient client = http2(LONG, LONG);
    Heard other = new Heard(done(client.send(target(upstream.port()), this::whole)));
    for (int i = 0; i < 260; i++) {
      Throwable broken = failure(client.send(target(upstream.port()), this::whole));
      assertEquals(code.code(), assertInstanceOf(StreamResetException.class, broken).getCode());
    }
    other.atLeast(other.pieces.get() + 20);
    assertEquals(1, upstream.peers().size());
    assertEquals(0, upstream.goAways());
    assertEquals(261, upstream.asked(), "none was sent again");
  }

  @Test
  void emptyPiecesAreNoFlood() {
    ScriptedHttp2 upstream =
        upstream(
            new Http2Settings(),
            (peer, stream, body) -> {
              peer.head(stream, "text/plain");
              for (int i = 0; i < 50; i++) {
                peer.data(stream, "", false);
              }
              peer.data(stream, "at last", true);
            });
    assertEquals("at last", body(http2(LONG, LONG), upstream.port()));
  }

  // A connection that is silent.

  @Test
  void aSilentConnectionIsLeftAndThenClosed() throws IOException {
    ScriptedHttp2 upstream =
        upstream(
            new Http2Settings(),
            (peer, stream, body) -> {
              if (peer.number() == 0 && stream.id() == 3) {
                return; // a request that is worked on for long
              }
              peer.answer(stream);
            });
    Relay relay = opened(new Relay(upstream.port(), 0));
    RotatingClient client = http2(LONG, SILENCE);
    assertEquals("from 0", body(client, relay.port()));
    Future<HttpClientResponse> stuck = client.send(target(relay.port()), this::whole);
    until(() -> upstream.asked() == 2);
    relay.silence();
    askUntilAnswered(client, relay.port());
    assertTrue(
        String.valueOf(failure(stuck).getMessage()).contains("closed"),
        "it is given up in the end");
    assertEquals(2, relay.accepted());
  }

  @Test
  void aBusyConnectionThatAnswersPingsStays() {
    AtomicInteger looks = new AtomicInteger();
    List<Runnable> late = new CopyOnWriteArrayList<>();
    ScriptedHttp2 upstream =
        upstream(new Http2Settings(), (peer, stream, body) -> late.add(() -> peer.answer(stream)));
    RotatingClient client = http2(LONG, Duration.ofMillis(80));
    Future<String> thinking = client.send(target(upstream.port()), this::whole).compose(this::read);
    vertx.setPeriodic(
        10,
        tick -> {
          if (looks.incrementAndGet() == 50) {
            late.forEach(Runnable::run);
          }
        });
    assertEquals("from 0", done(thinking));
  }

  @Test
  void aConnectionWhoseWindowIsNeverGrantedGetsNoNewRequests() {
    ScriptedHttp2 upstream =
        upstream(
            new Http2Settings().initialWindowSize(0), (peer, stream, body) -> peer.answer(stream));
    RotatingClient client = http2(LONG, SILENCE);
    List<Future<HttpClientResponse>> stuck = new ArrayList<>();
    stuck.add(client.send(target(upstream.port()), this::large));
    until(
        () -> {
          if (upstream.peers().size() < 2) {
            stuck.add(client.send(target(upstream.port()), this::large));
          }
          return upstream.peers().size() == 2;
        });
    assertFalse(stuck.get(0).isComplete(), "those that wait are not cut");
  }

  @Test
  void aConnectionWhoseLastStreamsGotNoAnswerGetsNoNewRequests() {
    ScriptedHttp2 upstream =
        upstream(
            new Http2Settings(),
            (peer, stream, body) -> {
              if (peer.number() > 0) {
                peer.answer(stream);
              }
            });
    RotatingClient client = http2(LONG, Duration.ofMillis(400));
    askUntilAnswered(client, upstream.port());
    assertEquals(2, upstream.peers().size());
  }

  /** It is accepted, and then nothing comes: no SETTINGS. */
  @Test
  void aPoolWhoseOnlyConnectionNeverBeginsIsLeft() throws IOException {
    ScriptedHttp2 upstream =
        upstream(new Http2Settings(), (peer, stream, body) -> peer.answer(stream));
    Relay relay = opened(new Relay(upstream.port(), 0));
    relay.silenceNewOnes(true);
    RotatingClient client = http2(LONG, SILENCE);
    RequestOptions target = target(relay.port()).setConnectTimeout(200);
    String late = String.valueOf(failure(client.send(target, this::whole)).getMessage());
    assertTrue(late.contains("200 ms"), late);
    relay.silenceNewOnes(false);
    assertEquals("from 1", done(client.send(target, this::whole).compose(this::read)));
  }

  @Test
  void requestsThatAreGivenUpBeforeTheyAreSentLeaveTheirPlaces() {
    ScriptedHttp2 upstream =
        upstream(
            new Http2Settings().maxConcurrentStreams(2),
            (peer, stream, body) -> peer.answer(stream));
    RotatingClient client = http2(LONG, LONG);
    for (int i = 0; i < 10; i++) {
      failure(
          client.send(
              target(upstream.port()),
              request -> {
                RotatingClient.giveUp(request);
                return request.response();
              }));
    }
    assertEquals("from 0", body(client, upstream.port()));
    assertEquals(1, upstream.peers().size());
  }

  // The age of a connection.

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noConnectionIsUsedBeyondItsAgeUnderSteadyTraffic(boolean http2) {
    AtomicInteger connections = new AtomicInteger();
    AtomicInteger closed = new AtomicInteger();
    int port =
        done(vertx
                .createHttpServer()
                .connectionHandler(
                    connection -> {
                      connections.incrementAndGet();
                      connection.closeHandler(over -> closed.incrementAndGet());
                    })
                .requestHandler(request -> request.response().end("ok"))
                .listen(0))
            .actualPort();
    Duration age = Duration.ofMillis(100);
    RotatingClient client = http2 ? http2(age, LONG) : http1(age);
    List<Future<String>> pair = new ArrayList<>();
    while (connections.get() < 6 || closed.get() < 3) {
      pair.clear();
      pair.add(client.send(target(port), this::whole).compose(this::read));
      pair.add(client.send(target(port), this::whole).compose(this::read));
      pair.forEach(each -> assertEquals("ok", done(each)));
    }
  }

  /** It ends after its answer, not before. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anAnswerThatOutlivesTheAgeIsNotCut(boolean http2) {
    AtomicInteger connections = new AtomicInteger();
    Promise<Void> end = Promise.promise();
    int port =
        done(vertx
                .createHttpServer()
                .connectionHandler(connection -> connections.incrementAndGet())
                .requestHandler(
                    request -> {
                      if (request.method() == HttpMethod.GET) {
                        request.response().end("ok");
                        return;
                      }
                      request.response().setChunked(true).write("first ");
                      end.future().onComplete(now -> request.response().end("last"));
                    })
                .listen(0))
            .actualPort();
    Duration age = Duration.ofMillis(50);
    RotatingClient client = http2 ? http2(age, LONG) : http1(age);
    HttpClientResponse slow = done(client.send(target(port), this::whole));
    Future<String> text = read(slow);
    RequestOptions get = target(port).setMethod(HttpMethod.GET);
    until(
        () -> {
          assertEquals("ok", done(client.send(get, this::whole).compose(this::read)));
          return connections.get() >= 4;
        });
    end.complete();
    assertEquals("first last", done(text));
  }

  // A request that crosses the end of its connection.

  @Test
  void aRequestThatMeetsTheCloseOfAnIdleConnectionIsSentOnceMore() {
    List<String> did = new CopyOnWriteArrayList<>();
    int port = listen(closing(did, ""));
    RotatingClient client = http1(LONG);
    assertEquals("ok", body(client, port));
    assertEquals("ok", body(client, port));
    assertEquals(List.of("0 answers", "0 closes", "1 answers"), did);
  }

  @Test
  void aRequestWhoseAnswerBeganIsNotSentOnceMore() {
    List<String> did = new CopyOnWriteArrayList<>();
    int port = listen(closing(did, "HTTP/1"));
    RotatingClient client = http1(LONG);
    assertEquals("ok", body(client, port));
    failure(client.send(target(port), this::whole));
    assertEquals(List.of("0 answers", "0 closes"), did);
  }

  @Test
  void aRequestOnAFreshConnectionIsNotSentOnceMore() {
    List<String> did = new CopyOnWriteArrayList<>();
    int port =
        listen(
            (socket, asked) -> {
              did.add("closes");
              socket.close();
            });
    failure(http1(LONG).send(target(port), this::whole));
    assertEquals(List.of("closes"), did);
  }

  @Test
  void noRequestIsSentThreeTimes() {
    AtomicInteger asked = new AtomicInteger();
    int port =
        listen(
            (socket, piece) -> {
              if (asked.incrementAndGet() == 1) {
                socket.write(OK);
              } else {
                socket.close();
              }
            });
    RotatingClient client = http1(LONG);
    assertEquals("ok", body(client, port));
    failure(client.send(target(port), this::whole));
    assertEquals(3, asked.get());
  }

  @Test
  void aStreamThatAGoAwayLeavesOutIsSentOnceMore() {
    ScriptedHttp2 upstream =
        upstream(
            new Http2Settings(),
            (peer, stream, body) -> {
              if (peer.number() == 0 && stream.id() > 1) {
                peer.goAway(1);
              } else {
                peer.answer(stream);
              }
            });
    RotatingClient client = http2(LONG, LONG);
    assertEquals("from 0", body(client, upstream.port()));
    assertEquals("from 1", body(client, upstream.port()));
  }

  /** As servers end gracefully: first a GOAWAY for all, then one that tells the last stream. */
  @Test
  void theSecondOfTwoGoAwaysCounts() {
    ScriptedHttp2 upstream =
        upstream(
            new Http2Settings(),
            (peer, stream, body) -> {
              if (peer.number() == 0 && stream.id() > 1) {
                peer.goAway(Integer.MAX_VALUE);
                peer.goAway(1);
              } else {
                peer.answer(stream);
              }
            });
    RotatingClient client = http2(LONG, LONG);
    assertEquals("from 0", body(client, upstream.port()));
    assertEquals("from 1", body(client, upstream.port()));
  }

  @Test
  void aStreamThatMayHaveBeenProcessedIsNotSentOnceMore() {
    ScriptedHttp2 upstream =
        upstream(
            new Http2Settings(),
            (peer, stream, body) -> {
              peer.goAway(stream.id());
              peer.close();
            });
    failure(http2(LONG, LONG).send(target(upstream.port()), this::whole));
    assertEquals(1, upstream.asked());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aRefusedStreamIsSentOnceMore(int refused) {
    AtomicInteger left = new AtomicInteger(refused);
    ScriptedHttp2 upstream =
        upstream(
            new Http2Settings(),
            (peer, stream, body) -> {
              if (left.getAndDecrement() > 0) {
                peer.reset(stream, Http2Error.REFUSED_STREAM);
              } else {
                peer.answer(stream);
              }
            });
    Future<String> asked =
        http2(LONG, LONG).send(target(upstream.port()), this::whole).compose(this::read);
    if (refused == 1) {
      assertEquals("from 1", done(asked));
    } else {
      assertInstanceOf(StreamResetException.class, failure(asked));
    }
    assertEquals(2, upstream.asked());
  }

  /** The limit falls from 100 to 5 while 60 requests are on their way. */
  @Test
  void aLimitThatFallsUnderLoadFailsNoRequest() throws IOException {
    AtomicInteger working = new AtomicInteger();
    ScriptedHttp2 upstream =
        upstream(
            new Http2Settings().maxConcurrentStreams(100),
            (peer, stream, body) -> {
              if (peer.number() == 0 && working.incrementAndGet() == 1) {
                peer.settings(new Http2Settings().maxConcurrentStreams(5));
              }
              if (peer.number() == 0 && working.get() > 5) {
                peer.reset(stream, Http2Error.REFUSED_STREAM);
              } else {
                peer.answer(stream);
              }
            });
    Relay far = opened(new Relay(upstream.port(), 10));
    RotatingClient client = http2(LONG, LONG);
    List<Future<String>> all = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      all.add(client.send(target(far.port()), this::whole).compose(this::read));
    }
    all.forEach(each -> assertTrue(done(each).startsWith("from ")));
  }

  // What the tests share.

  /** Sends small pieces for ever, faster than they are read over a long way. */
  private static void talk(ScriptedHttp2.Peer peer, Http2FrameStream stream, String body) {
    peer.head(stream, "text/plain");
    say(peer, stream);
  }

  private static void say(ScriptedHttp2.Peer peer, Http2FrameStream stream) {
    peer.data(stream, "x", false);
    peer.after(3, () -> say(peer, stream));
  }

  private static BiConsumer<NetSocket, Integer> closing(List<String> did, String first) {
    Map<NetSocket, Integer> numbers = new HashMap<>();
    return (socket, asked) -> {
      int number = numbers.computeIfAbsent(socket, one -> numbers.size());
      boolean closes = number == 0 && asked > 1;
      did.add(number + (closes ? " closes" : " answers"));
      if (closes) {
        socket.write(first).onComplete(written -> socket.close());
      } else {
        socket.write(OK);
      }
    };
  }

  /** Calls back with the number of the request on its connection. */
  private int listen(BiConsumer<NetSocket, Integer> asked) {
    NetServer server = vertx.createNetServer();
    server.connectHandler(
        socket -> {
          AtomicInteger count = new AtomicInteger();
          socket.handler(
              piece -> {
                if (piece.toString().contains(" HTTP/1.1")) {
                  asked.accept(socket, count.incrementAndGet());
                }
              });
        });
    return done(server.listen(0)).actualPort();
  }

  private void askUntilAnswered(RotatingClient client, int port) {
    boolean[] answered = {false};
    while (!answered[0]) {
      HttpClientRequest[] sent = new HttpClientRequest[1];
      Future<HttpClientResponse> response =
          client.send(
              target(port),
              request -> {
                sent[0] = request;
                return whole(request);
              });
      try {
        response
            .toCompletionStage()
            .toCompletableFuture()
            .orTimeout(150, TimeUnit.MILLISECONDS)
            .join();
        answered[0] = true;
      } catch (CompletionException e) {
        if (sent[0] != null) {
          sent[0].reset(RotatingClient.CANCEL);
        }
      }
    }
  }

  private ScriptedHttp2 upstream(Http2Settings settings, ScriptedHttp2.Script script) {
    return opened(new ScriptedHttp2(settings, script));
  }

  private <T extends AutoCloseable> T opened(T one) {
    opened.add(one);
    return one;
  }

  private RotatingClient http1(Duration age) {
    return client(new HttpClientOptions(), age == LONG ? 1 : 100, age, LONG);
  }

  private RotatingClient http2(Duration age, Duration silence) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false)
            .setHttp2MultiplexingLimit(100)
            .setHttp2ConnectionWindowSize(1 << 20);
    return client(options, 1, age, silence);
  }

  private RotatingClient client(
      HttpClientOptions options, int http1, Duration age, Duration silence) {
    ConnectionRules rules = new ConnectionRules(age, LONG, silence, LONG);
    RotatingClient client =
        new RotatingClient(
            vertx,
            rules,
            (pooled, connected) ->
                HttpClients.create(
                    vertx,
                    new HttpClientOptions(options).setKeepAlive(pooled),
                    new PoolOptions().setHttp1MaxSize(http1).setHttp2MaxSize(1),
                    connected));
    opened.add(() -> done(client.close()));
    return client;
  }

  private static RequestOptions target(int port) {
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setHost("localhost")
        .setPort(port)
        .setConnectTimeout(20_000)
        .setURI("/");
  }

  /** The test's thread is not the connection's: what comes waits until it is read. */
  private Future<HttpClientResponse> whole(HttpClientRequest request) {
    return request.send("question").onSuccess(HttpClientResponse::pause);
  }

  private Future<HttpClientResponse> large(HttpClientRequest request) {
    return request.send(Buffer.buffer(new byte[100_000]));
  }

  private String body(RotatingClient client, int port) {
    return done(client.send(target(port), this::whole).compose(this::read));
  }

  private Future<String> read(HttpClientResponse response) {
    Future<String> text = response.body().map(Buffer::toString);
    response.resume();
    return text;
  }

  private void until(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Promise<Void> turn = Promise.promise();
      vertx.setTimer(5, over -> turn.complete());
      done(turn.future());
    }
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

  /** Pieces of a stream that were read. */
  private final class Heard {

    private final AtomicInteger pieces = new AtomicInteger();
    private final Promise<Throwable> broken = Promise.promise();

    Heard(HttpClientResponse response) {
      response.exceptionHandler(broken::tryComplete);
      response.handler(piece -> pieces.incrementAndGet());
      response.resume();
    }

    void atLeast(int count) {
      until(() -> pieces.get() >= count || broken.future().isComplete());
      assertFalse(broken.future().isComplete(), () -> "broken: " + broken.future().result());
    }
  }
}
