package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.CompletionUsage;
import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import dev.forebay.simulation.Fault;
import dev.forebay.simulation.http.Emulator;
import dev.forebay.simulation.http.EmulatorProfile;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the official OpenAI client for Java gets of answers that break off and are continued. */
@Timeout(60)
class ResumeServedTest {

  private static final int TOKENS = 200;
  private static final int REQUESTS = 4;

  @ParameterizedTest
  @CsvSource({"final-message, CUT", "prefix, CUT", "final-message, OUT_OF_RESOURCES"})
  void theCallerGetsOneWholeAnswer(String as, Fault.Kind kind) throws Exception {
    Vertx vertx = Vertx.vertx();
    EmulatorProfile breaking = Served.fast().with(Fault.always(kind, 1));
    Emulator first = Served.await(Emulator.start(vertx, breaking, request -> 1_000_000));
    Emulator second = Served.await(Emulator.start(vertx, Served.fast(), request -> 1_000_000));
    GatewayServer server = gateway(vertx, as, first.url(), second.url());
    try {
      for (int i = 0; i < REQUESTS; i++) {
        assertWhole(ask("http://127.0.0.1:" + server.port() + "/v1", "hello " + i));
      }
      assertTrue(Served.await(first.stats()).submitted() > 0, "nothing broke off");
      assertTrue(
          Served.await(second.stats()).submitted() >= REQUESTS, "every answer ended at the second");
    } finally {
      Served.await(server.close());
      Served.await(first.close());
      Served.await(second.close());
      Served.await(vertx.close());
    }
  }

  /**
   * Some servers ignore that they are asked for the rest: their answer is not stuck to the first.
   */
  @Test
  void anAnswerThatIsBegunAgainIsNotGivenOut() throws Exception {
    Vertx vertx = Vertx.vertx();
    HttpServer ignorant =
        Served.await(
            vertx
                .createHttpServer()
                .requestHandler(ResumeServedTest::beginsAgain)
                .listen(0, "127.0.0.1"));
    String url = "http://127.0.0.1:" + ignorant.actualPort();
    GatewayServer server = gateway(vertx, "final-message", url, url);
    try {
      for (int i = 0; i < 2; i++) {
        HttpResponse<String> answer = post(server.port());
        assertEquals("miss", answer.headers().firstValue("x-forebay-cache").orElse(""));
        assertEquals(2, answer.body().split(" w0 ", -1).length, answer.body());
        assertTrue(answer.body().contains("\"error\""), answer.body());
      }
      assertEquals(2, server.gateway().counters().get("resume.began_again"));
    } finally {
      Served.await(server.close());
      Served.await(ignorant.close());
      Served.await(vertx.close());
    }
  }

  private static HttpResponse<String> post(int port) throws Exception {
    String body =
        "{\"model\":\"%s\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}"
            .formatted(Served.MODEL);
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  /** Breaks off after ten words; asked for the rest, it has all twelve again. */
  private static void beginsAgain(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              boolean rest = body.toString().contains("continue_final_message");
              HttpServerResponse response =
                  request
                      .response()
                      .putHeader("content-type", "text/event-stream")
                      .setChunked(true);
              for (int i = 0; i < (rest ? 12 : 10); i++) {
                response.write(event("{\"content\":\" w" + i + " \"}", "null"));
              }
              if (rest) {
                response.write(event("{}", "\"stop\""));
                response.end("data: [DONE]\n\n");
              } else {
                request.connection().close();
              }
            });
  }

  private static String event(String delta, String reason) {
    return "data: {\"id\":\"a\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
        + "\"choices\":[{\"index\":0,\"delta\":"
        + delta
        + ",\"finish_reason\":"
        + reason
        + "}]}\n\n";
  }

  private static GatewayServer gateway(Vertx vertx, String as, String first, String second) {
    String yaml =
        """
        http: { port: 0, drain-timeout: 1s }
        models: [%s]
        backends:
          - { plugin: openai, id: first, url: "%s" }
          - { plugin: openai, id: second, url: "%s", continues: %s }
        pipeline:
          - deadline: { total: 60s }
          - cache: { store: lru }
          - resume
          - retry: { attempts: 2 }
          - admit: { limit: { plugin: fixed, limit: 8 }, queue: priority }
          - balance: round-robin
        """
            .formatted(Served.MODEL, first, second, as);
    Node document = Node.parse("gateway.yaml", yaml, name -> null);
    Registry registry = Registry.load(ResumeServedTest.class.getClassLoader());
    return Served.await(GatewayServer.start(vertx, GatewayDocument.read(document, registry)));
  }

  private static List<ChatCompletionChunk> ask(String url, String prompt) {
    OpenAIClient client =
        OpenAIOkHttpClient.builder().baseUrl(url).apiKey("any").maxRetries(0).build();
    List<ChatCompletionChunk> read = new ArrayList<>();
    try (StreamResponse<ChatCompletionChunk> stream =
        client
            .chat()
            .completions()
            .createStreaming(
                ChatCompletionCreateParams.builder()
                    .model(Served.MODEL)
                    .addUserMessage(prompt)
                    .maxCompletionTokens(TOKENS)
                    .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
                    .build())) {
      stream.stream().forEach(read::add);
    } finally {
      client.close();
    }
    return read;
  }

  private static void assertWhole(List<ChatCompletionChunk> read) {
    String text =
        read.stream()
            .flatMap(chunk -> chunk.choices().stream())
            .flatMap(choice -> choice.delta().content().stream())
            .collect(Collectors.joining());
    assertEquals(" tok".repeat(TOKENS), text);
    assertEquals(
        1,
        read.stream()
            .map(ChatCompletionChunk::id)
            .collect(Collectors.toCollection(TreeSet::new))
            .size(),
        "ids");
    assertEquals(
        List.of("length"),
        read.stream()
            .flatMap(chunk -> chunk.choices().stream())
            .flatMap(choice -> choice.finishReason().stream())
            .map(Object::toString)
            .toList());
    CompletionUsage usage =
        read.stream().flatMap(chunk -> chunk.usage().stream()).findFirst().orElseThrow();
    assertEquals(TOKENS, usage.completionTokens());
    assertEquals(usage.promptTokens() + TOKENS, usage.totalTokens());
  }
}
