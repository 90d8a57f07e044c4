package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.InternalServerException;
import com.openai.errors.OpenAIException;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.forebay.simulation.Fault;
import dev.forebay.simulation.http.EmulatorEvent;
import dev.forebay.simulation.http.EmulatorProfile;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Further tries through a served gateway: how many calls reach the upstream, and what the official
 * client makes of what it is told. {@code -Dforebay.requests=20000} asks more often.
 */
@Timeout(600)
class ExtraWorkServedTest {

  private static final int REQUESTS = Integer.getInteger("forebay.requests", 400);

  private static final String RETRY =
      """
      pipeline:
        - retry: { attempts: 4, backoff: 5ms }
        - balance: round-robin
      """;

  private static EmulatorProfile with(Fault.Kind kind, double share) {
    EmulatorProfile fast = EmulatorProfile.DEFAULT.withTimeScale(1000);
    return new EmulatorProfile(
        fast.host(),
        fast.port(),
        fast.models(),
        null,
        fast.server(),
        java.util.List.of(Fault.always(kind, share)),
        1,
        fast.timeScale(),
        fast.maxBodyBytes(),
        3 * REQUESTS * 3);
  }

  private static long calls(Served served, EmulatorEvent.Kind... kinds) {
    return served.emulator.events().stream()
        .filter(event -> java.util.List.of(kinds).contains(event.kind()))
        .count();
  }

  private static long upstreamCalls(Served served) {
    return calls(served, EmulatorEvent.Kind.STARTED, EmulatorEvent.Kind.REFUSED);
  }

  @Test
  void callersDoNotNoticeThatATenthFails() throws Exception {
    try (Served served = new Served(with(Fault.Kind.FAIL, 0.1), RETRY)) {
      int answered = 0;
      for (int i = 0; i < REQUESTS; i++) {
        HttpResponse<String> answer =
            served.post("/v1/chat/completions", Served.chat(i % 2 == 0, 3));
        answered += answer.statusCode() == 200 ? 1 : 0;
      }
      long refused = calls(served, EmulatorEvent.Kind.REFUSED);
      System.out.printf(
          "%d requests, %d answered, %d upstream calls, %d of them refused%n",
          REQUESTS, answered, upstreamCalls(served), refused);
      assertTrue(answered >= 0.999 * REQUESTS, answered + " of " + REQUESTS);
      assertTrue(refused > 0.06 * REQUESTS, "refused: " + refused);
      assertTrue(upstreamCalls(served) < 1.2 * REQUESTS + 10);
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void callsStayWithinTheBudgetWhereEverythingFails() throws Exception {
    try (Served served = new Served(with(Fault.Kind.FAIL, 1), RETRY)) {
      long began = System.nanoTime();
      for (int i = 0; i < REQUESTS; i++) {
        HttpResponse<String> answer = served.post("/v1/chat/completions", Served.chat(true, 3));
        assertEquals(503, answer.statusCode());
        assertEquals("false", answer.headers().firstValue("x-should-retry").orElse(""));
      }
      double floor = Math.max(10, (System.nanoTime() - began) / 1e9);
      System.out.printf("%d requests, %d upstream calls%n", REQUESTS, upstreamCalls(served));
      assertTrue(upstreamCalls(served) <= 1.2 * REQUESTS + floor, "" + upstreamCalls(served));
      assertTrue(upstreamCalls(served) > 1.15 * REQUESTS, "" + upstreamCalls(served));
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void whoeverIsCutAfterTheContentGetsAnErrorOfTheOfficialClient() throws Exception {
    try (Served served = new Served(with(Fault.Kind.CUT, 0.05), RETRY)) {
      OpenAIClient client = client(served, 2);
      int raised = 0;
      int complete = 0;
      for (int i = 0; i < REQUESTS / 2; i++) {
        try (StreamResponse<ChatCompletionChunk> stream =
            client.chat().completions().createStreaming(params(5))) {
          complete += stream.stream().toList().isEmpty() ? 0 : 1;
        } catch (OpenAIException expected) {
          raised++;
        }
      }
      long failed = calls(served, EmulatorEvent.Kind.FAILED);
      System.out.printf(
          "%d streams, %d complete, %d cut upstream, %d errors raised%n",
          REQUESTS / 2, complete, failed, raised);
      assertTrue(failed > 0);
      assertEquals(failed, raised, "each of them, and nobody else");
      assertEquals(REQUESTS / 2, complete + raised);
      assertEquals(REQUESTS / 2, upstreamCalls(served), "nothing is tried again after content");
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void theOfficialClientDoesNotMultiplyTheTries() throws Exception {
    try (Served served = new Served(with(Fault.Kind.FAIL, 1), RETRY)) {
      assertThrows(
          InternalServerException.class,
          () -> client(served, 2).chat().completions().create(params(5)));
      assertEquals(4, upstreamCalls(served), "the gateway's tries, not three times as many");
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void theOfficialClientComesBackWhenItIsToldTo() throws Exception {
    String pipeline =
        "pipeline:\n  - rate-limit: { by: { plugin: token-bucket, rate: 5, burst: 1 } }\n";
    try (Served served = new Served(with(Fault.Kind.FAIL, 0), pipeline)) {
      client(served, 0).chat().completions().create(params(5));
      assertFalse(client(served, 2).chat().completions().create(params(5)).choices().isEmpty());
      assertEquals(2, upstreamCalls(served));
      HttpResponse<String> refused = served.post("/v1/chat/completions", Served.chat(false, 3));
      assertEquals(429, refused.statusCode());
      assertEquals("true", refused.headers().firstValue("x-should-retry").orElse(""));
      assertEquals("1", refused.headers().firstValue("retry-after").orElse(""));
      long millis = Long.parseLong(refused.headers().firstValue("retry-after-ms").orElse("0"));
      assertTrue(millis > 0 && millis <= 200, "ms: " + millis);
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void aWholeAnswerSaysWhatItCost() throws Exception {
    String priced = "prices: { header: true, prompt: 1, output: 100 }\n" + RETRY;
    try (Served served = new Served(with(Fault.Kind.FAIL, 0), priced)) {
      HttpResponse<String> whole = served.post("/v1/chat/completions", Served.chat(false, 3));
      JsonObject usage = new JsonObject(whole.body()).getJsonObject("usage");
      double usd = usage.getInteger("prompt_tokens") + 100 * usage.getInteger("completion_tokens");
      String header = whole.headers().firstValue("x-forebay-cost").orElse("0");
      assertEquals(usd / 1e6, Double.parseDouble(header), 1e-9);
      HttpResponse<String> stream = served.post("/v1/chat/completions", Served.chat(true, 3));
      assertTrue(stream.headers().firstValue("x-forebay-cost").isEmpty());
      JsonObject counters = served.state().getJsonObject("counters");
      assertEquals(2, counters.getLong("cost.calls"));
      assertTrue(counters.getLong("cost.nanodollars") >= usd * 1000);
    }
  }

  @Test
  void anAliasReachesTheUpstreamUnderItsModel() throws Exception {
    String routes =
        "routes:\n  - { models: [chat], to: [{ model: %s }] }\n".formatted(Served.MODEL) + RETRY;
    try (Served served = new Served(with(Fault.Kind.FAIL, 0), routes)) {
      String body = Served.chat(false, 3).replace(Served.MODEL, "chat");
      HttpResponse<String> answer = served.post("/v1/chat/completions", body);
      assertEquals(200, answer.statusCode(), answer.body());
      assertEquals(Served.MODEL, new JsonObject(answer.body()).getString("model"));
      String unknown = Served.chat(false, 3).replace(Served.MODEL, "nope");
      assertEquals(404, served.post("/v1/chat/completions", unknown).statusCode());
    }
  }

  private static OpenAIClient client(Served served, int retries) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(served.url("/v1"))
        .apiKey("any")
        .maxRetries(retries)
        .build();
  }

  private static ChatCompletionCreateParams params(int tokens) {
    return ChatCompletionCreateParams.builder()
        .model(Served.MODEL)
        .addUserMessage("hello")
        .maxCompletionTokens(tokens)
        .build();
  }
}
