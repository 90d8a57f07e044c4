package dev.forebay.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Headers;
import io.vertx.core.MultiMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PassedHeadersTest {

  private static final List<String> ALL = List.of("*");

  private final OpenAi options = OpenAi.at("a", "http://host");

  @Test
  void byDefaultTracesAndAccountsPassAndLimitsComeBack() {
    Headers caller =
        Headers.of("TraceParent", "00-1")
            .with("tracestate", "a=1")
            .with("OpenAI-Organization", "org")
            .with("OpenAI-Project", "project")
            .with("x-other", "no");
    MultiMap request = MultiMap.caseInsensitiveMultiMap().add("accept", "own");
    PassedHeaders.onto(request, caller, options.passHeaders());
    assertEquals(5, request.size());
    assertEquals("project", request.get("openai-project"));
    MultiMap upstream =
        MultiMap.caseInsensitiveMultiMap()
            .add("X-RateLimit-Remaining-Tokens", "7")
            .add("x-ratelimit-limit-requests", "9")
            .add("openai-processing-ms", "12")
            .add("server", "no");
    Headers answer =
        PassedHeaders.onto(Headers.of("content-type", "x"), upstream, options.returnHeaders());
    assertEquals("7", answer.get("x-ratelimit-remaining-tokens"));
    assertEquals("9", answer.get("x-ratelimit-limit-requests"));
    assertEquals("12", answer.get("openai-processing-ms"));
    assertEquals("x", answer.get("content-type"));
    assertEquals(4, answer.entries().size());
  }

  @Test
  void whatSeveralLinesSayPassesLineByLine() {
    MultiMap lines =
        MultiMap.caseInsensitiveMultiMap().add("tracestate", "a").add("tracestate", "b");
    MultiMap request = MultiMap.caseInsensitiveMultiMap();
    PassedHeaders.onto(request, Headers.copyOf(lines), options.passHeaders());
    assertEquals(List.of("a", "b"), request.getAll("tracestate"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "host",
        "connection",
        "Content-Length",
        "content-encoding",
        "transfer-encoding",
        "te",
        "x-request-id",
        "x-forebay-cost"
      })
  void someNeverPass(String name) {
    assertThrows(
        IllegalArgumentException.class, () -> PassedHeaders.checked("pass-headers", List.of(name)));
    MultiMap request = MultiMap.caseInsensitiveMultiMap();
    PassedHeaders.onto(request, Headers.of(name, "v"), ALL);
    assertTrue(request.isEmpty());
    MultiMap upstream = MultiMap.caseInsensitiveMultiMap().add(name, "v");
    assertEquals(Headers.EMPTY, PassedHeaders.onto(Headers.EMPTY, upstream, ALL));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a*b", "**", "a:", "x-\n"})
  void whatIsNoNameIsRefused(String name) {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> PassedHeaders.checked("return-headers", List.of(name)))
            .getMessage();
    assertTrue(String.valueOf(message).startsWith("return-headers: "), message);
  }

  @Test
  void noMoreThanABoundedNumberPasses() {
    MultiMap many = MultiMap.caseInsensitiveMultiMap();
    for (int i = 0; i < 100; i++) {
      many.add("x-" + i, "v");
    }
    assertEquals(32, PassedHeaders.onto(Headers.EMPTY, many, ALL).entries().size());
    MultiMap request = MultiMap.caseInsensitiveMultiMap();
    PassedHeaders.onto(request, Headers.copyOf(many), ALL);
    assertEquals(32, request.size());
  }

  @Test
  void valuesThatCouldSplitAnAnswerAreLeftOut() {
    MultiMap upstream = MultiMap.caseInsensitiveMultiMap().add("x-a", "1\u0001").add("x-b", "2");
    Headers answer = PassedHeaders.onto(Headers.EMPTY, upstream, ALL);
    assertEquals("2", answer.get("x-b"));
    assertFalse(answer.toString().contains("x-a"));
  }
}
