package dev.forebay.openai;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.forebay.servers.Golden;
import dev.forebay.spi.Chunk.Kind;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Golden exchanges: what the documentation of the DeepSeek API says that it does. */
@Timeout(60)
final class DeepSeekTest {

  private static final String KEY = "sk-of-this-test";
  private static final Usage USAGE = new Usage(11, 5, 7, 3);

  @RegisterExtension
  static final WireMockExtension api =
      WireMockExtension.newInstance().options(options().dynamicPort().gzipDisabled(true)).build();

  private final Driver driver = new Driver();
  private final OpenAiBackend backend = driver.backend(OpenAi.at("ds", api.baseUrl()).withKey(KEY));

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void aThinkingModelStreams() {
    answer(200, "text/event-stream; charset=utf-8", Golden.DEEPSEEK_STREAM);
    Driver.Read read = driver.read(backend, true);
    assertEquals(Golden.DEEPSEEK_STREAM.replace(Golden.USAGE, ""), read.text());
    assertEquals(
        List.of(
            Kind.WAITING,
            Kind.WAITING,
            Kind.WAITING,
            Kind.PRELUDE,
            Kind.CONTENT, // thinking is content
            Kind.CONTENT,
            Kind.CONTENT,
            Kind.CONTENT,
            Kind.TRAILER,
            Kind.TRAILER),
        read.kinds());
    assertEquals(USAGE, read.outcome().usage());
  }

  @Test
  void aWholeAnswerComesAfterBlankLines() {
    answer(200, "application/json", "\n\n\n\n" + Golden.DEEPSEEK_WHOLE);
    Driver.Read read = driver.read(backend, false);
    assertEquals(Golden.DEEPSEEK_WHOLE, read.text());
    assertEquals(USAGE, read.outcome().usage());
  }

  @Test
  void toolsAndLogprobsPassAsTheyAre() {
    String call =
        "data:"
            + " {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"call_0\",\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"arguments\":\"\"}}]},\"logprobs\":{\"content\":[]},\"finish_reason\":null}]}\n\n"
            + "data:"
            + " {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"city\\\":\"}}]},\"finish_reason\":null}]}\n\n"
            + "data:"
            + " {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"tool_calls\"}]}\n\n"
            + Golden.DONE;
    answer(200, "text/event-stream", call);
    Driver.Read read = driver.read(backend, true);
    assertEquals(call, read.text());
    assertEquals(List.of(Kind.CONTENT, Kind.CONTENT, Kind.TRAILER, Kind.TRAILER), read.kinds());
  }

  /** The error codes of the documentation; bodies are not documented. */
  @ParameterizedTest
  @CsvSource({
    "400, CALLER_FAULT, 400",
    "401, ACCOUNT_OUT, 503",
    "402, ACCOUNT_OUT, 503",
    "422, CALLER_FAULT, 422",
    "429, THROTTLED, 503",
    "500, OVERLOADED, 502",
    "503, OVERLOADED, 503"
  })
  void everyErrorHasItsRow(int status, Status row, int outside) {
    String body =
        "{\"error\":{\"message\":\"the words of the API\",\"type\":\"x\",\"code\":\"y\"}}";
    answer(status, "application/json", body);
    for (boolean streamed : new boolean[] {false, true}) {
      Failure failure = driver.failure(backend, streamed);
      assertEquals(row, failure.status());
      assertEquals(outside, failure.httpStatus());
      assertEquals("ds", failure.servedBy());
      assertEquals(-1, failure.retryAfterNanos(), "no Retry-After is documented");
      if (row == Status.CALLER_FAULT) {
        assertEquals(body, String.valueOf(failure.body()));
      } else {
        assertNull(failure.body(), "what concerns the account is not the caller's");
        assertFalse(String.valueOf(failure.getMessage()).contains("words"));
      }
    }
  }

  @Test
  void beingOutOfResourcesInsideA200IsOverload() {
    answer(200, "text/event-stream", Golden.WAIT + Golden.ROLE + Golden.OUT_OF_RESOURCES);
    Failure before = driver.failure(backend, true);
    assertEquals(Status.OVERLOADED, before.status());
    assertEquals("insufficient_system_resource", before.reason());
    answer(
        200,
        "application/json",
        Golden.DEEPSEEK_WHOLE.replace("\"stop\"", "\"insufficient_system_resource\""));
    assertEquals("insufficient_system_resource", driver.failure(backend, false).reason());
  }

  @Test
  void aConnectionThatIsClosedWhileItQueuesIsOverload() {
    answer(200, "text/event-stream", Golden.WAIT.repeat(60));
    assertEquals(Status.OVERLOADED, driver.failure(backend, true).status());
    answer(200, "application/json", "\n".repeat(60));
    assertEquals(Status.OVERLOADED, driver.failure(backend, false).status());
  }

  @Test
  void thePresetNamesNoRetiredModel() {
    OpenAi preset = OpenAi.of("ds", Preset.DEEPSEEK);
    assertEquals("https://api.deepseek.com/v1", preset.root().toString());
    assertEquals(List.of("deepseek-flash", "deepseek-v4-pro"), preset.models());
    assertTrue(
        preset.models().stream()
            .noneMatch(List.of("deepseek-chat", "deepseek-reasoner")::contains));
    assertEquals(
        List.of("mine"), OpenAi.of("ds", Preset.DEEPSEEK).withModels(List.of("mine")).models());
  }

  private static void answer(int status, String type, String body) {
    api.resetAll();
    ResponseDefinitionBuilder response =
        aResponse().withStatus(status).withHeader("content-type", type).withBody(body);
    api.stubFor(
        post(urlEqualTo("/v1/chat/completions"))
            .withHeader("authorization", equalTo("Bearer " + KEY))
            .willReturn(response));
  }
}
