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
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
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
