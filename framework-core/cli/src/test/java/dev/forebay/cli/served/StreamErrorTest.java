package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import dev.forebay.simulation.Fault;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the official OpenAI client for Java makes of streams that fail, and of the operations. */
@Timeout(60)
class StreamErrorTest {

  @ParameterizedTest
  @EnumSource(
      value = Fault.Kind.class,
      names = {"CUT", "OUT_OF_RESOURCES"})
  void aFailureAfterContentIsAnApiError(Fault.Kind kind) throws Exception {
    try (Served served = new Served(Served.fast().with(Fault.always(kind, 1)), Served.PIPELINE)) {
      List<ChatCompletionChunk> read = new ArrayList<>();
      OpenAIServiceException thrown;
      try (StreamResponse<ChatCompletionChunk> stream =
          client(served)
              .chat()
              .completions()
              .createStreaming(
                  ChatCompletionCreateParams.builder()
                      .model(Served.MODEL)
                      .addUserMessage("hello")
                      .maxCompletionTokens(200)
                      .build())) {
        thrown =
            assertThrows(OpenAIServiceException.class, () -> stream.stream().forEach(read::add));
      }
      assertTrue(!read.isEmpty(), "no content before it failed");
      assertTrue(String.valueOf(thrown.getMessage()).contains("upstream"), thrown.toString());
      served.untilAllCountsAreZero();
      JsonObject outcomes = served.state().getJsonObject("outcomes");
      assertEquals(1, outcomes.getInteger("overloaded"), outcomes.encode());
      assertEquals(0, outcomes.getInteger("ok"), outcomes.encode());
    }
  }

  @Test
  void aFailureBeforeContentIsRetriedAndThenHasAStatus() throws Exception {
    Fault error = Fault.always(Fault.Kind.ERROR_EVENT, 1);
    try (Served served = new Served(Served.fast().with(error), Served.PIPELINE)) {
      OpenAIServiceException thrown =
          assertThrows(
              OpenAIServiceException.class,
              () ->
                  client(served)
                      .chat()
                      .completions()
                      .createStreaming(
                          ChatCompletionCreateParams.builder()
                              .model(Served.MODEL)
                              .addUserMessage("hello")
                              .build()));
      assertEquals(502, thrown.statusCode());
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void completionsAndEmbeddingsAreAnswered() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      var completion =
          client(served)
              .completions()
              .create(
                  CompletionCreateParams.builder()
                      .model(Served.MODEL)
                      .prompt("Once upon")
                      .maxTokens(5)
                      .build());
      assertTrue(!completion.choices().get(0).text().isEmpty());
      var embeddings =
          client(served)
              .embeddings()
              .create(
                  EmbeddingCreateParams.builder()
                      .model(Served.MODEL)
                      .inputOfArrayOfStrings(List.of("a", "b"))
                      .build());
      assertEquals(2, embeddings.data().size());
      served.untilAllCountsAreZero();
    }
  }

  private static OpenAIClient client(Served served) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(served.url("/v1"))
        .apiKey("any")
        .maxRetries(0)
        .build();
  }
}
