package dev.forebay.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.Operation;
import dev.forebay.spi.RequestInfo;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContinuationTest {

  private static String asked(String more) {
    return "{\"model\":\"m\", \"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":true"
        + more
        + "}";
  }

  private static Buffer event(String json) {
    return Buffer.buffer("data: " + json + "\n\n");
  }

  private static Buffer said(String delta) {
    return event(
        "{\"id\":\"one\",\"created\":7,\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":"
            + delta
            + ",\"finish_reason\":null}]}");
  }

  private static InferenceRequest request(Operation operation, String body, int bound) {
    RequestInfo info =
        RequestInfo.chat("r", "m", Caller.at("127.0.0.1"), 0)
            .withOperation(operation)
            .withMaxOutputTokens(bound);
    return new InferenceRequest(info, Buffer.buffer(body), Call.root(new Still()), Attempt.FIRST);
  }

  private static Continuation of(String... deltas) {
    Continuation continuation = new Continuation(Operation.CHAT);
    for (String delta : deltas) {
      assertTrue(continuation.read(said(delta)), delta);
    }
    return continuation;
  }

  private static @Nullable InferenceRequest rest(String more, int bound) {
    return of("{\"role\":\"assistant\",\"content\":\"A \\\"b\\\"\"}", "{\"content\":\" ü\\n\"}")
        .request(request(Operation.CHAT, asked(more), bound), 4);
  }

  private static String body(@Nullable InferenceRequest request) {
    return there(request).body().toString();
  }

  private static InferenceRequest there(@Nullable InferenceRequest request) {
    return Objects.requireNonNull(request);
  }

  @Test
  void theBeginningIsTheLastMessage() {
    assertEquals(
        "{\"model\":\"m\", \"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},"
            + "{\"role\":\"assistant\",\"content\":\"A \\\"b\\\" ü\\n\"}],\"stream\":true,"
            + "\"max_tokens\":6}",
        body(rest(",\"max_tokens\":10", 10)));
  }

  @Test
  void aPromptIsContinuedByItself() {
    Continuation continuation = new Continuation(Operation.COMPLETION);
    assertTrue(
        continuation.read(
            event("{\"id\":\"one\",\"choices\":[{\"index\":0,\"text\":\" b\\\"\"}]}")));
    String asked = "{\"prompt\":\"a\",\"max_completion_tokens\":9,\"max_tokens\":null}";
    assertEquals(
        "{\"prompt\":\"a b\\\"\",\"max_completion_tokens\":8,\"max_tokens\":null}",
        body(continuation.request(request(Operation.COMPLETION, asked, 9), 1)));
    assertNull(
        continuation.request(request(Operation.COMPLETION, "{\"prompt\":[\"a\",\"b\"]}", 0), 1));
  }

  @Test
  void policiesSeeALongerPromptAndAShorterAnswer() {
    RequestInfo info = there(rest(",\"max_tokens\":10", 10)).info();
    assertEquals(List.of(4, 6), List.of(info.promptTokens(), info.maxOutputTokens()));
  }

  @Test
  void nothingIsLeftOfAnAnswerAsLongAsItsBound() {
    assertNull(rest(",\"max_tokens\":4", 4));
    assertNull(rest(",\"max_tokens\":4", 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "\"min_tokens\":9,\"max_tokens\":10; \"min_tokens\":5,\"max_tokens\":6",
        "\"min_tokens\":2; \"min_tokens\":0",
        "\"n_predict\":20; \"n_predict\":16"
      })
  void boundsAreLoweredByWhatTheCallerHas(String asked, String rest) {
    assertTrue(body(rest("," + asked, 0)).contains(rest), body(rest("," + asked, 0)));
  }

  /** A continuation of an answer whose rest begins so. */
  private static Continuation begins(String answer, String... rest) {
    Continuation continuation = of("{\"content\":\"" + answer + "\"}");
    there(continuation.request(request(Operation.CHAT, asked(""), 0), 4));
    for (int i = 0; i < rest.length; i++) {
      Buffer event = said("{\"content\":\"" + rest[i] + "\"}");
      assertEquals(i < rest.length - 1, continuation.undecided(event), rest[i]);
    }
    return continuation;
  }

  @Test
  void anAnswerThatBeginsAgainIsNoRest() {
    String answer = "Dams hold water back, and gates let";
    assertTrue(begins(answer, "Dams", " hold", " water").beginsAgain());
    assertFalse(begins(answer, "Dams", " hold", " some of it").beginsAgain());
    assertFalse(begins(answer, " it go").beginsAgain());
    assertFalse(
        begins(answer, "Dams", "").beginsAgain(), "an event without text is not waited for");
  }

  @Test
  void anAnswerThatIsShortOrRepeatsItselfDoesNotTell() {
    assertFalse(begins("Dams hold water", "Dams hold water").beginsAgain());
    assertFalse(begins("la la la la la la la la la", "la la la la la").beginsAgain());
  }

  @Test
  void aRequestOfATraceHasNoBody() {
    InferenceRequest rest = of().request(request(Operation.CHAT, "", 0), 4);
    assertEquals(0, there(rest).body().length());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ",\"n\":2",
        ",\"logprobs\":true",
        ",\"response_format\":{\"type\":\"json_object\"}",
        ",\"tool_choice\":\"required\"",
        ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}",
        ",\"guided_json\":{}",
        ",\"grammar\":\"root ::= a\"",
        ",\"regex\":\"a+\"",
        ",\"ebnf\":\"root ::= a\"",
        ",\"structural_tag\":{}",
        ",\"top_logprobs\":2",
        ",\"n_probs\":2",
        ",\"n_predict\":4",
        ",\"continue_final_message\":true",
        ",\"max_tokens\":4",
        ",\"max_tokens\":\"many\"",
        ",\"n\":1,\"\\u006e\":2",
        ",\"max_tokens\":9,\"max_tokens\":9",
        ",\"messages\":[{\"role\":\"user\",\"content\":\"Ho\"}]"
      })
  void requestsWhoseAnswersCannotBeContinued(String more) {
    assertNull(rest(more, 0));
  }

  private static @Nullable InferenceRequest restOf(String messages) {
    String body = "{\"messages\":" + messages + ",\"stream\":true}";
    return of("{\"content\":\"a\"}").request(request(Operation.CHAT, body, 0), 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "[ \n]",
        "[\"a\"]",
        "[{\"role\":\"assistant\",\"content\":\"x\"}]",
        "[{\"role\":\"user\",\"content\":\"x\"}, {\"content\":[{\"text\":\"}\\\"{\"}],"
            + "\"prefix\":true,\"role\" : \"assistant\"} ]",
        "[{\"role\":\"user\"},{\"role\":\"user\",\"role\":\"assistant\"}]"
      })
  void messagesThatHaveABeginningOfTheAnswerOrNoEnd(String messages) {
    assertNull(restOf(messages));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"role\":\"user\",\"content\":\"{\\\"role\\\":\\\"assistant\\\"}\"}]",
        "[{\"role\":\"assistant\",\"content\":\"x\"},{\"role\":\"user\",\"content\":"
            + "[{\"role\":\"assistant\"},{\"text\":\"\\\\\"}]}\n]",
        "[{\"role\":\"tool\",\"content\":\"x\"}]"
      })
  void messagesThatEndWithAnothers(String messages) {
    JsonObject body = new JsonObject(body(restOf(messages)));
    JsonArray all = body.getJsonArray("messages");
    assertEquals("a", all.getJsonObject(all.size() - 1).getString("content"));
  }

  @Test
  void aLongLastMessageIsNotReadAgain() {
    String text = "x".repeat(200_000);
    assertNotNull(restOf("[{\"role\":\"user\",\"content\":\"" + text + "\"}]"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ",\"n\":1",
        ",\"n\":null",
        ",\"logprobs\":false",
        ",\"response_format\":{\"type\": \"text\"}",
        ",\"tool_choice\":\"auto\",\"tools\":[]",
        ",\"temperature\":0",
        ",\"add_generation_prompt\":true"
      })
  void requestsWhoseAnswersCan(String more) {
    JsonObject body = new JsonObject(body(rest(more, 0)));
    assertEquals(2, body.getJsonArray("messages").size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"tool_calls\":[{\"index\":0}]}",
        "{\"reasoning_content\":\"so\"}",
        "{\"content\":[{\"type\":\"text\"}]}",
        "{\"refusal\":\"no\"}"
      })
  void answersThatCannotBeContinued(String delta) {
    assertFalse(new Continuation(Operation.CHAT).read(said(delta)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"a\"}}]}",
        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}",
        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"logprobs\":{}}]}",
        "{\"choices\":[{\"index\":0,\"text\":\"a\"}]}",
        "{}",
        "[DONE]",
        "nonsense"
      })
  void eventsThatAreNotUnderstood(String json) {
    assertFalse(new Continuation(Operation.CHAT).read(event(json)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"role\":\"assistant\"}",
        "{\"content\":null}",
        "{\"content\":\"a\",\"reasoning_content\":null,\"tool_calls\":[]}"
      })
  void whatSaysNothingMattersNot(String delta) {
    assertTrue(new Continuation(Operation.CHAT).read(said(delta)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "\"\"", "\"null\""})
  void aFinishReasonThatIsNone(String none) {
    assertTrue(
        new Continuation(Operation.CHAT)
            .read(
                event(
                    "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":"
                        + none
                        + "}]}")));
  }

  @Test
  void aRoleComesOnce() {
    Continuation continuation = of("{\"content\":\"a\"}");
    assertEquals(
        said("{\"content\":\"b\"}"),
        continuation.event(said("{\"role\":\"assistant\",\"content\":\"b\"}")));
  }

  @Test
  void largeEventsAreNotReadAgain() {
    Buffer large = said("{\"content\":\"" + "x".repeat(200_000) + "\"}");
    Continuation continuation = new Continuation(Operation.CHAT);
    assertFalse(continuation.read(large));
    assertSame(large, continuation.event(large));
  }

  @Test
  void anAnswerWithoutIdGetsNoneAndItsUsageAddsUp() {
    Continuation continuation = new Continuation(Operation.CHAT);
    assertTrue(
        continuation.read(
            event("{\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"a\"}}]}")));
    continuation.request(request(Operation.CHAT, "", 0), 20);
    assertEquals(
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":22,"
            + "\"total_tokens\":22},\"model\":\"m\"}\n\n",
        String.valueOf(
            continuation.event(
                event(
                    "{\"id\":\"two\",\"created\":9,\"choices\":[],\"usage\":{\"prompt_tokens\":12,"
                        + "\"completion_tokens\":2,\"total_tokens\":14}}"))));
  }

  @Test
  void ofThePromptNoMoreIsCachedThanThereIs() {
    Continuation continuation = of("{\"content\":\"a\"}");
    continuation.request(request(Operation.CHAT, "", 0), 3);
    assertEquals(
        "data: {\"id\":\"one\",\"created\":7,\"model\":\"m-1\",\"choices\":[],"
            + "\"usage\":{\"prompt_tokens\":10,\"prompt_cache_hit_tokens\":10,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":10}}}\n\n",
        String.valueOf(
            continuation.event(
                event(
                    "{\"id\":\"two\",\"created\":9,\"model\":\"m-2\",\"choices\":[],"
                        + "\"usage\":{\"prompt_tokens\":13,\"prompt_cache_hit_tokens\":12,"
                        + "\"prompt_tokens_details\":{\"cached_tokens\":13}}}"))));
  }

  @Test
  void eventsOfTheRestLookLikeThoseOfTheFirst() {
    Continuation continuation = of("{\"content\":\"a\"}");
    continuation.request(request(Operation.CHAT, "", 0), 3);
    assertEquals(
        "data: {\"id\":\"one\",\"created\":7,\"model\":\"m-1\",\"choices\":[],"
            + "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":8,\"total_tokens\":18,"
            + "\"prompt_cache_miss_tokens\":0}}\n\n",
        String.valueOf(
            continuation.event(
                event(
                    "{\"id\":\"two\",\"created\":9,\"model\":\"m-2\",\"choices\":[],"
                        + "\"usage\":{\"prompt_tokens\":13,\"completion_tokens\":5,"
                        + "\"total_tokens\":18,\"prompt_cache_miss_tokens\":2}}"))));
    Buffer done = event("[DONE]");
    assertEquals(done, continuation.event(done));
  }
}
