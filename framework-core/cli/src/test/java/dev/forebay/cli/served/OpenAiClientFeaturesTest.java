package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.OpenAIException;
import com.openai.errors.PermissionDeniedException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import dev.forebay.simulation.Fault;
import dev.forebay.simulation.http.EmulatorEvent;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The official OpenAI client for Java: tools, embeddings, keys, streams that break. */
@Timeout(60)
class OpenAiClientFeaturesTest {

  private static final ChatCompletionFunctionTool WEATHER =
      ChatCompletionFunctionTool.builder()
          .function(
              FunctionDefinition.builder()
                  .name("weather")
                  .description("The weather in a city")
                  .parameters(
                      FunctionParameters.builder()
                          .putAdditionalProperty("type", JsonValue.from("object"))
                          .putAdditionalProperty(
                              "properties",
                              JsonValue.from(Map.of("city", Map.of("type", "string"))))
                          .build())
                  .build())
          .build();

  @Test
  void callsAToolAndTellsWhatItSaid() {
    try (ToolUpstream upstream = new ToolUpstream();
        Fronted gateway = new Fronted(document(upstream), Map.of())) {
      OpenAIClient client = client(gateway.url("/v1"), "any");
      ChatCompletion called = client.chat().completions().create(question());
      var message = called.choices().get(0).message();
      ChatCompletionMessageFunctionToolCall call =
          message.toolCalls().orElseThrow().get(0).asFunction();
      assertEquals("weather", call.function().name());
      assertEquals("{\"city\": \"Graz\"}", call.function().arguments());
      ChatCompletion answer =
          client
              .chat()
              .completions()
              .create(
                  question().toBuilder()
                      .addMessage(message)
                      .addMessage(
                          ChatCompletionToolMessageParam.builder()
                              .toolCallId(call.id())
                              .content("sunny")
                              .build())
                      .build());
      assertEquals("It is sunny", answer.choices().get(0).message().content().orElse(""));
      assertTrue(upstream.bodies().get(1).contains("\"tool_call_id\":\"call_1\""));
    }
  }

  @Test
  void readsTheCallOfAToolFromAStream() {
    try (ToolUpstream upstream = new ToolUpstream();
        Fronted gateway = new Fronted(document(upstream), Map.of());
        StreamResponse<ChatCompletionChunk> stream =
            client(gateway.url("/v1"), "any").chat().completions().createStreaming(question())) {
      String arguments =
          stream.stream()
              .flatMap(chunk -> chunk.choices().stream())
              .flatMap(choice -> choice.delta().toolCalls().stream().flatMap(List::stream))
              .flatMap(call -> call.function().stream())
              .map(function -> function.arguments().orElse(""))
              .collect(Collectors.joining());
      assertEquals("{\"city\": \"Graz\"}", arguments);
    }
  }

  @Test
  void getsEmbeddings() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      CreateEmbeddingResponse answer =
          client(served.url("/v1"), "any")
              .embeddings()
              .create(
                  EmbeddingCreateParams.builder()
                      .model(Served.MODEL)
                      .inputOfArrayOfStrings(List.of("one", "two"))
                      .build());
      assertEquals(2, answer.data().size());
      assertTrue(answer.data().get(0).embedding().size() > 1);
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void throwsWhatKeysDoNotAllow() {
    String document =
        """
        keys: [{ id: bob, key: sk-bob, models: [small] }]
        models: [small, large]
        backends: [{ plugin: simulated, id: a }]
        """;
    try (Fronted gateway = new Fronted(document, Map.of())) {
      UnauthorizedException unknown =
          assertThrows(
              UnauthorizedException.class, () -> ask(client(gateway.url("/v1"), "sk-x"), "small"));
      assertEquals("invalid_api_key", unknown.code().orElse(""));
      PermissionDeniedException forbidden =
          assertThrows(
              PermissionDeniedException.class,
              () -> ask(client(gateway.url("/v1"), "sk-bob"), "large"));
      assertEquals("model_not_allowed", forbidden.code().orElse(""));
      ask(client(gateway.url("/v1"), "sk-bob"), "small");
    }
  }

  @Test
  void throwsWhereAStreamBreaksAfterContent() throws Exception {
    Fault cut = Fault.always(Fault.Kind.CUT, 1);
    try (Served served = new Served(Served.fast().with(cut), Served.PIPELINE);
        StreamResponse<ChatCompletionChunk> stream =
            client(served.url("/v1"), "any")
                .chat()
                .completions()
                .createStreaming(params(Served.MODEL, 50))) {
      assertThrows(OpenAIException.class, () -> stream.stream().toList());
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void retriesWhatFailsOnceAndIsAnswered() throws Exception {
    String noRetries =
        "pipeline:\n  - rate-limit: { by: { plugin: token-bucket, rate: 2, burst: 1 } }\n";
    try (Served served = new Served(Served.fast(), noRetries)) {
      OpenAIClient patient =
          OpenAIOkHttpClient.builder()
              .baseUrl(served.url("/v1"))
              .apiKey("any")
              .maxRetries(2)
              .build();
      ask(patient, Served.MODEL);
      ask(patient, Served.MODEL); // 429, then told to come back in a second
      long answered =
          served.emulator.events().stream()
              .filter(event -> event.kind() == EmulatorEvent.Kind.FINISHED)
              .count();
      assertEquals(2, answered);
      served.untilAllCountsAreZero();
    }
  }

  private static String document(ToolUpstream upstream) {
    return "backends: [{ plugin: openai, id: a, url: \"" + upstream.url() + "\" }]\n";
  }

  private static OpenAIClient client(String url, String key) {
    return OpenAIOkHttpClient.builder().baseUrl(url).apiKey(key).maxRetries(0).build();
  }

  private static ChatCompletionCreateParams question() {
    return params(Served.MODEL, 50).toBuilder().addTool(WEATHER).build();
  }

  private static void ask(OpenAIClient client, String model) {
    client.chat().completions().create(params(model, 3));
  }

  private static ChatCompletionCreateParams params(String model, int tokens) {
    return ChatCompletionCreateParams.builder()
        .model(model)
        .addUserMessage("hello")
        .maxCompletionTokens(tokens)
        .build();
  }
}
