package dev.forebay.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server that answers by bytes, and a client of which it is told over how many connections it
 * asks.
 */
class ReuseGuardTest {

  private static final String GOOD = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nright";
  private static final String CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  private static final int LARGE = 64 << 20; // more than the buffers of a socket take
  private static final String FOREIGN = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nforeign";

  private static final Vertx VERTX = Vertx.vertx();

  private final HttpClient client =
      HttpClients.create(
          VERTX, new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(1), connection -> {});
  private Raw server;

  @BeforeEach
  void listen() throws IOException {
    server = new Raw();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    await(client.close());
  }

  @AfterAll
  static void end() throws Exception {
    await(VERTX.close());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        GOOD,
        "HTTP/1.1 200\r\nContent-Length:5\r\n\r\nright",
        "HTTP/1.1 100 Continue\r\n\r\n" + GOOD,
        "HTTP/1.1 102 Processing\r\n\r\n" + GOOD,
        "HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n" + GOOD,
        "HTTP/1.1 104 Upload Resumption Supported\r\n\r\nHTTP/1.1 199 X\r\n\r\n" + GOOD,
        CHUNKED + "5\r\nright\r\n0\r\n\r\n",
        CHUNKED + "2;a=\"b\"\r\nri\r\n003\r\nght\r\n0\r\nx-sum: 1\r\n\r\n",
      })
  void theConnectionOfAnAnswerThatIsOverIsUsedAgain(String answer) throws Exception {
    server.answers(answer);
    assertEquals("200 right", ask());
    assertEquals("200 right", ask());
    assertEquals(1, server.connections());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        GOOD + "\r\n",
        GOOD + "x",
        GOOD + FOREIGN,
        GOOD + "HTTP/1.1 200 OK\r\nx-part: ",
        "HTTP/1.1 102 Processing\r\n\r\n" + GOOD + FOREIGN,
        CHUNKED + "5\r\nright\r\n0\r\n\r\n" + FOREIGN,
        CHUNKED + "5\r\nright\r\n0\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.1 200 OK\r\nconnection: keep-alive\r\nconnection: close\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.0 200 OK\r\n\r\nright<close>",
        "HTTP/1.1 200 OK\r\n\r\nright<close>",
      })
  void theConnectionOfAnAnswerThatMayNotBeOverIsClosed(String answer) throws Exception {
    server.answers(answer);
    assertEquals("200 right", ask());
    assertEquals("200 right", ask());
    assertEquals(2, server.connections());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        "HTTP/1.1 102 Processing\r\ncontent-length: 5\r\n\r\nright" + GOOD,
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nright!",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.1 200 OK\r\ncontent-length: 5, 5\r\n\r\nright",
        "HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\nright",
        "HTTP/1.1 200 OK\r\ncontent-length: 0x5\r\n\r\nright",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nright<close>",
        "HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\nright<close>",
        "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\nright<close>",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nright\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, identity\r\n\r\n5\r\nright\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n5\r\nright\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\n\r\nright<close>",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n5\r\nright\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nright\r\n0\r\n\r\n",
        CHUNKED + "5 \r\nright\r\n0\r\n\r\n",
        CHUNKED + " 5\r\nright\r\n0\r\n\r\n",
        CHUNKED + "0x5\r\nright\r\n0\r\n\r\n",
        CHUNKED + "100000005\r\nright\r\n0\r\n\r\n",
        CHUNKED + "80000005\r\nright\r\n0\r\n\r\n",
        CHUNKED + "\r\nright\r\n0\r\n\r\n",
        CHUNKED + "5\nright\r\n0\r\n\r\n",
        CHUNKED + "5\r\nright!\r\n0\r\n\r\n",
        CHUNKED + "5\r\nright0\r\n\r\n",
        CHUNKED + "5\r\nright\r\n0\r\nno field\r\n\r\n",
        CHUNKED + "5\r\nright\r\n0\r\n",
        "HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.1 200 OK\r\n content-length: 5\r\n\r\nright",
        "HTTP/1.1 200 OK\r\n: a\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.1 200 OK\r\nx : a\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.1 200 OK\r\nno field\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.1 200 OK\r\nx: a\u0000b\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.1 200 OK\r\nx: a\rb\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.1 200 OK\ncontent-length: 5\n\nright",
        "\r\n" + GOOD,
        "HTTP/1.1  200 OK\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.1 20 OK\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.1 2000 OK\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.1 099 OK\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.1 777 OK\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/2.0 200 OK\r\ncontent-length: 5\r\n\r\nright",
        "ICY 200 OK\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nright",
        "HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n5\r\nright\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nright<close>",
        "HTTP/1.1 200 OK\r\ncontent-le<close>",
      })
  void anAnswerThatCanBeReadInTwoWaysFailsAndItsConnectionIsClosed(String answer) throws Exception {
    server.answers(answer.endsWith("0\r\n") ? answer + "<close>" : answer, GOOD);
    assertTrue(ask().startsWith("failed"), answer);
    assertEquals("200 right", ask());
    assertEquals(2, server.connections());
  }

  @Test
  void anAnswerOfMoreFieldsThanTheBoundFails() throws Exception {
    String most = "a:\r\n".repeat(AnswerFraming.MAX_FIELDS - 1);
    String head = "HTTP/1.1 200 OK\r\n" + most + "content-length: 5\r\n";
    server.answers(
        head + "a:\r\n\r\nright",
        CHUNKED + "5\r\nright\r\n0\r\n" + most + "a:\r\na:\r\n\r\n",
        head + "\r\nright");
    assertTrue(ask().startsWith("failed"));
    assertTrue(ask().startsWith("failed"));
    assertEquals("200 right", ask());
  }

  @Test
  void anAnswerWithoutABodyLeavesNothingBehind() throws Exception {
    server.answers("HTTP/1.1 204 No Content\r\n\r\n", GOOD);
    assertEquals("204 ", ask());
    assertEquals("200 right", ask());
    assertEquals(1, server.connections());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No Content\r\n\r\nbody",
        "HTTP/1.1 304 Not Modified\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1 304 Not Modified\r\ncontent-length: 4\r\n\r\n",
      })
  void aBodyAfterAStatusThatHasNoneIsNoOnesAnswer(String answer) throws Exception {
    server.answers(answer, GOOD);
    assertEquals(answer.substring(9, 12) + " ", ask());
    assertEquals("200 right", ask());
    assertEquals(2, server.connections());
  }

  @Test
  void bytesThatComeAloneCloseTheConnection() throws Exception {
    server.answers(GOOD);
    assertEquals("200 right", ask());
    server.send(FOREIGN);
    server.awaitEnd();
    assertEquals("200 right", ask());
    assertEquals(2, server.connections());
  }

  @Test
  void anEarlyRefusalIsTheAnswerAndItsConnectionIsClosed() throws Exception {
    server.readBodies = false;
    server.answers("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig");
    assertEquals("413 big", send(Buffer.buffer(new byte[LARGE])));
    server.awaitEnd();
  }

  @Test
  void anEarlyAnswerIsNoneIfTheRequestIsNeverRead() throws Exception {
    server.readBodies = false;
    server.answers(GOOD);
    assertTrue(send(Buffer.buffer(new byte[LARGE])).startsWith("failed"));
    server.awaitEnd();
  }

  @Test
  void anEarlyAnswerOnAConnectionThatWasUsedMayBeAnothers() throws Exception {
    server.answers(GOOD, "HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig");
    assertEquals("200 right", ask());
    server.readBodies = false;
    assertTrue(send(Buffer.buffer(new byte[LARGE])).startsWith("failed"));
  }

  @Test
  void aResetClosesThoughTheRequestIsNotRead() throws Exception {
    server.readBodies = false;
    server.answers("");
    HttpClientRequest request =
        await(client.request(HttpMethod.POST, server.port(), "127.0.0.1", "/"));
    request.send(Buffer.buffer(new byte[LARGE]));
    server.asked.await(20, TimeUnit.SECONDS);
    await(request.reset());
    server.awaitEnd();
  }

  @Test
  void theEndOfAnAnswerWaitsForItsReaderThoughTheConnectionIsClosed() throws Exception {
    String text = "x".repeat(1 << 20);
    server.answers("HTTP/1.0 200 OK\r\n\r\n" + text + "<close>");
    CompletableFuture<Integer> read = new CompletableFuture<>();
    int[] bytes = new int[1];
    VERTX.runOnContext(
        begin ->
            client
                .request(HttpMethod.POST, server.port(), "127.0.0.1", "/")
                .compose(request -> request.send("question"))
                .onSuccess(
                    response -> {
                      response.pause();
                      response.exceptionHandler(read::completeExceptionally);
                      response.handler(piece -> bytes[0] += piece.length());
                      response.endHandler(nothing -> read.complete(bytes[0]));
                      step(response);
                    }));
    assertEquals(1 << 20, read.get(20, TimeUnit.SECONDS));
  }

  /** One piece in each millisecond. */
  private void step(HttpClientResponse response) {
    response.fetch(1);
    VERTX.setTimer(1, id -> step(response));
  }

  private String ask() throws Exception {
    return send(Buffer.buffer("question"));
  }

  /** Asks on an event loop, so that the answer finds its handlers. */
  private String send(Buffer body) throws Exception {
    return await(Future.future(answer -> VERTX.runOnContext(nothing -> send(body, answer))));
  }

  private void send(Buffer body, Promise<String> answer) {
    client
        .request(HttpMethod.POST, server.port(), "127.0.0.1", "/")
        .compose(request -> request.send(body))
        .compose(response -> response.body().map(text -> response.statusCode() + " " + text))
        .otherwise(thrown -> "failed: " + thrown)
        .onComplete(answer);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /** Answers the requests of all connections one after another; the last answer from then on. */
  private static final class Raw implements AutoCloseable {

    private static final String CLOSE = "<close>";

    final CountDownLatch asked = new CountDownLatch(1);
    final CountDownLatch mayRead = new CountDownLatch(1);
    private final ServerSocket socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    private final List<Socket> accepted = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile List<String> answers = List.of();
    private volatile boolean readBodies = true;
    private final AtomicLong received = new AtomicLong();
    private int asks;

    Raw() throws IOException {
      Thread.ofVirtual().start(this::accept);
    }

    int port() {
      return socket.getLocalPort();
    }

    int connections() {
      return accepted.size();
    }

    void answers(String... bytes) {
      answers = List.of(bytes);
    }

    void send(String bytes) throws IOException {
      accepted.getLast().getOutputStream().write(bytes.getBytes(ISO_8859_1));
    }

    void awaitEnd() throws InterruptedException {
      mayRead.countDown();
      assertTrue(ended.await(20, TimeUnit.SECONDS), "the connection is still open");
      assertTrue(received.get() < LARGE, "the whole request was sent");
    }

    private void accept() {
      try {
        while (true) {
          Socket connection = socket.accept();
          accepted.add(connection);
          Thread.ofVirtual().start(() -> serve(connection));
        }
      } catch (IOException closed) {
        // the test is over
      }
    }

    private void serve(Socket connection) {
      try (connection) {
        while (readRequest(connection.getInputStream())) {
          String answer;
          synchronized (this) {
            answer = answers.get(Math.min(asks++, answers.size() - 1));
          }
          asked.countDown();
          send(answer.replace(CLOSE, ""));
          if (answer.endsWith(CLOSE)) {
            return;
          }
          if (!readBodies) {
            awaitEnd(connection);
            return;
          }
        }
      } catch (IOException reset) {
        // by the client
      } finally {
        ended.countDown();
      }
    }

    private boolean readRequest(InputStream in) throws IOException {
      StringBuilder head = new StringBuilder();
      for (int each = in.read(); each >= 0; each = in.read()) {
        head.append((char) each);
        if (head.toString().endsWith("\r\n\r\n")) {
          int at = head.indexOf("content-length: ") + "content-length: ".length();
          int length = Integer.parseInt(head.substring(at, head.indexOf("\r\n", at)));
          return !readBodies || in.readNBytes(length).length == length;
        }
      }
      return false;
    }

    /** Reads what was sent of a request when the test says, up to the end of the connection. */
    private void awaitEnd(Socket connection) throws IOException {
      try {
        assertTrue(mayRead.await(20, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      connection.setSoTimeout(20_000);
      InputStream in = connection.getInputStream();
      byte[] piece = new byte[1 << 16];
      for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
        received.addAndGet(n);
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
      for (Socket each : List.copyOf(accepted)) {
        each.close();
      }
    }
  }
}
