package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.administration.Administration;
import dev.forebay.administration.AdministrationOptions;
import dev.forebay.servers.Ports;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The administration's listener: what it shows, and whom it answers, for all of its routes. */
final class AdministrationTest extends EdgeFixture {

  private static final List<String> ROUTES =
      List.of(
          "GET /state",
          "GET /healthz",
          "GET /metrics",
          "GET /extra?limit=7",
          "POST /extra",
          "GET /none",
          "POST /none");

  private final List<String> reached = new ArrayList<>();

  private Administration listening(AdministrationOptions options) throws Exception {
    Router router = Router.router(vertx);
    router.get("/metrics").handler(context -> context.end("figures"));
    Administration administration =
        new Administration(options, () -> Future.succeededFuture(edge.state()))
            .with(
                own -> {
                  own.route("/extra")
                      .handler(
                          context -> {
                            reached.add(context.request().getParam("limit", "none"));
                            context.end("extra");
                          });
                  own.post("/pools/:pool/:name/drain").handler(context -> context.end());
                });
    administration.mount(router);
    return await(administration.listen(vertx, router));
  }

  private Answer ask(Administration of, String route, Map<String, String> headers)
      throws Exception {
    String[] words = route.split(" ", 2);
    return await(
        whole(
            client
                .request(HttpMethod.valueOf(words[0]), of.port(), "127.0.0.1", words[1])
                .compose(
                    request -> {
                      headers.forEach(request::putHeader);
                      return request.send().map(EdgeFixture::paused);
                    })));
  }

  private static AdministrationOptions local(String... hosts) {
    return new AdministrationOptions("127.0.0.1", 0, List.of(hosts));
  }

  @Test
  void twoListenersNeverShareAPort() throws Exception {
    int port = Ports.free();
    Administration administration = listening(new AdministrationOptions("127.0.0.1", port));
    HttpEdge second =
        HttpEdge.builder(chain).options(EdgeOptions.DEFAULTS.at("127.0.0.1", port)).build();
    AssertionError refused = assertThrows(AssertionError.class, () -> await(second.listen(vertx)));
    String told = String.valueOf(refused.getMessage());
    assertTrue(told.contains("another listener"), told);
    await(administration.close());
    await(second.listen(vertx));
    assertEquals(port, second.port());
    Administration late =
        new Administration(new AdministrationOptions("127.0.0.1", port), Future::succeededFuture);
    assertThrows(AssertionError.class, () -> await(late.listen(vertx)));
    await(second.close());
    await(late.listen(vertx));
    assertEquals(port, late.port());
  }

  @Test
  void itShowsTheState() throws Exception {
    Administration administration = listening(local());
    Answer got = ask(administration, "GET /state", Map.of());
    assertEquals(200, got.status());
    assertEquals(0, new JsonObject(got.body()).getInteger("openRequests"));
    await(administration.close());
    assertEquals(0, administration.port());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "host=evil.example",
        "host=evil.example:8081",
        "host=localhost.evil.example",
        "host=127.0.0.1.evil.example",
        "host=10.1.2.3",
        "host=[2001:db8::1]:8081",
        "origin=https://evil.example",
        "origin=http://localhost",
        "origin=null",
        "sec-fetch-site=cross-site",
        "sec-fetch-site=same-site",
        "host=evil.example,origin=http://evil.example",
        "host=evil.example,sec-fetch-site=none"
      })
  void strangersAreRefusedForAllRoutes(String headers) throws Exception {
    Administration administration = listening(local("forebay"));
    for (String route : ROUTES) {
      Answer got = ask(administration, route, headers(headers));
      assertEquals(403, got.status(), route);
      assertEquals("forbidden", got.error().getString("code"));
    }
    assertEquals(List.of(), reached);
    await(administration.close());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host=127.0.0.1",
        "host=127.0.0.1:9",
        "host=localhost:8081",
        "host=LOCALHOST.",
        "host=[::1]:8081",
        "host=forebay:8081",
        "host=Admin.Internal",
        "sec-fetch-site=none",
        "sec-fetch-site=same-origin",
        "host=localhost,origin=http://localhost"
      })
  void itsOwnNamesAndProgramsAreAnswered(String headers) throws Exception {
    Administration administration = listening(local("forebay", "admin.internal:8081"));
    for (String route : ROUTES) {
      int expected = route.contains("/none") ? 404 : 200;
      assertEquals(expected, ask(administration, route, headers(headers)).status(), route);
    }
    assertEquals(List.of("7", "none"), reached);
    await(administration.close());
  }

  @Test
  void aStarAnswersAllNamesButNoPages() throws Exception {
    Administration administration = listening(local("*"));
    assertEquals(200, ask(administration, "GET /state", Map.of("host", "any.example")).status());
    assertEquals(
        403, ask(administration, "GET /state", Map.of("origin", "https://evil.example")).status());
    await(administration.close());
  }

  @Test
  void withATokenOnlyThoseWhoShowItMayChangeSomething() throws Exception {
    String token = "a token of 24 characters";
    Administration administration =
        listening(new AdministrationOptions("127.0.0.1", 0, List.of(), token));
    Map<String, String> right = Map.of("authorization", "Bearer " + token);
    Map<String, String> wrong = Map.of("authorization", "Bearer " + token + "x");
    for (Map<String, String> headers : List.of(wrong, Map.<String, String>of())) {
      Answer refused = ask(administration, "POST /extra", headers);
      assertEquals(401, refused.status());
      assertEquals("Bearer", refused.header("www-authenticate"));
      assertEquals("invalid_token", refused.error().getString("code"));
      assertEquals(401, ask(administration, "POST /none", headers).status());
      assertEquals(200, ask(administration, "GET /extra?limit=7", headers).status());
      assertEquals(
          "{\"configured\":true,\"shown\":false}",
          new JsonObject(ask(administration, "GET /token", headers).body()).encode());
    }
    assertEquals(List.of("7", "7"), reached);
    assertEquals(200, ask(administration, "POST /extra", right).status());
    assertEquals(
        "{\"configured\":true,\"shown\":true}",
        new JsonObject(ask(administration, "GET /token", right).body()).encode());
    Map<String, String> foreign = new HashMap<>(right);
    foreign.put("origin", "https://evil.example");
    assertEquals(403, ask(administration, "POST /extra", foreign).status());
    await(administration.close());
  }

  @Test
  void withoutATokenThereIsNoneToShow() throws Exception {
    Administration administration = listening(local());
    Answer got = ask(administration, "GET /token", Map.of("authorization", "Bearer anything"));
    assertEquals("{\"configured\":false,\"shown\":false}", new JsonObject(got.body()).encode());
    assertEquals(200, ask(administration, "POST /extra", Map.of()).status());
    await(administration.close());
  }

  @Test
  void aTokenIsLongAndOfAsciiAndIsNotShown() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new AdministrationOptions("127.0.0.1", 0, List.of(), "short"));
    for (String wrong : List.of("ein schlüssel von 24 b.", "a token with\na line in it")) {
      assertEquals(
          "token: a character that headers cannot carry (expected: visible ones of ASCII)",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> new AdministrationOptions("127.0.0.1", 0, List.of(), wrong))
              .getMessage());
    }
    String token = "a token of 24 characters";
    String told = new AdministrationOptions("127.0.0.1", 0, List.of(), token).toString();
    assertTrue(!told.contains(token) && told.contains("token=***"), told);
  }

  @Test
  void headIsGetWithoutABody() throws Exception {
    Administration administration = listening(local());
    for (String path : List.of("/state", "/healthz", "/metrics", "/extra?limit=7", "/none")) {
      Answer get = ask(administration, "GET " + path, Map.of());
      Answer head = ask(administration, "HEAD " + path, Map.of());
      assertEquals(get.status(), head.status(), path);
      assertEquals("", head.body());
      if (!path.equals("/metrics") && !path.startsWith("/extra")) { // routes of others
        assertEquals("" + get.body().length(), head.header("content-length"), path);
      }
    }
    assertEquals(403, ask(administration, "HEAD /state", Map.of("host", "evil.example")).status());
    assertEquals(List.of("7", "7"), reached);
    await(administration.close());
  }

  @ParameterizedTest
  @ValueSource(strings = {"u@h", "u:p@127.0.0.1", "a b", "127.0.0.1/x", "a,b"})
  void aHostThatIsNoneIsABadRequest(String host) throws Exception {
    Administration administration = listening(local("*"));
    for (String route : ROUTES) {
      Answer got = ask(administration, route, Map.of("host", host));
      assertEquals(400, got.status(), route);
      assertEquals("bad_http", got.error().getString("code"));
      assertTrue(got.error().getString("message").startsWith("Host: "), got.body());
    }
    assertEquals(List.of(), reached);
    await(administration.close());
  }

  @Test
  void anUnknownPathIsToldThosePathsThatAreThere() throws Exception {
    Administration administration = listening(local());
    for (String method : List.of("GET", "POST", "DELETE")) {
      Answer got = ask(administration, method + " /none/at/all", Map.of());
      assertEquals(404, got.status(), method);
      assertEquals(
          "unknown path: /none/at/all (expected: /metrics, /state, /healthz, /token, /extra,"
              + " /pools/:pool/:name/drain)",
          got.error().getString("message"));
    }
    await(administration.close());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST /state | GET, HEAD",
        "DELETE /healthz | GET, HEAD",
        "PUT /metrics | GET, HEAD",
        "GET /pools/p/e.1/drain | POST",
        "HEAD /pools/p/e.1/drain | POST",
        "OPTIONS /state | GET, HEAD"
      })
  void aWrongMethodIsToldTheRightOnes(String route, String allowed) throws Exception {
    Administration administration = listening(local());
    Answer got = ask(administration, route, Map.of());
    assertEquals(405, got.status());
    assertEquals(allowed, got.header("allow"));
    if (!route.startsWith("HEAD")) {
      assertEquals("method_not_allowed", got.error().getString("code"));
      assertEquals(route + " (expected: " + allowed + ")", got.error().getString("message"));
    }
    await(administration.close());
  }

  @Test
  void twoHostsAreNone() throws Exception {
    Administration administration = listening(local());
    var socket = await(sockets.connect(administration.port(), "127.0.0.1"));
    Buffer got = Buffer.buffer();
    var closed = io.vertx.core.Promise.<Void>promise();
    socket.handler(got::appendBuffer);
    socket.closeHandler(closed::tryComplete);
    await(
        socket.write(
            """
            GET /state HTTP/1.1
            host: 127.0.0.1
            host: evil.example
            connection: close

            """
                .replace("\n", "\r\n")));
    await(closed.future());
    assertTrue(got.toString().matches("(?s)HTTP/1.1 40[03] .*"), got.toString());
    await(administration.close());
  }

  private static Map<String, String> headers(String text) {
    Map<String, String> headers = new HashMap<>();
    for (String one : text.split(",", -1)) {
      String[] pair = one.split("=", 2);
      headers.put(pair[0], pair[1]);
    }
    return headers;
  }
}
