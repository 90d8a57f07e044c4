package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Headers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are made to confuse, to exhaust or to smuggle: one answer, and the end. */
final class HostileRequestsTest extends EdgeFixture {

  private static final String POST = "POST /v1/chat/completions HTTP/1.1\r\n";
  private static final String HOST = "host: test\r\n";
  private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nhost: test\r\n\r\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        // both lengths: the proxy in front may have believed the other one
        POST + HOST + "content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + HOST + "transfer-encoding: chunked\r\ncontent-length: 6\r\n\r\n0\r\n\r\n",
        // two lengths
        POST + HOST + "content-length: 5\r\ncontent-length: 6\r\n\r\n{}    ",
        POST + HOST + "content-length: 5, 6\r\n\r\n{}    ",
        // lengths that are none
        POST + HOST + "content-length: +2\r\n\r\n{}",
        POST + HOST + "content-length: -2\r\n\r\n{}",
        POST + HOST + "content-length: 0x2\r\n\r\n{}",
        POST + HOST + "content-length: 99999999999999999999\r\n\r\n{}",
        // encodings that hide a chunked one, or are hidden in one
        POST + HOST + "transfer-encoding: identity\r\ncontent-length: 2\r\n\r\n{}",
        POST + HOST + "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        POST + HOST + "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        POST + HOST + "transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        POST + HOST + "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /v1/chat/completions HTTP/1.0\r\n"
            + HOST
            + "transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        // spaces and control characters where there may be none
        POST + HOST + "transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
        POST + HOST + "content-length : 2\r\n\r\n{}",
        POST + HOST + "x\u0001: 1\r\ncontent-length: 2\r\n\r\n{}",
        POST + HOST + "x: a\u0000b\r\ncontent-length: 2\r\n\r\n{}",
        POST + HOST + "x: a\rtransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        // lines that end with LF only
        "POST /v1/chat/completions HTTP/1.1\nhost: test\ncontent-length: 2\n\n{}",
        POST + "host: test\ncontent-length: 2\r\n\r\n{}",
        // hosts
        POST + "content-length: 2\r\n\r\n{}",
        POST + HOST + "host: other\r\ncontent-length: 2\r\n\r\n{}",
        // no request at all
        "BOGUS\r\n\r\n"
      })
  void whatCanBeReadInTwoWaysIsRefusedAndTheConnectionClosed(String request) throws Exception {
    String answer = untilClosed(request + SMUGGLED);
    assertTrue(answer.matches("(?s)HTTP/1\\.[01] 400 .*"), answer);
    assertTrue(answer.contains("\"code\":\"bad_http\""), answer);
    assertFalse(answer.contains("smuggled"), answer);
    assertEquals(1, count(answer, "HTTP/1."), answer);
    assertTrue(chain.quiet());
    untilNoneOpen();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"zz\r\n{}\r\n0\r\n\r\n", "-1\r\n\r\n", "2\n{}\r\n0\r\n\r\n", "ffffffffff\r\n"})
  void chunksThatAreNoneEndTheConnection(String chunks) throws Exception {
    String answer =
        untilClosed(POST + HOST + "transfer-encoding: chunked\r\n\r\n" + chunks + SMUGGLED);
    assertFalse(answer.contains("smuggled"), answer);
    assertTrue(chain.quiet());
    untilNoneOpen();
  }

  @ParameterizedTest
  @CsvSource({
    "request line, 414",
    "one header, 431",
    "many headers, 431",
    "short lines, 431",
    "trailers, 200",
  })
  void headsThatAreTooLargeAreRefused(String what, int status) throws Exception {
    String request =
        switch (what) {
          case "request line" -> "GET /" + "x".repeat(9000) + " HTTP/1.1\r\n" + HOST + "\r\n";
          case "one header" -> POST + HOST + "x: " + "y".repeat(17 << 10) + "\r\n\r\n";
          case "many headers" -> POST + HOST + "x: yyyyyy\r\n".repeat(2000) + "\r\n";
          case "short lines" -> POST + HOST + "a:\r\n".repeat(Framing.MAX_FIELDS);
          default -> "GET /healthz HTTP/1.1\r\n" + HOST + "connection: close\r\n\r\n";
        };
    String answer = untilClosed(request);
    assertTrue(answer.matches("(?s)HTTP/1\\.[01] " + status + " .*"), answer);
    untilNoneOpen();
  }

  @Test
  void trailersWithoutAnEndCloseTheConnection() throws Exception {
    String answer =
        untilClosed(
            POST
                + HOST
                + "transfer-encoding: chunked\r\n\r\n0\r\n"
                + "x: yyyyyyyy\r\n".repeat(3000));
    assertFalse(answer.contains(" 200 "), answer);
    assertTrue(chain.quiet());
    untilNoneOpen();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "br", "zstd", "identity, gzip", "GZIP"})
  void compressedBodiesAreRefusedUnread(String encoding) throws Exception {
    Answer got = await(chatWhole(CHAT, Map.of("content-encoding", encoding)));
    assertEquals(415, got.status());
    assertEquals("unsupported_content_encoding", got.error().getString("code"));
    assertEquals("identity", got.header("accept-encoding"));
    assertTrue(chain.quiet());
    untilNoneOpen();
  }

  @Test
  void aBombStaysPacked() throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      for (int i = 0; i < 64; i++) {
        gzip.write(new byte[1 << 20]);
      }
    }
    Future<Answer> answer =
        whole(
            send(
                io.vertx.core.http.HttpMethod.POST,
                "/v1/chat/completions",
                Map.of("content-encoding", "gzip"),
                Buffer.buffer(packed.toByteArray())));
    assertEquals(415, await(answer).status());
    untilNoneOpen();
  }

  @Test
  void anUnencodedBodyMaySayThatItIs() throws Exception {
    Future<Answer> answer = chatWhole(CHAT, Map.of("content-encoding", "identity"));
    chain.next().whole("{}");
    assertEquals(200, await(answer).status());
  }

  @Test
  void aHeadThatDribblesInIsGivenUp() throws Exception {
    start(builder -> builder.options(options("head-timeout: 50ms, idle-timeout: 1h")));
    Promise<String> closed = Promise.promise();
    NetSocket socket = await(connect(closed));
    await(socket.write("GET /healthz HT"));
    long dribble = vertx.setPeriodic(5, tick -> socket.write("x"));
    await(closed.future());
    vertx.cancelTimer(dribble);
  }

  @Test
  void theSecondHeadOfAConnectionHasItsOwnTime() throws Exception {
    start(builder -> builder.options(options("head-timeout: 50ms, idle-timeout: 1h")));
    String health = "GET /healthz HTTP/1.1\r\n" + HOST + "\r\n";
    Promise<String> closed = Promise.promise();
    NetSocket socket = await(connect(closed));
    Promise<Void> answered = Promise.promise();
    vertx.runOnContext(
        nothing -> {
          socket.handler(part -> answered.tryComplete());
          socket.write(health);
        });
    await(answered.future());
    assertFalse(closed.future().isComplete());
    await(socket.write("G"));
    await(closed.future());
  }

  @Test
  void aBodyThatDribblesInIsAnsweredAndGivenUp() throws Exception {
    start(builder -> builder.options(options("body-timeout: 50ms")));
    String answer = untilClosed(POST + HOST + "content-length: 1000\r\n\r\n{");
    assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
    assertTrue(chain.quiet());
    untilNoneOpen();
  }

  @Test
  void aSlowAnswerIsNoSlowHead() throws Exception {
    start(builder -> builder.options(options("head-timeout: 20ms, idle-timeout: 1h")));
    Future<Answer> answer = chatWhole(CHAT, Map.of());
    FakeChain.Asked asked = chain.next();
    Promise<Void> later = Promise.promise();
    vertx.setTimer(80, fired -> later.complete());
    await(later.future());
    asked.whole("{}");
    assertEquals(200, await(answer).status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\r\n", "\r\n\r\n", "G", "GET /healthz HTTP/1.1\r\nhost: "})
  void whatFollowsARequestWaitsForItsAnswerWithoutATimer(String early) throws Exception {
    start(builder -> builder.options(options("head-timeout: 20ms, idle-timeout: 1h")));
    String next = "GET /healthz HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
    Promise<String> closed = Promise.promise();
    NetSocket socket = await(connect(closed));
    await(socket.write(http("/v1/chat/completions", CHAT) + early));
    FakeChain.Asked asked = chain.next();
    Promise<Void> later = Promise.promise();
    vertx.setTimer(80, fired -> later.complete());
    await(later.future());
    assertFalse(closed.future().isComplete());
    await(socket.write(early.startsWith("G") ? next.substring(early.length()) : next));
    asked.whole("{}");
    String answers = await(closed.future());
    assertEquals(2, count(answers, "HTTP/1.1 200 OK"), answers);
    assertTrue(answers.endsWith("{\"status\":\"ok\"}"), answers);
  }

  @Test
  void aHeadThatBeganBeforeAnAnswerHasItsTimeAfterIt() throws Exception {
    start(builder -> builder.options(options("head-timeout: 50ms, idle-timeout: 1h")));
    Promise<String> closed = Promise.promise();
    NetSocket socket = await(connect(closed));
    await(socket.write(http("/v1/chat/completions", CHAT) + "GET"));
    chain.next().whole("{}");
    assertTrue(await(closed.future()).startsWith("HTTP/1.1 200 "));
  }

  @Test
  void requestsOfAConnectionAreServedOneAfterAnother() throws Exception {
    Promise<String> closed = Promise.promise();
    NetSocket socket = await(connect(closed));
    String request = http("/v1/chat/completions", CHAT);
    await(
        socket.write(
            request.repeat(3) + "GET /x HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n"));
    for (int i = 0; i < 3; i++) {
      FakeChain.Asked asked = chain.next();
      assertEquals(1, edge.openRequests());
      assertTrue(chain.quiet());
      asked.whole("{\"n\":" + i + "}");
    }
    String answers = await(closed.future());
    assertTrue(answers.matches("(?s).*n\":0.*n\":1.*n\":2.* 404 .*"), answers);
  }

  /** Its end cannot be told from a caller that left, whom nothing should be computed for. */
  @Test
  void aCallerThatClosesItsSendingHalfHasLeft() throws Exception {
    try (java.net.Socket socket = new Socket(InetAddress.getLoopbackAddress(), edge.port())) {
      socket
          .getOutputStream()
          .write(http("/v1/chat/completions", CHAT).getBytes(StandardCharsets.US_ASCII));
      FakeChain.Asked asked = chain.next();
      socket.shutdownOutput();
      assertEquals(-1, socket.getInputStream().read());
      until(() -> asked.request.call().ended());
    }
    untilNoneOpen();
  }

  @Test
  void connectionsBeyondTheBoundAreClosedUntilOthersLeave() throws Exception {
    start(builder -> builder.options(options("max-connections: 2, event-loops: 2")));
    NetSocket first = counted();
    NetSocket second = counted();
    assertEquals("", untilClosed(""));
    await(first.close());
    String health = "GET /healthz HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
    String answer = "";
    while (answer.isEmpty()) { // the server hears of the first one's end a moment later
      answer = untilClosed(health);
    }
    assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
    await(second.close());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nset-cookie: x=1", "a\nb", "a\rb", "a\0b"})
  void answersCannotBeSplitByAnUpstreamsHeader(String value) {
    Assertions.assertThrows(IllegalArgumentException.class, () -> Headers.of("x-one", value));
    Assertions.assertThrows(IllegalArgumentException.class, () -> Headers.of(value, "x"));
  }

  @Test
  void whatACallerSaysIsNotRepeatedInHeaders() throws Exception {
    Answer got =
        await(
            chatWhole(
                CHAT,
                Map.of("x-forebay-cache", "evil-value", "x-forebay-priority", "x\tevil-value")));
    assertEquals(400, got.status());
    assertFalse(got.head().headers().toString().contains("evil"), got.head().headers().toString());
  }

  private static int count(String text, String part) {
    return (text.length() - text.replace(part, "").length()) / part.length();
  }

  /**
   * A connection that the server has counted, since it has answered on it: two event loops count
   * connections in any order, not in that in which they were made.
   */
  private NetSocket counted() throws Exception {
    Promise<Void> answered = Promise.promise();
    NetSocket socket = await(connect(made -> made.handler(data -> answered.tryComplete())));
    socket.write("GET /healthz HTTP/1.1\r\nhost: test\r\n\r\n");
    await(answered.future());
    return socket;
  }

  /** Everything that comes until the connection is closed. */
  private String untilClosed(String words) throws Exception {
    Promise<String> closed = Promise.promise();
    NetSocket socket = await(connect(closed));
    if (!words.isEmpty()) {
      socket.write(Buffer.buffer(words, "ISO-8859-1"));
    }
    return await(closed.future());
  }

  private Future<NetSocket> connect(Promise<String> closed) {
    Buffer read = Buffer.buffer();
    return connect(
        socket -> {
          socket.handler(read::appendBuffer);
          socket.exceptionHandler(reset -> closed.tryComplete(read.toString()));
          socket.closeHandler(nothing -> closed.tryComplete(read.toString()));
        });
  }
}
