package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.edge.identity.KeyOptions;
import dev.forebay.edge.identity.Keys;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.Operation;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.RouteAnswer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetSocket;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpEdgeTest extends EdgeFixture {

  private static final Map<String, String> OWN_ID = Map.of("x-request-id", "my-id");

  private static final Duration SECOND_AND_A_BIT = Duration.ofMillis(1001);

  @Test
  void aStreamIsWrittenAsItCame() throws Exception {
    Future<Answer> answer = chatWhole(CHAT, Map.of("x-request-id", "mine-1"));
    chain.next().stream()
        .waiting()
        .prelude("data: {1}\n\n")
        .content("data: {2}\n\n")
        .waiting()
        .done();
    Answer got = await(answer);
    assertEquals(200, got.status());
    assertEquals("text/event-stream", got.header("content-type"));
    assertEquals("no", got.header("x-accel-buffering"), "proxies keep no events back");
    assertEquals("no-cache", got.header("cache-control"));
    assertEquals("upstream-1", got.header("x-forebay-backend"));
    assertEquals("mine-1", got.header("x-request-id"));
    assertEquals("data: {1}\n\ndata: {2}\n\n: keep-alive\n\ndata: [DONE]\n\n", got.body());
    untilNoneOpen();
  }

  @Test
  void aWholeAnswerHasItsLength() throws Exception {
    Future<Answer> answer = chatWhole(CHAT, Map.of());
    FakeChain.Asked asked = chain.next();
    asked.whole("{\"ok\":true}");
    Answer got = await(answer);
    assertEquals("11", got.header("content-length"));
    assertEquals("{\"ok\":true}", got.body());
    await(asked.ended.future());
    untilNoneOpen();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/chat/completions CHAT messages",
        "/chat/completions CHAT messages",
        "/v1/completions COMPLETION prompt",
        "/completions COMPLETION prompt",
        "/v1/embeddings EMBEDDING input",
        "/embeddings EMBEDDING input"
      })
  void everyOperationHasTwoPaths(String line) throws Exception {
    String[] words = line.split(" ", -1);
    String body = "{\"model\":\"m\",\"" + words[2] + "\":[\"x\"]}";
    Future<Answer> answer = whole(send(HttpMethod.POST, words[0], Map.of(), Buffer.buffer(body)));
    FakeChain.Asked asked = chain.next();
    assertEquals(Operation.valueOf(words[1]), asked.request.info().operation());
    asked.whole("{}");
    assertEquals(200, await(answer).status());
  }

  static List<String> bodies() {
    return List.of(
        "  { \"messages\" : [ ] ,\n\t\"model\":\"m\" }\r\n ",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\\u0048\\ud83d\\ude00"
            + " \\/\"}]}",
        "{\"z\":1,\"model\":\"m\",\"a\":2,\"messages\":[]}",
        "{\"model\":\"m\",\"messages\":[],\"seed\":123456789012345678901234567890,\"temperature\":1.000}",
        "{\"model\":\"m\",\"messages\":[],\"x\":1e99999999999,\"y\":-0.0}",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"cut \\ud83d\"}]}",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"grüße 😀\"}]}");
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void bodiesAreHandedOnByteForByte(String body) throws Exception {
    Buffer bytes = Buffer.buffer(body);
    Future<HttpClientResponse> answer =
        send(HttpMethod.POST, "/v1/chat/completions", Map.of(), bytes);
    FakeChain.Asked asked = chain.next();
    assertEquals(bytes, asked.request.body());
    assertEquals("m", asked.request.info().model());
    asked.whole("{}");
    await(answer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"model\":\"m\",\"messages\":[ | malformed JSON at line 1, column",
        "`{\"model\":\"m\",\n \"messages\": oops}` | malformed JSON at line 2, column",
        "[1] | the body is no JSON object",
        "`` | the body is no JSON object",
        "{} x | malformed JSON at line 1",
        "{\"messages\":[]} | model: missing",
        "{\"model\":7,\"messages\":[]} | model: no name",
        "{\"model\":\"m\"} | messages: missing",
        "{\"model\":\"m\",\"messages\":\"hi\"} | messages: no array",
        "{\"model\":\"m\",\"messages\":[],\"stream\":\"yes\"} | stream: no boolean",
        "{\"model\":\"m\",\"messages\":[],\"model\":\"n\"} | model: there twice",
      })
  void badBodiesAreAnsweredWithOneLine(String body, String expected) throws Exception {
    Answer got = await(chatWhole(body, Map.of()));
    assertEquals(400, got.status());
    assertEquals("invalid_request_error", got.error().getString("type"));
    String message = got.error().getString("message");
    assertTrue(message.startsWith(expected), message);
    assertFalse(message.contains("\n"), message);
    assertTrue(chain.quiet());
    untilNoneOpen();
  }

  @Test
  void deepJsonIsRefused() throws Exception {
    String deep = "{\"model\":\"m\",\"messages\":" + "[".repeat(100) + "]".repeat(100) + "}";
    assertEquals(400, await(chatWhole(deep, Map.of())).status());
    String bearable = "{\"model\":\"m\",\"messages\":" + "[".repeat(99) + "]".repeat(99) + "}";
    Future<Answer> answer = chatWhole(bearable, Map.of());
    chain.next().whole("{}");
    assertEquals(200, await(answer).status());
  }

  @Test
  void bodiesOverTheLimitAreRefusedAnnouncedOrNot() throws Exception {
    String large = " ".repeat((8 << 20) + 1);
    Answer announced = await(chatWhole(large, Map.of()));
    assertEquals(413, announced.status());
    assertEquals("body_too_large", announced.error().getString("code"));
    Future<Answer> chunked =
        open("/v1/chat/completions")
            .compose(
                request -> {
                  request.setChunked(true);
                  request.write(Buffer.buffer(large));
                  request.end();
                  return whole(request.response());
                });
    assertEquals(413, await(chunked).status());
    assertTrue(chain.quiet());
    untilNoneOpen();
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, content-length: 99999999, 413",
    "/v1/chat/completions, content-encoding: gzip, 415",
    "/healthz, a: b, 405",
    "/unknown, a: b, 404"
  })
  void aBodyThatIsExpectedAndNotWantedIsTheEndOfItsConnection(String path, String field, int status)
      throws Exception {
    String length = field.startsWith("content-length") ? "" : "content-length: 30\r\n";
    Promise<Void> closed = Promise.promise();
    List<String> parts = new CopyOnWriteArrayList<>();
    NetSocket socket =
        await(
            connect(
                caller -> {
                  caller.handler(bytes -> parts.add(bytes.toString()));
                  caller.closeHandler(closed::complete);
                }));
    String head = "POST " + path + " HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\n";
    await(socket.write(head + length + field + "\r\n\r\n"));
    until(() -> String.join("", parts).contains("}}"));
    socket.write("GET /healthz HTTP/1.1\r\nhost: t\r\n\r\n"); // a caller who reuses it, or the body
    await(closed.future());
    String answer = String.join("", parts);
    assertTrue(answer.startsWith("HTTP/1.1 " + status), answer);
    assertTrue(answer.contains("connection: close\r\n"), answer);
    assertEquals(answer.indexOf("HTTP/1.1"), answer.lastIndexOf("HTTP/1.1"), answer);
  }

  @Test
  void aBodyThatIsExpectedIsAskedFor() throws Exception {
    Future<Answer> answer =
        open("/v1/chat/completions")
            .compose(
                request -> {
                  request.putHeader("expect", "100-continue");
                  request.putHeader("content-length", String.valueOf(CHAT.length()));
                  request.continueHandler(nothing -> request.end(CHAT));
                  request.sendHead();
                  return whole(request.response());
                });
    chain.next().whole("{}");
    assertEquals(200, await(answer).status());
  }

  @ParameterizedTest
  @CsvSource({
    "REFUSED, 429, rate_limited, 429, rate_limit_error",
    "SATURATED, 503, queue_full, 503, server_error",
    "ACCOUNT_OUT, 401, upstream_401, 503, server_error",
    "ACCOUNT_OUT, 402, upstream_402, 503, server_error",
    "THROTTLED, 429, upstream_429, 503, server_error",
    "OVERLOADED, 502, reset, 502, server_error",
    "TIMED_OUT, 504, deadline, 504, server_error",
    "INTERNAL, 500, internal, 500, server_error",
    "CALLER_FAULT, 404, unknown_model, 404, not_found_error"
  })
  void failuresHaveAStatusAReasonAndOpenAisForm(
      Status status, int inside, String reason, int outside, String type) throws Exception {
    Future<Answer> answer = chatWhole(CHAT, Map.of());
    Failure failure =
        Failure.of(status, inside, reason, "so it is")
            .retryAfter(SECOND_AND_A_BIT.toNanos())
            .after(3);
    chain.next().fail(failure);
    Answer got = await(answer);
    assertEquals(outside, got.status());
    assertEquals(reason, got.header("x-forebay-reason"));
    assertEquals("3", got.header("x-forebay-attempts"));
    assertEquals(outside == 429 || outside == 503 ? "2" : "null", got.header("retry-after"));
    JsonObject error = got.error();
    assertEquals("so it is", error.getString("message"));
    assertEquals(type, error.getString("type"));
    assertEquals(reason, error.getString("code"));
    assertTrue(error.containsKey("param"));
    untilNoneOpen();
  }

  @Test
  void retryAfterIsAtLeastASecond() throws Exception {
    Future<Answer> answer = chatWhole(CHAT, Map.of());
    chain.next().fail(Failure.saturated("queue_full", "full"));
    assertEquals("1", await(answer).header("retry-after"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "CALLER_FAULT|{ \"error\": {\"message\" :\"top_p\"}}|application/json",
        "CALLER_FAULT| {\"error\":1}|application/json",
        "CALLER_FAULT|[{\"error\":1}]|application/json",
        "CALLER_FAULT| no such thing|text/plain",
        "CALLER_FAULT|<html>|text/plain",
        "CONTEXT_LENGTH|{\"error\":1}|application/json",
        "MODEL_MISSING|{\"error\":1}|application/json"
      })
  void theUpstreamsWordsOnABadRequestArePassedOn(Status status, String words, String type)
      throws Exception {
    Future<Answer> answer = chatWhole(CHAT, Map.of());
    chain
        .next()
        .fail(
            Failure.of(status, 422, "upstream_422", "unprocessable")
                .withBody(Buffer.buffer(words)));
    Answer got = await(answer);
    assertEquals(422, got.status());
    assertEquals(words, got.body());
    assertEquals(type, got.header("content-type"));
    assertEquals("false", got.header("x-should-retry"));
  }

  @Test
  void aFailureBeforeContentStillHasAStatus() throws Exception {
    Future<Answer> answer = chatWhole(CHAT, Map.of());
    FakeChain.Streaming stream = chain.next().stream().waiting().prelude("data: {}\n\n");
    stream.fail(Failure.overloaded(502, "cut", "it was cut"));
    Answer got = await(answer);
    assertEquals(502, got.status());
    assertEquals("cut", got.header("x-forebay-reason"));
    untilNoneOpen();
  }

  @Test
  void aFailureAfterContentIsAnErrorEventWithoutDone() throws Exception {
    Future<Answer> answer = chatWhole(CHAT, Map.of());
    FakeChain.Streaming stream = chain.next().stream().content("data: {}\n\n");
    stream.fail(Failure.overloaded(502, "cut", "it was cut"));
    Answer got = await(answer);
    assertEquals(200, got.status());
    String event = got.body().substring("data: {}\n\n".length());
    assertTrue(event.startsWith("data: {\"error\":{") && event.endsWith("}}\n\n"), event);
    JsonObject error = new JsonObject(event.substring(6)).getJsonObject("error");
    assertEquals("it was cut", error.getString("message"));
    assertFalse(got.body().contains("[DONE]"));
    untilNoneOpen();
  }

  @Test
  void aChainThatThrowsIsAnInternalError() throws Exception {
    start(
        builder ->
            HttpEdge.builder(
                    request -> {
                      throw new IllegalStateException("plugin");
                    })
                .options(FREE_PORT));
    assertEquals(500, await(chatWhole(CHAT, Map.of())).status());
    untilNoneOpen();
  }

  @Test
  void idsAreTakenOverWhereTheyAreIds() throws Exception {
    start(builder -> builder.ids(() -> "made-1"));
    for (String bad : List.of("a b", "ü", "x".repeat(129))) {
      Answer got = await(chatWhole("{}", Map.of("x-request-id", bad)));
      assertEquals("made-1", got.header("x-request-id"));
    }
    Answer got = await(chatWhole("{}", Map.of("x-request-id", "x".repeat(128))));
    assertEquals("x".repeat(128), got.header("x-request-id"));
    assertNotEquals(new RequestIds().get(), new RequestIds().get());
  }

  @Test
  void callersMayUseAnIdTwiceAndTheGatewayTellsThemApart() throws Exception {
    Future<Answer> first = chatWhole(CHAT, Map.of("x-request-id", "twice"));
    FakeChain.Asked one = chain.next();
    Future<Answer> second = chatWhole(CHAT, Map.of("x-request-id", "twice"));
    FakeChain.Asked other = chain.next();
    assertNotEquals(one.request.info().id(), other.request.info().id());
    assertTrue(one.request.info().id().startsWith("twice."), one.request.info().id());
    one.whole("{}");
    other.whole("{}");
    assertEquals("twice", await(first).header("x-request-id"));
    assertEquals("twice", await(second).header("x-request-id"));
  }

  @Test
  void keysTellWhoAsksAndWhatTheyMay() throws Exception {
    KeyOptions gold = KeyOptions.of("k1", "sk-gold", "acme").withPriority("vip");
    KeyOptions plain = KeyOptions.of("k2", "sk-plain", "other").withModels(List.of("small"));
    start(
        builder ->
            builder
                .keys(Keys.of(List.of(gold, plain), FREE_PORT::priority))
                .models(() -> Future.succeededFuture(List.of("m", "small"))));
    assertEquals(401, await(chatWhole(CHAT, Map.of())).status());
    Answer unknown = await(chatWhole(CHAT, Map.of("authorization", "Bearer sk-none")));
    assertEquals(401, unknown.status());
    assertFalse(unknown.body().contains("sk-none"));
    Answer forbidden = await(chatWhole(CHAT, Map.of("authorization", "Bearer sk-plain")));
    assertEquals(403, forbidden.status());
    assertEquals("model_not_allowed", forbidden.error().getString("code"));
    Future<Answer> answer = chatWhole(CHAT, Map.of("authorization", "bearer sk-gold"));
    FakeChain.Asked asked = chain.next();
    assertEquals("k1", asked.request.info().caller().keyId());
    assertEquals("acme", asked.request.info().caller().tenant());
    assertEquals("127.0.0.1", asked.request.info().caller().address());
    assertEquals(RequestInfo.VIP, asked.request.info().priority());
    asked.whole("{}");
    assertEquals(200, await(answer).status());
    Answer models =
        await(
            whole(
                send(
                    HttpMethod.GET,
                    "/v1/models",
                    Map.of("authorization", "Bearer sk-plain"),
                    Buffer.buffer())));
    assertEquals(1, new JsonObject(models.body()).getJsonArray("data").size());
    assertEquals(401, await(get("/models")).status());
    untilNoneOpen();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "authorization=Bearer sk-one | 200",
        "x-api-key=sk-one | 200",
        "api-key=sk-one | 200",
        "api-key=sk-one,x-api-key=sk-one,authorization=Bearer sk-one | 200",
        "authorization=Basic dTpw,api-key=sk-one | 200",
        "authorization=Bearer ,x-api-key=sk-one | 200",
        "authorization=Bearer sk-one,x-api-key=sk-two | 400",
        "authorization=Bearer sk-one,api-key=sk-none | 400",
        "x-api-key=sk-one,api-key=sk-two | 400",
        "x-api-key=sk-none | 401",
        "api-key= | 401",
        "authorization=sk-one | 401"
      })
  void aKeyIsShownInAnyOfThreeHeaders(String headers, int status) throws Exception {
    List<KeyOptions> known =
        List.of(KeyOptions.of("one", "sk-one", "t"), KeyOptions.of("two", "sk-two", "t"));
    start(builder -> builder.keys(Keys.of(known, FREE_PORT::priority)));
    Map<String, String> sent = new HashMap<>();
    for (String one : headers.split(",", -1)) {
      sent.put(one.substring(0, one.indexOf('=')), one.substring(one.indexOf('=') + 1));
    }
    Future<Answer> answer = chatWhole(CHAT, sent);
    if (status == 200) {
      FakeChain.Asked asked = chain.next();
      assertEquals("one", asked.request.info().caller().keyId());
      asked.whole("{}");
    }
    Answer got = await(answer);
    assertEquals(status, got.status());
    assertFalse(got.body().contains("sk-"), got.body());
  }

  @Test
  void aKeyThatIsShownTwiceMustBeTheSame() throws Exception {
    List<KeyOptions> known = List.of(KeyOptions.of("one", "sk-one", "t"));
    start(builder -> builder.keys(Keys.of(known, FREE_PORT::priority)));
    Future<Answer> answer =
        whole(
            open("/v1/chat/completions")
                .compose(
                    request -> {
                      request.headers().add("authorization", "Bearer sk-one");
                      request.headers().add("authorization", "Bearer sk-two");
                      return request.send(CHAT).map(EdgeFixture::paused);
                    }));
    assertEquals(400, await(answer).status());
    assertTrue(chain.quiet());
  }

  @Test
  void filtersSeeTheHeadWithoutCredentials() throws Exception {
    Map<String, String> headers =
        Map.of(
            "traceparent", "00-1-2-01",
            "X-Team", "blue",
            "authorization", "Bearer sk-1",
            "X-Api-Key", "sk-2",
            "api-key", "sk-3",
            "cookie", "session=sk-4",
            "proxy-authorization", "Basic sk-5");
    Future<Answer> answer =
        whole(send(HttpMethod.POST, "//v1/chat/completions?a=b", headers, Buffer.buffer(CHAT)));
    FakeChain.Asked asked = chain.next();
    HttpHead head = asked.request.head();
    assertEquals("//v1/chat/completions", head.path());
    assertEquals("00-1-2-01", head.headers().get("traceparent"));
    assertEquals("blue", head.headers().get("x-team"));
    assertFalse(head.toString().contains("sk-"), head::toString);
    asked.whole("{}");
    await(answer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/chat/completions/",
        "//v1/chat/completions",
        "/v1//chat///completions//",
        "/chat/completions/",
        "//chat/completions"
      })
  void slashesThatAreTooManyDoNoHarm(String path) throws Exception {
    Future<Answer> answer = whole(send(HttpMethod.POST, path, Map.of(), Buffer.buffer(CHAT)));
    chain.next().whole("{}");
    assertEquals(200, await(answer).status());
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/models/small, small",
    "/models/small, small",
    "//v1/models/small/, small",
    "/v1/models/meta/llama-3:8b, meta/llama-3:8b",
    "/v1/models/meta%2Fllama-3%3a8b, meta/llama-3:8b",
    "/v1/models/w%C3%B6rter, w\u00f6rter",
    "/v1/models/none, ",
    "/v1/models/Small, ",
    "/v1/models/secret, ",
    "/v1/models/meta, "
  })
  void aModelIsShownByItsName(String path, @Nullable String id) throws Exception {
    List<String> all = List.of("small", "meta/llama-3:8b", "w\u00f6rter", "secret");
    KeyOptions key = KeyOptions.of("k", "sk", "t").withModels(all.subList(0, 3));
    start(
        builder ->
            builder
                .models(() -> Future.succeededFuture(all))
                .keys(Keys.of(List.of(key), FREE_PORT::priority)));
    Answer got = await(whole(send(HttpMethod.GET, path, Map.of("api-key", "sk"), Buffer.buffer())));
    assertEquals(id == null ? 404 : 200, got.status());
    if (id == null) {
      assertEquals("model_not_found", got.error().getString("code"));
      assertEquals("model", got.error().getString("param"));
    } else {
      assertEquals(id, new JsonObject(got.body()).getString("id"));
      assertEquals("model", new JsonObject(got.body()).getString("object"));
    }
    assertEquals(401, await(get(path)).status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "a%2", "%zz", "%C0%AF", "%ED%A0%80", "%FF"})
  void aModelWithBrokenEscapesIsRefused(String escaped) throws Exception {
    String answer = answerTo("GET /v1/models/" + escaped + " HTTP/1.1\r\nhost: test\r\n\r\n");
    assertTrue(answer.matches("(?s)HTTP/1\\.[01] 400 .*"), answer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/healthz", "/readyz", "/v1/models", "/models", "/v1/models/a", "/v1/models/none"})
  void headIsGetWithoutABody(String path) throws Exception {
    start(builder -> builder.models(() -> Future.succeededFuture(List.of("a", "b"))));
    Answer get = await(get(path));
    Answer head = await(whole(send(HttpMethod.HEAD, path, Map.of(), Buffer.buffer())));
    assertEquals(get.status(), head.status());
    assertEquals("", head.body());
    assertEquals("" + get.body().length(), head.header("content-length"));
    assertEquals(get.header("content-type"), head.header("content-type"));
    assertEquals(200, await(get("/healthz")).status(), "the connection can be used again");
  }

  @Test
  void whatIsPostedHasNoHead() throws Exception {
    Answer head =
        await(whole(send(HttpMethod.HEAD, "/v1/chat/completions", Map.of(), Buffer.buffer())));
    assertEquals(405, head.status());
    assertEquals("POST", head.header("allow"));
  }

  /** Above this a body is read elsewhere; what is seen of it is the same. */
  @Test
  void largeBodiesAreReadAsSmallOnes() throws Exception {
    String words = "x".repeat(LargeBodies.SMALL_BYTES);
    String body = CHAT.replace("hi", words);
    Future<Answer> answer = chatWhole(body, Map.of("x-forebay-session", "s"));
    FakeChain.Asked asked = chain.next();
    assertEquals(Buffer.buffer(body), asked.request.body());
    assertEquals(words.length() / 4, asked.request.info().promptTokens());
    assertEquals("s", asked.request.info().caller().session());
    asked.whole("{}");
    assertEquals(200, await(answer).status());
    Answer twice = await(chatWhole(body.replaceFirst("\\{", "{\"model\":\"n\","), Map.of()));
    assertEquals(400, twice.status());
    assertEquals("model", twice.error().getString("param"));
    untilNoneOpen();
  }

  @Test
  void modelsAndHealthAndUnknownPaths() throws Exception {
    start(
        builder ->
            builder
                .models(() -> Future.succeededFuture(List.of("a", "b")))
                .ready(() -> Future.succeededFuture(false)));
    Answer models = await(get("/models"));
    assertEquals(
        "b", new JsonObject(models.body()).getJsonArray("data").getJsonObject(1).getString("id"));
    assertEquals(200, await(get("/healthz")).status());
    assertEquals(503, await(get("/readyz")).status());
    Answer unknown = await(get("/v2/chat"));
    assertEquals(404, unknown.status());
    assertEquals("not_found", unknown.error().getString("code"));
    Answer method = await(get("/v1/chat/completions"));
    assertEquals(405, method.status());
    assertEquals("POST", method.header("allow"));
    assertEquals("method_not_allowed", method.error().getString("code"));
  }

  @Test
  void everyAnswerHasAnId() throws Exception {
    start(builder -> builder.options(options("cors: { origins: ['http://page'] }")));
    for (String path : List.of("/healthz", "/v2/chat", "/v1/chat/completions", "/models")) {
      Answer named = await(whole(send(HttpMethod.GET, path, OWN_ID, Buffer.buffer())));
      assertEquals("my-id", named.header("x-request-id"), path);
      assertTrue(await(get(path)).header("x-request-id").startsWith("req-"), path);
    }
    Map<String, String> page = Map.of("origin", "http://other", "x-request-id", "my-id");
    Answer foreign = await(chatWhole(CHAT, page));
    assertEquals(403, foreign.status());
    assertEquals("my-id", foreign.header("x-request-id"));
    assertTrue(answerTo("BOGUS\r\n\r\n").contains("\r\nx-request-id: req-"));
  }

  /** What no chain sees is counted at the edge: a flood of it would go unnoticed. */
  @Test
  void otherMethodsAndWhatIsNoValidHttpAreCounted() throws Exception {
    List<String> counted = new CopyOnWriteArrayList<>();
    start(builder -> builder.refusals(values -> amount -> counted.add(String.join(" ", values))));
    assertEquals(405, await(get("/v1/chat/completions")).status());
    assertEquals(405, await(get("/embeddings")).status());
    assertEquals(
        405, await(whole(send(HttpMethod.POST, "/healthz", Map.of(), Buffer.buffer()))).status());
    assertEquals(404, await(get("/v2/chat")).status());
    assertEquals(431, await(chatWhole(CHAT, Map.of("x-large", "x".repeat(20 << 10)))).status());
    assertEquals(414, await(get("/" + "x".repeat(10 << 10))).status());
    assertTrue(answerTo("BOGUS\r\n\r\n").contains(" 400 "));
    assertEquals(
        List.of(
            "405 method_not_allowed",
            "405 method_not_allowed",
            "431 bad_http",
            "414 bad_http",
            "400 bad_http"),
        counted);
  }

  @Test
  void headsOverTheLimitAreRefusedInOpenAisForm() throws Exception {
    Answer got = await(chatWhole(CHAT, Map.of("x-large", "x".repeat(20 << 10))));
    assertEquals(431, got.status());
    assertEquals("bad_http", got.error().getString("code"));
  }

  @Test
  void itCanBeMountedBelowAPathAndAfterABodyHandler() throws Exception {
    Router below = Router.router(vertx);
    edge.mount(below);
    Router host = Router.router(vertx);
    host.route("/with/*").handler(BodyHandler.create(false));
    host.route("/with/*").subRouter(below);
    host.route("/ai/*").subRouter(below);
    var server = await(vertx.createHttpServer().requestHandler(host).listen(0, "127.0.0.1"));
    for (String path : List.of("/ai", "/with")) {
      Future<Answer> answer =
          whole(
              client
                  .request(
                      HttpMethod.POST,
                      server.actualPort(),
                      "127.0.0.1",
                      path + "/v1/chat/completions")
                  .compose(request -> request.send(CHAT).map(EdgeFixture::paused)));
      FakeChain.Asked asked = chain.next();
      assertEquals(CHAT, asked.request.body().toString());
      asked.whole("{}");
      assertEquals(200, await(answer).status());
    }
    untilNoneOpen();
  }

  @Test
  void belowAPathItsPlacesAndTheRoutesOfPluginsAreBelowItToo() throws Exception {
    HttpRoute route =
        HttpRoute.get(
            "/v1/jobs/:id",
            asked ->
                Future.succeededFuture(
                    new RouteAnswer(
                        303,
                        Headers.of(
                            "location", "/v1/jobs/" + asked.parameters().get("id") + "/events"),
                        Buffer.buffer(),
                        null)));
    start(builder -> builder.routes(List.of(route)));
    Router below = Router.router(vertx);
    edge.mount(below);
    Router host = Router.router(vertx);
    host.route("/ai/*").subRouter(below);
    var server = await(vertx.createHttpServer().requestHandler(host).listen(0, "127.0.0.1"));
    Answer got =
        await(whole(sent(HttpMethod.GET, server.actualPort(), "/ai/v1/jobs/j7", Buffer.buffer())));
    assertEquals(303, got.status());
    assertEquals("/ai/v1/jobs/j7/events", got.header("location"));
    Future<Answer> answer =
        whole(
            sent(
                HttpMethod.POST,
                server.actualPort(),
                "/ai/v1/chat/completions",
                Buffer.buffer(CHAT)));
    chain.next().accepts("/v1/jobs/j7");
    assertEquals("/ai/v1/jobs/j7", await(answer).header("location"));
    untilNoneOpen();
  }

  private Future<HttpClientResponse> sent(HttpMethod method, int port, String path, Buffer body) {
    return client
        .request(method, port, "127.0.0.1", path)
        .compose(request -> request.send(body).map(EdgeFixture::paused));
  }

  @Test
  void moreRequestsThanAllowedAreRefused() throws Exception {
    EdgeOptions one = options("event-loops: 1, max-requests: 1");
    start(builder -> builder.options(one));
    Future<Answer> first = chatWhole(CHAT, Map.of());
    FakeChain.Asked asked = chain.next();
    Answer second = await(chatWhole(CHAT, Map.of()));
    assertEquals(503, second.status());
    assertEquals("too_many_requests", second.header("x-forebay-reason"));
    asked.whole("{}");
    assertEquals(200, await(first).status());
  }
}
