package dev.forebay.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.kernel.VertxTimeline;
import dev.forebay.core.stream.Streams;
import dev.forebay.servers.Golden;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import dev.forebay.spi.host.MemoryBudget;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The backend against a bare server that says what the test wants, byte for byte. */
final class OpenAiBackendTest {

  private static final String BODY = "{ \"model\":\"m\" ,\"messages\":[],\"x\":1.00 }";
  private static final String SECRET = "sk-secret-of-this-test";

  private final Vertx vertx = Vertx.vertx();
  private final Context home = vertx.getOrCreateContext();
  private final Call call = Call.root(VertxTimeline.of(home));
  private final Promise<String> asked = Promise.promise();
  private final Promise<NetSocket> connected = Promise.promise();
  private final Promise<Void> closed = Promise.promise();
  private final MemoryBudget memory = new MemoryBudget(1 << 20);
  private final AtomicLong written = new AtomicLong();
  private boolean streamed = true;

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  @Test
  void aStreamComesByteForByte() throws Exception {
    OpenAiBackend backend = backend(sse(Golden.STREAM));
    Read read = await(read(backend));
    assertEquals(Golden.STREAM, read.text);
    assertEquals("text/event-stream", read.head.headers().get("content-type"));
    Outcome outcome = await(read.head.tokens().outcome());
    assertEquals(Status.OK, outcome.status());
    assertEquals(new Usage(11, 5, 7, 3), outcome.usage());
    assertTrue(outcome.timings().firstContentNanos() >= outcome.timings().startedNanos());
  }

  @Test
  void theRequestIsHandedOnAsItIs() throws Exception {
    await(read(backend(sse(Golden.STREAM))));
    String request = await(asked.future());
    assertTrue(request.startsWith("POST /v1/chat/completions HTTP/1.1\r\n"), request);
    assertTrue(request.endsWith("\r\n\r\n" + BODY), request);
    String head = request.toLowerCase(java.util.Locale.ROOT);
    for (String line :
        List.of(
            "authorization: bearer " + SECRET,
            "content-type: application/json",
            "accept: text/event-stream",
            "accept-encoding: identity",
            "x-request-id: r-1",
            "content-length: " + BODY.length())) {
      assertTrue(head.contains("\r\n" + line + "\r\n"), line + " in " + head);
    }
  }

  @Test
  void whatIsLeftOfTheDeadlineIsHandedOn() throws Exception {
    OpenAiBackend backend = backend(sse(Golden.STREAM));
    RequestInfo info =
        RequestInfo.chat("r-1", "m", Caller.at("127.0.0.1"), 0)
            .withDeadlineNanos(call.timeline().nanos() + Duration.ofSeconds(5).toNanos());
    InferenceRequest request = new InferenceRequest(info, Buffer.buffer(BODY), call, Attempt.FIRST);
    await(on(() -> backend.serve(request)));
    String head = await(asked.future());
    String name = "\r\nx-forebay-deadline-ms: ";
    int from = head.indexOf(name) + name.length();
    long millis = Long.parseLong(head.substring(from, head.indexOf('\r', from)));
    assertTrue(millis > 0 && millis <= 5000, head);
  }

  @Test
  void anAnswerForWhichThereIsNoMemoryFailsAndAllIsGivenBack() throws Exception {
    streamed = false;
    String large = Golden.WHOLE.replaceFirst("\\{", "{\"x\":\"" + "x".repeat(2 << 20) + "\",");
    Failure failure = failure(backend(json(200, large)));
    assertEquals("memory_full", failure.reason());
    assertEquals(503, failure.httpStatus());
    assertTrue(failure.retryAfterNanos() > 0);
    assertEquals(0, memory.taken());
    streamed = true;
    String event = Golden.WORD.replaceFirst("\\{", "{\"x\":\"" + "x".repeat(2 << 20) + "\",");
    assertEquals("memory_full", failure(backend(sse(event + Golden.FINISH))).reason());
    assertEquals(0, memory.taken());
  }

  @Test
  void whatAnAnswerHoldsIsGivenBackWhenItHasBeenRead() throws Exception {
    MemoryBudget.Lease other = memory.lease();
    assertTrue(other.cover(memory.bytes() - memory.reserve()));
    await(read(backend(sse(Golden.STREAM))));
    streamed = false;
    await(read(backend(json(200, Golden.WHOLE))));
    other.close();
    assertEquals(0, memory.taken());
  }

  @Test
  void aWholeAnswerLosesTheBlankLinesBeforeIt() throws Exception {
    streamed = false;
    Read read = await(read(backend(json(200, "\n\n\r\n  \n" + Golden.WHOLE))));
    assertEquals(Golden.WHOLE, read.text);
    assertEquals(1, read.chunks);
    assertEquals(new Usage(11, 4, 7, 0), await(read.head.tokens().outcome()).usage());
  }

  @Test
  void aStreamWithoutDoneIsCompletedWhereItHadFinished() throws Exception {
    String stream = Golden.WORD + Golden.FINISH;
    assertEquals(stream + Golden.DONE, await(read(backend(sse(stream)))).text);
    OpenAiBackend cut = backend(chunked(stream));
    assertEquals(stream + Golden.DONE, await(read(cut)).text, "the connection broke");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", Golden.WAIT, Golden.ROLE, Golden.ROLE + Golden.WORD, "data: {\"cho"})
  void aStreamThatIsCutIsOverload(String stream) throws Exception {
    assertEquals("cut", failure(backend(sse(stream))).reason());
    assertEquals(Status.OVERLOADED, failure(backend(chunked(stream))).status());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\n\n",
        "no json",
        "{\"choices\":[",
        "{\"error\":{\"message\":\"busy\"}}",
        "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"insufficient_system_resource\"}]}"
      })
  void aWholeAnswerThatIsNoneIsOverload(String body) throws Exception {
    streamed = false;
    Failure failure = failure(backend(json(200, body)));
    assertEquals(Status.OVERLOADED, failure.status());
    assertEquals("a", failure.servedBy());
  }

  @ParameterizedTest
  @CsvSource({
    "400, CALLER_FAULT, 400",
    "404, CALLER_FAULT, 404",
    "413, CALLER_FAULT, 413",
    "422, CALLER_FAULT, 422",
    "401, ACCOUNT_OUT, 503",
    "402, ACCOUNT_OUT, 503",
    "403, ACCOUNT_OUT, 503",
    "429, THROTTLED, 503",
    "500, OVERLOADED, 502",
    "502, OVERLOADED, 502",
    "503, OVERLOADED, 503",
    "504, OVERLOADED, 504",
    "529, OVERLOADED, 503",
    "302, OVERLOADED, 502"
  })
  void everyStatusHasItsRow(int status, Status expected, int outside) throws Exception {
    Failure failure = failure(backend(json(status, "{\"error\": 1 }")));
    assertEquals(expected, failure.status());
    assertEquals(outside, failure.httpStatus());
    assertEquals("upstream_" + status, failure.reason());
    assertEquals("a", failure.servedBy());
    Buffer body = failure.body();
    if (expected == Status.CALLER_FAULT) {
      assertEquals("{\"error\": 1 }", String.valueOf(body));
    } else {
      assertNull(body);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "retry-after: 7 | 7000",
        "retry-after: 0.5 | 500",
        "retry-after-ms: 1500 | 1500",
        "retry-after: Thu, 01 Jan 1970 00:00:00 GMT | 0",
        "retry-after: Thursday, 01-Jan-70 00:00:00 GMT | 0",
        "retry-after: 86400 | 600000",
        "retry-after: soon | -1",
        "x: y | -1"
      })
  void retryAfterIsRead(String header, long millis) throws Exception {
    String answer = "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n" + header + "\r\n\r\n";
    Failure failure = failure(backend(socket -> socket.write(answer)));
    assertEquals(millis < 0 ? -1 : millis * 1_000_000, failure.retryAfterNanos());
  }

  @Test
  void aHugeHeadIsRefused() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nx-huge: " + "h".repeat(40 << 10) + "\r\n\r\n";
    Failure failure = failure(backend(socket -> socket.write(head)));
    assertEquals(Status.OVERLOADED, failure.status());
    assertEquals("head_too_large", failure.reason());
    await(closed.future());
  }

  @Test
  void brokenConnectionsAreOverload() throws Exception {
    Failure reset = failure(backend(NetSocket::close));
    assertEquals(Status.OVERLOADED, reset.status());
    assertEquals(502, reset.httpStatus());
    var gone = await(vertx.createNetServer().connectHandler(s -> {}).listen(0, "127.0.0.1"));
    int port = gone.actualPort();
    await(gone.close());
    Failure refused = failure(backend(OpenAi.at("a", "http://127.0.0.1:" + port)));
    assertEquals(Status.OVERLOADED, refused.status());
    assertEquals("refused", refused.reason());
    assertEquals(502, refused.httpStatus());
    assertEquals(1, written.get(), "the second was never written");
  }

  @Test
  void anUpstreamThatNeverEndsIsGivenUp() throws Exception {
    OpenAiBackend backend =
        backend(options(socket -> {}).withRequestTimeout(Duration.ofMillis(50)));
    Failure failure = failure(backend);
    assertEquals(Status.OVERLOADED, failure.status());
    assertEquals(504, failure.httpStatus());
    assertEquals("upstream_timeout", failure.reason());
    await(closed.future());
  }

  @Test
  void endingTheCallBeforeTheHeadClosesTheConnection() throws Exception {
    OpenAiBackend backend = backend(socket -> {});
    Future<Read> read = read(backend);
    await(asked.future());
    call.end();
    assertEquals(Status.CANCELLED, failed(read).status());
    await(closed.future());
    assertEquals(1, written.get());
  }

  /** The caller leaves while the connection is being made. */
  @Test
  void whatWasNotWrittenDoesNotCount() throws Exception {
    Future<Read> read = read(backend(socket -> {}));
    home.runOnContext(nothing -> call.end());
    assertEquals(Status.CANCELLED, failed(read).status());
    await(closed.future());
    assertFalse(asked.future().isComplete());
    assertEquals(0, written.get());
  }

  @Test
  void endingTheCallMidStreamClosesTheConnection() throws Exception {
    OpenAiBackend backend = backend(socket -> socket.write(head() + Golden.WORD));
    InferenceResponse response = await(serve(backend));
    Chunk chunk = await(on(() -> response.tokens().next()));
    assertEquals(Chunk.Kind.CONTENT, chunk.kind());
    call.end();
    assertEquals(Status.CANCELLED, await(response.tokens().outcome()).status());
    await(closed.future());
  }

  @Test
  void cancellingTheStreamClosesTheConnection() throws Exception {
    OpenAiBackend backend = backend(socket -> socket.write(head() + Golden.WORD));
    InferenceResponse response = await(serve(backend));
    home.runOnContext(nothing -> response.tokens().cancel());
    assertEquals(Status.CANCELLED, await(response.tokens().outcome()).status());
    await(closed.future());
  }

  @Test
  void aCallThatHasEndedAsksNobody() throws Exception {
    call.end();
    assertEquals(Status.CANCELLED, failure(backend(sse(Golden.STREAM))).status());
    assertFalse(connected.future().isComplete());
    assertEquals(0, written.get());
  }

  @Test
  void aSlowReaderGetsEverything() throws Exception {
    int events = 200_000; // 15 MB: more than sockets buffer
    Promise<Void> full = Promise.promise();
    OpenAiBackend backend =
        backend(
            socket -> {
              socket.write(head());
              for (int i = 0; i < events / 1000; i++) {
                socket.write(Golden.WORD.repeat(1000));
              }
              socket.write(Golden.FINISH + Golden.DONE);
              if (socket.writeQueueFull()) {
                full.tryComplete();
              }
              socket.end();
            });
    InferenceResponse response = await(serve(backend));
    await(full.future());
    assertEquals(events + 2, await(on(() -> drain(response))).chunks);
  }

  @Test
  void secretsStaySecret() throws Exception {
    Failure failure = failure(backend(json(401, "{\"error\":\"bad key " + SECRET + "\"}")));
    assertFalse(failure.toString().contains(SECRET));
    assertFalse(options(socket -> {}).toString().contains(SECRET));
    IllegalArgumentException bad =
        assertThrows(
            IllegalArgumentException.class,
            () -> OpenAi.at("a", "https://user:" + SECRET + "@host"));
    assertFalse(String.valueOf(bad.getMessage()).contains(SECRET));
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.deepseek.com, /v1",
    "https://api.deepseek.com/, /v1",
    "https://api.openai.com/v1, /v1",
    "https://api.openai.com/v1/, /v1",
    "http://127.0.0.1:9/api/v3, /api/v3",
    "http://127.0.0.1//v1, /v1",
    "http://my_llm:8000, /v1",
    "http://host/a%20b, /a%20b"
  })
  void theRootIsTakenAsItIs(String url, String path) {
    assertEquals(path, OpenAi.at("a", url).root().getRawPath());
    assertEquals(
        path + "/models",
        OpenAiBackend.target(OpenAi.at("a", url), HttpMethod.GET, "/models").getURI());
  }

  /** As container networks have them. */
  @Test
  void hostsWithUnderscoresAreAskedForTheirModels() throws Exception {
    Vertx own =
        Vertx.vertx(
            new VertxOptions()
                .setAddressResolverOptions(
                    new AddressResolverOptions()
                        .setHostsValue(Buffer.buffer("127.0.0.1 my_llm\n"))));
    Promise<String> heard = Promise.promise();
    var server =
        await(
            own.createHttpServer()
                .requestHandler(
                    request -> {
                      heard.complete(request.getHeader("host") + " " + request.uri());
                      request.response().end("{\"data\":[{\"id\":\"m\"}]}");
                    })
                .listen(0, "127.0.0.1"));
    String url = "http://my_llm:" + server.actualPort() + "//a%20b/";
    OpenAiBackend backend =
        new OpenAiBackend(OpenAi.at("a", url), own, call.timeline(), memory, written::addAndGet);
    Promise<List<String>> models = Promise.promise();
    own.runOnContext(nothing -> backend.askModels().onComplete(models));
    assertEquals(List.of("m"), await(models.future()));
    assertEquals("my_llm:" + server.actualPort() + " /a%20b/models", await(heard.future()));
    await(own.close());
  }

  private OpenAiBackend backend(Consumer<NetSocket> answer) throws Exception {
    return backend(options(answer));
  }

  private OpenAiBackend backend(OpenAi options) {
    return new OpenAiBackend(options, vertx, call.timeline(), memory, written::addAndGet);
  }

  private OpenAi options(Consumer<NetSocket> answer) throws Exception {
    var server =
        await(
            vertx
                .createNetServer()
                .connectHandler(socket -> hear(socket, answer))
                .listen(0, "127.0.0.1"));
    return OpenAi.at("a", "http://127.0.0.1:" + server.actualPort())
        .withKey(SECRET)
        .withAskUsage(false);
  }

  private void hear(NetSocket socket, Consumer<NetSocket> answer) {
    connected.tryComplete(socket);
    socket.closeHandler(nothing -> closed.tryComplete());
    Buffer heard = Buffer.buffer();
    socket.handler(
        bytes -> {
          heard.appendBuffer(bytes);
          if (heard.toString().endsWith("\r\n\r\n" + BODY)) {
            asked.tryComplete(heard.toString());
            answer.accept(socket);
          }
        });
  }

  private static String head() {
    return "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
  }

  /** A stream that ends with its connection. */
  private static Consumer<NetSocket> sse(String stream) {
    return socket -> {
      socket.write(head() + stream);
      socket.end();
    };
  }

  /** A stream in chunked encoding whose last chunk never comes. */
  private static Consumer<NetSocket> chunked(String stream) {
    return socket -> {
      String chunk = Integer.toHexString(stream.length()) + "\r\n" + stream + "\r\n";
      socket.write(
          "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
              + (stream.isEmpty() ? "" : chunk));
      socket.end();
    };
  }

  private static Consumer<NetSocket> json(int status, String body) {
    return socket ->
        socket.write(
            "HTTP/1.1 "
                + status
                + " X\r\ncontent-type: application/json\r\ncontent-length: "
                + body.length()
                + "\r\n\r\n"
                + body);
  }

  private Future<InferenceResponse> serve(OpenAiBackend backend) {
    RequestInfo info = Asked.info(streamed);
    return on(
        () -> backend.serve(new InferenceRequest(info, Buffer.buffer(BODY), call, Attempt.FIRST)));
  }

  private Future<Read> read(OpenAiBackend backend) {
    return serve(backend).compose(head -> on(() -> drain(head)));
  }

  private static Future<Read> drain(InferenceResponse head) {
    StringBuilder text = new StringBuilder();
    AtomicInteger chunks = new AtomicInteger();
    return Streams.forEach(
            head.tokens(),
            chunk -> {
              chunks.incrementAndGet();
              text.append(chunk.data());
            })
        .map(nothing -> new Read(head, text.toString(), chunks.get()));
  }

  private <T> Future<T> on(java.util.function.Supplier<Future<T>> step) {
    Promise<T> promise = Promise.promise();
    home.runOnContext(nothing -> step.get().onComplete(promise));
    return promise.future();
  }

  private Failure failure(OpenAiBackend backend) throws Exception {
    return failed(read(backend));
  }

  private static Failure failed(Future<?> future) throws Exception {
    ExecutionException thrown =
        assertThrows(
            ExecutionException.class,
            () -> future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS));
    Throwable cause = thrown.getCause();
    return Failure.from(cause == null ? thrown : cause);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private record Read(InferenceResponse head, String text, int chunks) {}
}
