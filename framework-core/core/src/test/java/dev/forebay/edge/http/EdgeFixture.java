package dev.forebay.edge.http;

import dev.forebay.config.Node;
import dev.forebay.config.OptionsReader;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An edge on a free port with a chain that the test answers for, and clients. */
class EdgeFixture {

  static final String CHAT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
  static final EdgeOptions FREE_PORT = EdgeOptions.DEFAULTS.at("127.0.0.1", 0);

  final FakeChain chain = new FakeChain();
  Vertx vertx = Vertx.vertx();
  HttpClient client = vertx.createHttpClient();

  /** Kept: Vert.x closes a client that nobody holds at the next garbage collection. */
  final NetClient sockets = vertx.createNetClient();

  HttpEdge edge = HttpEdge.builder(chain).options(FREE_PORT).build();

  @BeforeEach
  void startVertx() throws Exception {
    start(builder -> builder);
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  /** Listens with other options instead. */
  void start(UnaryOperator<HttpEdge.Builder> with) throws Exception {
    edge = with.apply(HttpEdge.builder(chain).options(FREE_PORT)).build();
    await(edge.listen(vertx));
  }

  /** Options on a free port, as a document would give them: {@code max-requests: 1, …}. */
  static EdgeOptions options(String more) {
    Node node = Node.parse("test", "{ host: 127.0.0.1, port: 0, " + more + " }", name -> null);
    return new OptionsReader().read(EdgeOptions.class, node);
  }

  static <T> T await(Future<T> future) throws InterruptedException, TimeoutException {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("failed: " + e.getCause(), e.getCause());
    }
  }

  /** Waits until something holds, looking again with every tick of the event loop. */
  void until(BooleanSupplier holds) throws Exception {
    Promise<Void> held = Promise.promise();
    long timer =
        vertx.setPeriodic(
            1,
            tick -> {
              if (holds.getAsBoolean()) {
                held.tryComplete();
              }
            });
    await(held.future());
    vertx.cancelTimer(timer);
  }

  void untilNoneOpen() throws Exception {
    until(() -> edge.openRequests() == 0);
  }

  Future<HttpClientResponse> send(
      HttpMethod method, String path, Map<String, String> headers, Buffer body) {
    return client
        .request(method, edge.port(), "127.0.0.1", path)
        .compose(
            request -> {
              headers.forEach(request::putHeader);
              // Paused on the event loop: what comes before the test looks must not be lost.
              return request.send(body).map(EdgeFixture::paused);
            });
  }

  Future<HttpClientResponse> chat(String body) {
    return send(HttpMethod.POST, "/v1/chat/completions", Map.of(), Buffer.buffer(body));
  }

  Future<Answer> chatWhole(String body, Map<String, String> headers) {
    return whole(send(HttpMethod.POST, "/v1/chat/completions", headers, Buffer.buffer(body)));
  }

  Future<Answer> get(String path) {
    return whole(send(HttpMethod.GET, path, Map.of(), Buffer.buffer()));
  }

  static Future<Answer> whole(Future<HttpClientResponse> response) {
    return response.compose(
        got -> {
          Future<Buffer> body = got.body();
          got.resume();
          return body.map(bytes -> new Answer(got, bytes.toString()));
        });
  }

  static HttpClientResponse paused(HttpClientResponse response) {
    response.pause();
    return response;
  }

  Future<HttpClientRequest> open(String path) {
    return client.request(HttpMethod.POST, edge.port(), "127.0.0.1", path);
  }

  /**
   * A bare connection, for which handlers are set on its event loop before anything can happen on
   * it: a listener that another thread adds to the future may come after the end of the connection.
   */
  Future<NetSocket> connect(Consumer<NetSocket> handlers) {
    Promise<NetSocket> connected = Promise.promise();
    vertx.runOnContext(
        loop ->
            sockets
                .connect(edge.port(), "127.0.0.1")
                .onSuccess(handlers::accept)
                .onComplete(connected));
    return connected.future();
  }

  /** A bare connection, on which a request of the test's words was sent. */
  NetSocket raw(String words) throws Exception {
    NetSocket socket = await(sockets.connect(edge.port(), "127.0.0.1"));
    await(socket.write(words));
    return socket;
  }

  /** The first bytes of the answer to a request of the test's words. */
  String answerTo(String words) throws Exception {
    NetSocket socket = await(sockets.connect(edge.port(), "127.0.0.1"));
    Promise<String> first = Promise.promise();
    socket.handler(bytes -> first.tryComplete(bytes.toString()));
    await(socket.write(words));
    return await(first.future());
  }

  static String http(String path, String body) {
    return "POST "
        + path
        + " HTTP/1.1\r\nhost: test\r\ncontent-length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  /** A response that was read. */
  record Answer(HttpClientResponse head, String body) {
    int status() {
      return head.statusCode();
    }

    String header(String name) {
      return String.valueOf(head.getHeader(name));
    }

    JsonObject error() {
      return new JsonObject(body).getJsonObject("error");
    }
  }
}
