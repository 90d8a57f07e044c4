package dev.forebay.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of other origins may ask where the options name them, and nowhere else. */
final class CorsTest extends EdgeFixture {

  private static final String PAGE = "https://app.example";
  private static final Map<String, String> PREFLIGHT =
      Map.of(
          "origin",
          PAGE,
          "access-control-request-method",
          "POST",
          "access-control-request-headers",
          "authorization,content-type,x-stainless-os");

  @Test
  void noPageMayAskWhereNothingIsSaid() throws Exception {
    Answer preflight = preflight();
    assertEquals(405, preflight.status());
    assertEquals("null", preflight.header("access-control-allow-origin"));
    assertEquals("null", asked(PAGE).header("access-control-allow-origin"));
  }

  @Test
  void aPageThatIsNamedMayAskWithAllHeaders() throws Exception {
    start(
        builder -> builder.options(options("cors: { origins: [\"" + PAGE + "\"], max-age: 5m }")));
    Answer preflight = preflight();
    assertEquals(204, preflight.status());
    assertEquals(PAGE, preflight.header("access-control-allow-origin"));
    assertEquals(
        "authorization,content-type,x-stainless-os",
        preflight.header("access-control-allow-headers"));
    assertEquals("GET, POST", preflight.header("access-control-allow-methods"));
    assertEquals("300", preflight.header("access-control-max-age"));
    assertEquals("null", preflight.header("access-control-allow-credentials"));
    Answer answer = asked(PAGE);
    assertEquals(200, answer.status());
    assertEquals(PAGE, answer.header("access-control-allow-origin"));
    assertEquals("origin", answer.header("vary"));
    List<String> exposed = List.of(answer.header("access-control-expose-headers").split(", "));
    assertTrue(exposed.containsAll(List.of("x-forebay-model", "x-forebay-cost")), "" + exposed);
  }

  @Test
  void othersMayNot() throws Exception {
    start(builder -> builder.options(options("cors: { origins: [\"" + PAGE + "\"] }")));
    for (String other : List.of("https://evil.example", PAGE + ".evil.example", "null")) {
      assertEquals("null", asked(other).header("access-control-allow-origin"));
    }
  }

  @Test
  void allMayWhereAStarSaysSo() throws Exception {
    start(builder -> builder.options(options("cors: { origins: [\"*\"] }")));
    assertEquals(
        "https://any.example", asked("https://any.example").header("access-control-allow-origin"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"app.example", "https://app.example/path", "https://a.example, b", ""})
  void whatIsNoOriginIsRefused(String origin) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new CorsOptions(List.of(origin), Duration.ofMinutes(1)));
  }

  private Answer preflight() throws Exception {
    return await(
        whole(send(HttpMethod.OPTIONS, "/v1/chat/completions", PREFLIGHT, Buffer.buffer())));
  }

  private Answer asked(String origin) throws Exception {
    Future<Answer> answer = chatWhole(CHAT, Map.of("origin", origin));
    chain.next().whole("{}");
    return await(answer);
  }
}
