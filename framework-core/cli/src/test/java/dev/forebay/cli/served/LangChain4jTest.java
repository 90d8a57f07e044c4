package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.simulation.Fault;
import dev.forebay.simulation.http.EmulatorEvent;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** LangChain4j against a served gateway. */
@Timeout(60)
class LangChain4jTest {

  @Test
  void getsAWholeAnswer() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      ChatResponse answer = model(served.url("/v1"), "any", Served.MODEL, 7).chat(hello());
      assertEquals(7, answer.tokenUsage().outputTokenCount());
      assertTrue(answer.aiMessage().text().length() > 0);
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void getsAStream() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      Listener listener = new Listener(false);
      streaming(served.url("/v1"), 7).chat(hello(), listener);
      ChatResponse answer = listener.done.get();
      assertTrue(listener.parts >= 1);
      assertTrue(answer.aiMessage().text().length() > 0);
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void getsEmbeddings() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      Embedding embedding =
          OpenAiEmbeddingModel.builder()
              .baseUrl(served.url("/v1"))
              .apiKey("any")
              .modelName(Served.MODEL)
              .maxRetries(0)
              .build()
              .embed("hello")
              .content();
      assertTrue(embedding.dimension() > 1);
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void callsAToolAndTellsWhatItSaid() {
    ToolSpecification weather =
        ToolSpecification.builder()
            .name("weather")
            .description("The weather in a city")
            .parameters(JsonObjectSchema.builder().addStringProperty("city").build())
            .build();
    try (ToolUpstream upstream = new ToolUpstream();
        Fronted gateway =
            new Fronted(
                "backends: [{ plugin: openai, id: a, url: \"" + upstream.url() + "\" }]\n",
                Map.of())) {
      OpenAiChatModel model = model(gateway.url("/v1"), "any", Served.MODEL, 50);
      UserMessage question = UserMessage.from("What is the weather in Graz?");
      AiMessage called =
          model
              .chat(ChatRequest.builder().messages(question).toolSpecifications(weather).build())
              .aiMessage();
      ToolExecutionRequest call = called.toolExecutionRequests().get(0);
      assertEquals("weather", call.name());
      assertEquals("{\"city\": \"Graz\"}", call.arguments());
      AiMessage answer =
          model
              .chat(
                  ChatRequest.builder()
                      .messages(question, called, ToolExecutionResultMessage.from(call, "sunny"))
                      .toolSpecifications(weather)
                      .build())
              .aiMessage();
      assertEquals("It is sunny", answer.text());
    }
  }

  @Test
  void throwsWhatTheGatewayRefuses() throws Exception {
    String document =
        """
        keys: [{ id: a, key: sk-a }]
        pipeline: [{ rate-limit: { by: { plugin: token-bucket, rate: 0.001, burst: 1 } } }]
        pools: { p: { models: [small], backends: [{ plugin: simulated, id: a }] } }
        """;
    try (Fronted gateway = new Fronted(document, Map.of())) {
      String url = gateway.url("/v1");
      assertThrows(
          AuthenticationException.class, () -> model(url, "sk-x", "small", 3).chat(hello()));
      model(url, "sk-a", "small", 3).chat(hello());
      assertThrows(RateLimitException.class, () -> model(url, "sk-a", "small", 3).chat(hello()));
    }
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      assertThrows(
          ModelNotFoundException.class,
          () -> model(served.url("/v1"), "any", "nope", 3).chat(hello()));
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void retriesAndThenThrowsWhereNoBackendAnswers() throws Exception {
    Fault fail = Fault.always(Fault.Kind.FAIL, 1);
    try (Served served =
        new Served(Served.fast().with(fail), "pipeline:\n  - balance: round-robin\n")) {
      OpenAiChatModel patient =
          OpenAiChatModel.builder()
              .baseUrl(served.url("/v1"))
              .apiKey("any")
              .modelName(Served.MODEL)
              .maxRetries(1)
              .build();
      assertThrows(InternalServerException.class, () -> patient.chat(hello()));
      long refused =
          served.emulator.events().stream()
              .filter(event -> event.kind() == EmulatorEvent.Kind.REFUSED)
              .count();
      assertEquals(2, refused);
      served.untilAllCountsAreZero();
    }
  }

  /** It takes an error event for an empty one: only the reason of the finish is missing. */
  @Test
  void seesByTheMissingFinishThatAStreamBroke() throws Exception {
    Fault cut = Fault.always(Fault.Kind.CUT, 1);
    try (Served served = new Served(Served.fast().with(cut), Served.PIPELINE)) {
      Listener listener = new Listener(false);
      streaming(served.url("/v1"), 50).chat(hello(), listener);
      assertNull(listener.done.get().finishReason());
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void stopsTheUpstreamWhenItCancelsAStream() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      streaming(served.url("/v1"), 1_000_000).chat(hello(), new Listener(true));
      served.until(() -> served.happened(EmulatorEvent.Kind.CANCELLED));
      served.untilAllCountsAreZero();
    }
  }

  private static ChatRequest hello() {
    return ChatRequest.builder().messages(List.of(UserMessage.from("hello"))).build();
  }

  private static OpenAiChatModel model(String url, String key, String model, int tokens) {
    return OpenAiChatModel.builder()
        .baseUrl(url)
        .apiKey(key)
        .modelName(model)
        .maxCompletionTokens(tokens)
        .maxRetries(0)
        .build();
  }

  private static OpenAiStreamingChatModel streaming(String url, int tokens) {
    return OpenAiStreamingChatModel.builder()
        .baseUrl(url)
        .apiKey("any")
        .modelName(Served.MODEL)
        .maxCompletionTokens(tokens)
        .build();
  }

  /** Takes an answer part by part, or leaves after the first. */
  private static final class Listener implements StreamingChatResponseHandler {
    private final CompletableFuture<ChatResponse> done = new CompletableFuture<>();
    private final boolean leaves;
    private volatile int parts;

    Listener(boolean leaves) {
      this.leaves = leaves;
    }

    @Override
    public synchronized void onPartialResponse(
        PartialResponse part, PartialResponseContext context) {
      parts = parts + 1;
      if (leaves) {
        context.streamingHandle().cancel();
      }
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      done.complete(response);
    }

    @Override
    public void onError(Throwable error) {
      done.completeExceptionally(error);
    }
  }
}
