package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.forebay.simulation.Fault;
import dev.forebay.simulation.http.EmulatorEvent;
import dev.forebay.simulation.http.EmulatorProfile;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The official OpenAI client for Java against a served gateway. */
@Timeout(60)
class OpenAiClientTest {

  @Test
  void getsAWholeAnswer() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      ChatCompletion answer = ask(client(served, 0), Served.MODEL, 7);
      assertEquals(7, answer.usage().orElseThrow().completionTokens());
      assertTrue(answer.choices().get(0).message().content().orElse("").length() > 0);
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void getsAStream() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      OpenAIClient client = client(served, 0);
      try (StreamResponse<ChatCompletionChunk> stream =
          client.chat().completions().createStreaming(params(Served.MODEL, 7))) {
        List<ChatCompletionChunk> chunks = stream.stream().toList();
        long contents =
            chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .filter(choice -> !choice.delta().content().orElse("").isEmpty())
                .count();
        assertTrue(contents >= 1, chunks.toString());
      }
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void listsModels() {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      assertEquals(Served.MODEL, client(served, 0).models().list().data().get(0).id());
    }
  }

  @Test
  void listsModelsThatOnlyTheUpstreamKnows() {
    EmulatorProfile upstream = Served.fast();
    try (Served served = new Served(upstream, Served.PIPELINE, 5, "")) {
      List<String> names =
          client(served, 0).models().list().data().stream().map(model -> model.id()).toList();
      assertEquals(upstream.models(), names);
    }
  }

  @Test
  void throwsBadRequestForABodyThatTheUpstreamRefuses() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      assertThrows(BadRequestException.class, () -> ask(client(served, 2), Served.MODEL, -1));
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void throwsNotFoundForAnUnknownModel() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      NotFoundException thrown =
          assertThrows(NotFoundException.class, () -> ask(client(served, 2), "nope", 5));
      assertEquals("model_not_found", thrown.code().orElse(""));
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void throwsRateLimitWhereTheBucketIsEmpty() throws Exception {
    String pipeline =
        "pipeline:\n  - rate-limit: { by: { plugin: token-bucket, rate: 0.001, burst: 1 } }\n";
    try (Served served = new Served(Served.fast(), pipeline)) {
      ask(client(served, 0), Served.MODEL, 5);
      RateLimitException thrown =
          assertThrows(RateLimitException.class, () -> ask(client(served, 0), Served.MODEL, 5));
      assertEquals(1, thrown.headers().values("retry-after").size());
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void retriesAndThenThrowsInternalServerWhereNoBackendAnswers() throws Exception {
    Fault fail = Fault.always(Fault.Kind.FAIL, 1);
    try (Served served =
        new Served(Served.fast().with(fail), "pipeline:\n  - balance: round-robin\n")) {
      InternalServerException thrown =
          assertThrows(
              InternalServerException.class, () -> ask(client(served, 1), Served.MODEL, 5));
      assertEquals(503, thrown.statusCode());
      long refused =
          served.emulator.events().stream()
              .filter(event -> event.kind() == EmulatorEvent.Kind.REFUSED)
              .count();
      assertEquals(2, refused);
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void stopsTheUpstreamWhenItClosesAStream() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      OpenAIClient client = client(served, 0);
      try (StreamResponse<ChatCompletionChunk> stream =
          client.chat().completions().createStreaming(params(Served.MODEL, 1_000_000))) {
        assertTrue(stream.stream().findFirst().isPresent());
      }
      served.until(() -> served.happened(EmulatorEvent.Kind.CANCELLED));
      served.untilAllCountsAreZero();
    }
  }

  private static OpenAIClient client(Served served, int retries) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(served.url("/v1"))
        .apiKey("any")
        .maxRetries(retries)
        .build();
  }

  private static ChatCompletion ask(OpenAIClient client, String model, int tokens) {
    return client.chat().completions().create(params(model, tokens));
  }

  private static ChatCompletionCreateParams params(String model, int tokens) {
    return ChatCompletionCreateParams.builder()
        .model(model)
        .addUserMessage("hello")
        .maxCompletionTokens(tokens)
        .build();
  }
}
