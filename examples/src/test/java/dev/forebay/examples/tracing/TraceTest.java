package dev.forebay.examples.tracing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.examples.tracing.Collector.Event;
import dev.forebay.examples.tracing.Collector.Told;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A trace, read back from a collector, and a line of the access log tell a request's story. */
@Timeout(120)
class TraceTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String OTHER = "11111111111111111111111111111111";
  private static final String PARENT = "b7ad6b7169203331";
  private static final int REFUSED = 1;
  private static final int SILENT = 2;
  private static final int ANSWERED = 3;
  private static final String PROMPT = "words that nobody else may read";

  @TempDir Path folder = Path.of("");

  private final Vertx vertx = Vertx.vertx();
  private final List<String> parents = new CopyOnWriteArrayList<>();
  private volatile boolean warm;
  private Collector collector;
  private @Nullable GatewayServer gateway;

  private static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  @BeforeEach
  void start() throws Exception {
    collector = done(Collector.start(vertx));
  }

  @AfterEach
  void stop() throws Exception {
    done(served().close());
    done(vertx.close());
  }

  /** An upstream; of the three together, the first request is refused, the second gets nothing. */
  private int upstream() throws Exception {
    return done(vertx.createHttpServer().requestHandler(this::take).listen(0, "127.0.0.1"))
        .actualPort();
  }

  private void take(HttpServerRequest request) {
    parents.addAll(request.headers().getAll("traceparent"));
    int number = warm ? parents.size() : ANSWERED;
    request.body().onSuccess(body -> answer(request, number));
  }

  private static void answer(HttpServerRequest request, int number) {
    switch (number) {
      case REFUSED -> request.response().setStatusCode(503).end("{}");
      case SILENT -> {}
      default ->
          request
              .response()
              .putHeader("content-type", "text/event-stream")
              .end(
                  """
                  data: {"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}]}

                  data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":1}}

                  data: [DONE]

                  """);
    }
  }

  private GatewayServer served() {
    return Objects.requireNonNull(gateway);
  }

  private void gateway(String tracing) throws Exception {
    String yaml =
        """
        http: { port: 0 }
        administration: { port: 0 }
        tracing: { endpoint: "%s", every: 10ms%s }
        pipeline:
          - access-log: { file: "%s" }
          - cache: { store: lru }
          - retry: { attempts: 2, backoff: 1ms }
          - hedge: { delay: 200ms, max-share: 1, max-cost-share: 1 }
          - admit: { limit: { plugin: fixed, limit: 8 }, queue: fifo }
          - balance: { by: round-robin }
        extra-work: { ratio: 1, floor: 100 }
        backends:
          - { plugin: openai, id: a, url: "http://127.0.0.1:%d" }
          - { plugin: openai, id: b, url: "http://127.0.0.1:%d" }
          - { plugin: openai, id: c, url: "http://127.0.0.1:%d" }
        """
            .formatted(
                collector.endpoint(),
                tracing,
                folder.resolve("access.log"),
                upstream(),
                upstream(),
                upstream());
    Registry registry = Registry.load(getClass().getClassLoader());
    GatewayDocument document =
        GatewayDocument.read(Node.parse("gateway.yaml", yaml, name -> null), registry);
    gateway = done(GatewayServer.start(vertx, document));
    assertEquals(200, ask("00-" + OTHER + "-" + PARENT + "-01", "hi").statusCode()); // classes load
    parents.clear();
    warm = true;
  }

  private HttpResponse<String> ask(String traceparent) throws Exception {
    return ask(traceparent, PROMPT);
  }

  /** The spans of the request with a retry and a hedge: its own, and three tries. */
  private List<Told> told() throws Exception {
    return collector.spans(span -> !span.traceId().equals(OTHER), 4);
  }

  private HttpResponse<String> ask(String traceparent, String prompt) throws Exception {
    String body =
        "{\"model\": \"m\", \"stream\": true, \"messages\": [{\"role\": \"user\", \"content\": \""
            + prompt
            + "\"}]}";
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + served().port() + "/v1/chat/completions"))
            .header("traceparent", traceparent)
            .header("tracestate", "vendor=1")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  private static List<String> names(Told span) {
    return span.events().stream().map(Event::name).toList();
  }

  @Test
  void aRequestWithARetryAndAHedgeIsTold() throws Exception {
    gateway("");
    HttpResponse<String> answer = ask("00-" + TRACE + "-" + PARENT + "-01");
    assertEquals(200, answer.statusCode(), answer.body());
    List<Told> spans = told();
    spans.forEach(span -> assertEquals(TRACE, span.traceId()));
    spans.forEach(span -> assertEquals("chat m", span.name()));
    Told whole = spans.stream().filter(span -> span.kind() == 2).findFirst().orElseThrow();
    Map<String, Told> tries =
        spans.stream()
            .filter(span -> span.kind() == 3)
            .collect(Collectors.toMap(span -> span.attribute("forebay.attempt"), span -> span));
    assertEquals(3, tries.size());
    Told refused = Objects.requireNonNull(tries.get("1"));
    Told silent = Objects.requireNonNull(tries.get("2"));
    Told answered = Objects.requireNonNull(tries.get("3"));

    assertEquals(PARENT, whole.parent());
    assertEquals("forebay", whole.service());
    assertFalse(whole.error());
    assertEquals(answered.attribute("forebay.endpoint"), whole.attribute("forebay.endpoint"));
    assertEquals("ok", whole.attribute("forebay.status"));
    assertEquals("miss", whole.attribute("forebay.cache"));
    assertEquals("7", whole.attribute("gen_ai.usage.input_tokens"));
    assertEquals("1", whole.attribute("gen_ai.usage.output_tokens"));
    assertEquals("chat", whole.attribute("gen_ai.operation.name"));
    assertEquals("m", whole.attribute("gen_ai.request.model"));
    assertEquals(List.of("forebay.cache.miss", "forebay.retry", "forebay.hedge"), names(whole));
    assertEquals(
        refused.attribute("forebay.endpoint"),
        whole.events().get(1).attributes().get("forebay.endpoint"));
    assertEquals(
        silent.attribute("forebay.endpoint"),
        whole.events().get(2).attributes().get("forebay.slow"));

    List<Told> inOrder = List.of(refused, silent, answered);
    assertEquals(
        inOrder.stream().map(each -> "00-" + TRACE + "-" + each.spanId() + "-01").toList(),
        parents,
        "each upstream is told of its own try");
    inOrder.forEach(each -> assertEquals(whole.spanId(), each.parent()));
    assertEquals(
        3, inOrder.stream().map(each -> each.attribute("forebay.endpoint")).distinct().count());
    assertEquals(
        List.of("overloaded", "cancelled", "ok"),
        inOrder.stream().map(each -> each.attribute("forebay.status")).toList());
    assertEquals(List.of(true, true, false), inOrder.stream().map(Told::error).toList());
    assertEquals("127.0.0.1", answered.attribute("server.address"));
    assertFalse(spans.toString().contains(PROMPT), "no prompt in a trace");

    done(served().close());
    String log = Files.readString(folder.resolve("access.log"));
    assertEquals(2, log.lines().count(), log);
    JsonObject line = new JsonObject(log.lines().toList().get(1));
    assertEquals(TRACE, line.getString("trace_id"));
    assertEquals(
        answer.headers().firstValue("x-request-id").orElse(""), line.getString("request_id"));
    assertEquals("ok", line.getString("status"));
    assertEquals(answered.attribute("forebay.endpoint"), line.getString("endpoint"));
    assertEquals("miss", line.getString("cache"));
    assertEquals(7, line.getInteger("prompt_tokens"));
    assertFalse(log.contains(PROMPT), "no prompt in a log");
  }

  @Test
  void aBadParentIsIgnoredAndANewTraceBegins() throws Exception {
    gateway("");
    ask("00-" + TRACE + "-0000000000000000-01");
    Told whole = told().stream().filter(span -> span.kind() == 2).findFirst().orElseThrow();
    assertEquals("", whole.parent());
    assertNotEquals(TRACE, whole.traceId());
    parents.forEach(sent -> assertTrue(sent.startsWith("00-" + whole.traceId() + "-"), sent));
  }

  @Test
  void aTraceThatIsNotSampledIsPassedOnAndNotTold() throws Exception {
    gateway(", follow-callers: false, sample: 0");
    assertEquals(200, ask("00-" + TRACE + "-" + PARENT + "-01").statusCode());
    assertEquals(3, parents.size());
    parents.forEach(
        sent -> assertTrue(sent.startsWith("00-" + TRACE + "-") && sent.endsWith("-00"), sent));
    assertEquals(0, served().gateway().counters().get("tracing.sent"));
  }
}
