package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.edge.identity.KeyOptions;
import dev.forebay.edge.identity.Keys;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of other origins may ask if the options name them, and not otherwise; programs may. */
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
    assertRefused(Map.of("origin", PAGE));
  }

  /**
   * A browser sends these without asking beforehand, and would only keep the answer from the page.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "origin=https://evil.example",
        "origin=https://evil.example content-type=text/plain",
        "origin=https://evil.example content-type=application/json",
        "origin=https://evil.example content-type=application/x-www-form-urlencoded",
        "origin=null content-type=text/plain",
        "origin=http://127.0.0.1 content-type=text/plain",
        "origin=http://127.0.0.1:1 content-type=text/plain",
        "origin=https://evil.example sec-fetch-site=cross-site",
        "sec-fetch-site=cross-site content-type=text/plain",
        "sec-fetch-site=same-site"
      })
  void aPageThatNobodyNamedMayNotSpendMoney(String headers) throws Exception {
    assertRefused(headers(headers));
    start(builder -> builder.options(options("cors: { origins: [\"" + PAGE + "\"] }")));
    assertRefused(headers(headers));
    KeyOptions known = KeyOptions.of("k", "sk-known", "t");
    start(builder -> builder.keys(Keys.of(List.of(known), FREE_PORT::priority)));
    Map<String, String> withKey = new HashMap<>(headers(headers));
    withKey.put("authorization", "Bearer sk-known");
    assertRefused(withKey);
  }

  @Test
  void severalOriginsAreOfNoPageThatIsNamed() throws Exception {
    start(builder -> builder.options(options("cors: { origins: [\"*\"] }")));
    String answer =
        answerTo(
            """
            POST /v1/chat/completions HTTP/1.1
            host: test
            origin: https://a.example
            origin: https://b.example
            content-length: 0

            """
                .replace("\n", "\r\n"));
    assertTrue(answer.startsWith("HTTP/1.1 403"), answer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "content-type=application/x-www-form-urlencoded",
        "content-type=text/plain",
        "content-type=application/json",
        "sec-fetch-site=none",
        "sec-fetch-site=same-origin"
      })
  void programsMayWhateverTypeTheySay(String headers) throws Exception {
    Future<Answer> answer = chatWhole(CHAT, headers(headers));
    chain.next().whole("{}");
    assertEquals(200, await(answer).status());
  }

  /** A name can be brought to this address by whoever owns it; an address cannot. */
  @Test
  void aPageOfTheSameAddressMayAskAndOneOfTheSameNameMayNot() throws Exception {
    String address = "127.0.0.1:" + edge.port();
    Future<Answer> answer = chatWhole(CHAT, Map.of("origin", "http://" + address));
    chain.next().whole("{}");
    assertEquals(200, await(answer).status());
    assertRefused(Map.of("origin", "http://evil.example", "host", "evil.example"));
    assertRefused(Map.of("sec-fetch-site", "same-origin", "host", "evil.example"));
  }

  @Test
  void whatDoesNothingIsAnsweredToAll() throws Exception {
    for (String path : List.of("/v1/models", "/healthz")) {
      Map<String, String> page = Map.of("origin", "https://evil.example");
      Answer got = await(whole(send(HttpMethod.GET, path, page, Buffer.buffer())));
      assertEquals(200, got.status());
      assertEquals("null", got.header("access-control-allow-origin"));
    }
  }

  private void assertRefused(Map<String, String> headers) throws Exception {
    Answer got = await(chatWhole(CHAT, headers));
    assertEquals(403, got.status(), "" + headers);
    assertEquals("origin_not_allowed", got.error().getString("code"));
    assertEquals("null", got.header("access-control-allow-origin"));
    assertTrue(chain.quiet());
  }

  private static Map<String, String> headers(String text) {
    Map<String, String> headers = new HashMap<>();
    for (String one : text.split(" ", -1)) {
      String[] pair = one.split("=", 2);
      headers.put(pair[0], pair[1]);
    }
    return headers;
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
      assertRefused(Map.of("origin", other));
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
