package dev.forebay.openai;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.forebay.servers.Golden;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Upstreams that misbehave. */
@Timeout(60)
final class UpstreamsTest {

  @RegisterExtension
  static final WireMockExtension upstream =
      WireMockExtension.newInstance()
          .options(options().dynamicPort().gzipDisabled(true).asynchronousResponseEnabled(true))
          .build();

  private final Driver driver = new Driver();
  private final OpenAiBackend backend = driver.backend(OpenAi.at("a", upstream.baseUrl()));

  @AfterEach
  void close() {
    driver.close();
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void brokenConnectionsAreOverload(Fault fault) {
    answer(aResponse().withFault(fault));
    for (boolean streamed : new boolean[] {false, true}) {
      Failure failure = driver.failure(backend, streamed);
      assertEquals(Status.OVERLOADED, failure.status(), fault + ": " + failure.getMessage());
      assertEquals(502, failure.httpStatus());
      assertEquals("a", failure.servedBy());
    }
  }

  @Test
  void dribblesAreReadToTheirEnd() {
    answer(sse(Golden.DEEPSEEK_STREAM).withChunkedDribbleDelay(60, 200));
    assertEquals(
        Golden.DEEPSEEK_STREAM.replace(Golden.USAGE, ""), driver.read(backend, true).text());
    answer(json("\n \r\n" + Golden.DEEPSEEK_WHOLE).withChunkedDribbleDelay(60, 200));
    assertEquals(Golden.DEEPSEEK_WHOLE, driver.read(backend, false).text());
  }

  @Test
  void whoIsTooSlowIsGivenUp() {
    answer(json(Golden.WHOLE).withFixedDelay(20_000));
    OpenAiBackend impatient =
        driver.backend(
            OpenAi.at("a", upstream.baseUrl()).withRequestTimeout(Duration.ofMillis(100)));
    assertEquals("upstream_timeout", driver.failure(impatient, false).reason());
    answer(sse(Golden.STREAM).withChunkedDribbleDelay(20, 60_000));
    assertEquals("upstream_timeout", driver.failure(impatient, true).reason());
  }

  /** What the status says is known before the body is: a retry would be wrong all the same. */
  @ParameterizedTest
  @CsvSource({"400, true", "422, true", "400, false", "422, false"})
  void aRefusalWhoseBodyBreaksOrNeverEndsIsARefusal(int status, boolean breaks) {
    String half = "HTTP/1.1 " + status + " No\r\ncontent-length: 100\r\n\r\n{\"error\":";
    NetServer refusing = driver.vertx.createNetServer();
    refusing.connectHandler(
        socket ->
            socket.handler(
                asked ->
                    socket
                        .write(half)
                        .onComplete(
                            written -> {
                              if (breaks) {
                                socket.close();
                              }
                            })));
    int port = Driver.done(refusing.listen(0)).actualPort();
    OpenAi there =
        OpenAi.at("a", "http://localhost:" + port)
            .withRequestTimeout(Duration.ofSeconds(breaks ? 60 : 1));
    assertRefused(driver.failure(driver.backend(there), false), status);
  }

  private static void assertRefused(Failure failure, int status) {
    assertEquals(Status.CALLER_FAULT, failure.status(), failure.getMessage());
    assertEquals(status, failure.httpStatus());
    assertEquals("upstream_" + status, failure.reason());
    assertEquals("a", failure.servedBy());
  }

  /** What matters is the answer; its caller gets 200, as others do from a cache. */
  @ParameterizedTest
  @CsvSource({"200", "201", "203"})
  void aWholeAnswerIs200(int status) {
    answer(json(Golden.WHOLE).withStatus(status));
    assertEquals(200, driver.read(backend, false).head().status());
    answer(sse(Golden.STREAM).withStatus(status));
    assertEquals(200, driver.read(backend, true).head().status());
  }

  @Test
  void aPartIsNoAnswer() {
    answer(json(Golden.WHOLE).withStatus(206).withHeader("content-range", "bytes 0-10/1000"));
    assertEquals("partial", driver.failure(backend, false).reason());
  }

  /** Everything has come but the end of the message: it is good for its caller, but no proof. */
  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void anAnswerWithoutTheEndOfItsMessageIsNotProven(boolean done, boolean cut) {
    String events = Golden.WORD + Golden.FINISH + (done ? Golden.DONE : "");
    String body = Integer.toHexString(events.length()) + "\r\n" + events + "\r\n";
    String head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    NetServer breaking = driver.vertx.createNetServer();
    breaking.connectHandler(
        socket ->
            socket.handler(
                asked ->
                    socket
                        .write(head + body + (cut ? "" : "0\r\n\r\n"))
                        .onComplete(written -> socket.close())));
    int port = Driver.done(breaking.listen(0)).actualPort();
    OpenAi there = OpenAi.at("a", "http://localhost:" + port);
    Driver.Read read = driver.read(driver.backend(there), true);
    assertEquals(Golden.WORD + Golden.FINISH + Golden.DONE, read.text());
    Chunk.Kind last = read.kinds().get(read.kinds().size() - 1);
    assertEquals(cut && !done ? Chunk.Kind.UNPROVEN : Chunk.Kind.TRAILER, last);
    if (cut && !done) {
      assertEquals("reset", driver.failure(driver.backend(there), false).reason());
    }
  }

  @ParameterizedTest
  @CsvSource({"301", "302", "303", "307", "308"})
  void redirectsAreNeverFollowed(int status) {
    answer(aResponse().withStatus(status).withHeader("Location", upstream.url("/elsewhere")));
    Failure failure = driver.failure(backend, false);
    assertEquals("upstream_" + status, failure.reason());
    assertEquals(Status.OVERLOADED, failure.status());
    assertEquals(1, upstream.findAll(anyRequestedFor(anyUrl())).size());
    assertEquals(0, upstream.findAll(anyRequestedFor(urlEqualTo("/elsewhere"))).size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Text/Event-Stream;charset=UTF-8", "text/plain", "application/x-ndjson"})
  void aStreamOfAnotherTypeIsRead(String type) {
    answer(sse(Golden.STREAM).withHeader("content-type", type));
    Driver.Read read = driver.read(backend, true);
    assertEquals(Golden.STREAM.replace(Golden.USAGE, ""), read.text());
    String told = String.valueOf(read.head().headers().get("content-type"));
    assertTrue(told.regionMatches(true, 0, "text/event-stream", 0, 17), told);
  }

  @Test
  void aPageIsNoAnswer() {
    String page = "<html><body>\n\n<h1>It works!</h1></body></html>\n";
    answer(aResponse().withHeader("content-type", "text/html").withBody(page));
    assertEquals("malformed", driver.failure(backend, false).reason());
    assertEquals("cut", driver.failure(backend, true).reason());
  }

  /** Whichever form comes, and however it is labelled: the caller gets the one he asked for. */
  @ParameterizedTest
  @ValueSource(strings = {"text/event-stream", "application/json", "text/plain", ""})
  void oneFormIsMadeOfTheOther(String label) {
    for (String body : List.of(Golden.STREAM, "\n\n" + Golden.STREAM)) {
      answer(labelled(label, body));
      Driver.Read whole = driver.read(backend, false);
      assertEquals("application/json", whole.head().headers().get("content-type"));
      JsonObject made = new JsonObject(whole.text());
      assertEquals("chat.completion", made.getString("object"));
      JsonObject choice = made.getJsonArray("choices").getJsonObject(0);
      assertEquals(" Hi", choice.getJsonObject("message").getString("content"));
      assertEquals("stop", choice.getString("finish_reason"));
      assertEquals(new Usage(11, 5, 7, 3), whole.outcome().usage());
      assertEquals(Golden.STREAM.replace(Golden.USAGE, ""), text(driver.read(backend, true)));
    }
    for (String body : List.of(Golden.WHOLE, "\r\n " + Golden.WHOLE)) {
      answer(labelled(label, body));
      Driver.Read stream = driver.read(backend, true);
      assertEquals("text/event-stream", stream.head().headers().get("content-type"));
      assertTrue(stream.text().contains("\"delta\":{\"content\":\"Hi there\"}"), stream.text());
      assertTrue(stream.text().endsWith("data: [DONE]\n\n"), stream.text());
      assertFalse(stream.text().contains("usage"), "nobody asked for it");
      assertEquals(new Usage(11, 4, 7, 0), stream.outcome().usage());
      assertEquals(Golden.WHOLE, driver.read(backend, false).text());
    }
    assertEquals(2, upstream.findAll(anyRequestedFor(anyUrl())).size(), "one call each");
  }

  /** What cannot be converted fails at once; the request does not wait for its time-out. */
  @Test
  void toolCallsThatAreNoObjectsEndTheRequest() {
    answer(
        labelled(
            "application/json",
            "{\"choices\":[{\"message\":{\"tool_calls\":[1]},\"finish_reason\":\"stop\"}]}"));
    assertEquals("wrong_form", driver.failure(backend, true).reason());
    answer(
        labelled(
            "text/event-stream",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[1]},"
                + "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"));
    assertTrue(driver.read(backend, false).text().contains("\"tool_calls\":[1]"));
  }

  private static ResponseDefinitionBuilder labelled(String label, String body) {
    ResponseDefinitionBuilder answer = aResponse().withBody(body);
    return label.isEmpty() ? answer : answer.withHeader("content-type", label);
  }

  /** Without the blank lines before it, which are keep-alives. */
  private static String text(Driver.Read read) {
    return read.text().stripLeading();
  }

  /** It is not asked for once more: it would come, and cost, again. */
  @Test
  void aFormOfWhichTheOtherCannotBeMadeIsOneClearError() {
    answer(json(Golden.WHOLE.replace("Hi there", "x".repeat(5 << 20))));
    Failure failure = driver.failure(backend, true);
    assertEquals("wrong_form", failure.reason());
    assertEquals(502, failure.httpStatus());
    assertFalse(failure.status().retryable() || failure.status().unhealthy());
    answer(json("{\"error\":{\"message\":\"busy\"}}"));
    assertEquals("upstream_error", driver.failure(backend, true).reason());
    answer(json("{\"choices\":[]}"));
    assertEquals("empty", driver.failure(backend, false).reason());
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Infinity", "NaN", "Infinity"})
  void numbersThatAreNonePass(String number) {
    String logprobs = "\"logprobs\":{\"content\":[{\"logprob\":" + number + "}]},";
    String whole = Golden.WHOLE.replace("\"finish_reason\"", logprobs + "\"finish_reason\"");
    answer(json(whole));
    assertEquals(whole, driver.read(backend, false).text());
    String stream = Golden.WORD.replace("\"finish_reason\"", logprobs + "\"finish_reason\"");
    answer(sse(stream + Golden.FINISH + Golden.DONE));
    assertEquals(stream + Golden.FINISH + Golden.DONE, driver.read(backend, true).text());
    answer(sse(stream + Golden.FINISH + Golden.DONE));
    assertTrue(driver.read(backend, false).text().contains("\"content\":\" Hi\""));
  }

  /** What stands in the body only counts as if it were the status, also for the key. */
  @ParameterizedTest
  @CsvSource({
    "400, CALLER_FAULT, 400",
    "401, ACCOUNT_OUT, 503",
    "429, THROTTLED, 503",
    "503, OVERLOADED, 503"
  })
  void aStatusInTheBodyIsReadAsOne(int code, Status row, int outside) {
    String body = "{\"error\":{\"message\":\"the words\",\"code\":" + code + "}}";
    for (boolean streamed : new boolean[] {false, true}) {
      for (ResponseDefinitionBuilder shape :
          List.of(json(body), sse("data: " + body + "\n\n"), json(body).withStatus(code))) {
        answer(shape);
        Failure failure = driver.failure(backend, streamed);
        assertEquals(row, failure.status());
        assertEquals(outside, failure.httpStatus());
        assertEquals(row.callersFault() ? body : "null", String.valueOf(failure.body()));
      }
    }
  }

  @Test
  void aPromptTooLongAndAModelMissingAreEndingsOfTheirOwn() {
    answer(
        json("{\"error\":{\"message\":\"x\",\"code\":\"context_length_exceeded\"}}")
            .withStatus(400));
    assertEquals(Status.CONTEXT_LENGTH, driver.failure(backend, true).status());
    answer(json("{\"error\":{\"message\":\"The model `m` does not exist\"}}").withStatus(404));
    Failure missing = driver.failure(backend, true);
    assertEquals(Status.MODEL_MISSING, missing.status());
    assertEquals(404, missing.httpStatus());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate"})
  void whatIsCompressedThoughNotAskedForIsRead(String encoding) throws IOException {
    answer(packed(encoding, "text/event-stream", Golden.STREAM));
    Driver.Read read = driver.read(backend, true);
    assertEquals(Golden.STREAM.replace(Golden.USAGE, ""), read.text());
    assertNull(read.head().headers().get("content-encoding"));
    answer(packed(encoding, "application/json", "\n\n" + Golden.WHOLE));
    assertEquals(Golden.WHOLE, driver.read(backend, false).text());
    answer(packed(encoding, "application/json", "{\"error\": 1}").withStatus(400));
    assertEquals("{\"error\": 1}", String.valueOf(driver.failure(backend, false).body()));
    assertEquals(
        "identity", upstream.getAllServeEvents().get(0).getRequest().getHeader("accept-encoding"));
  }

  @Test
  void bombsAndUnknownEncodingsAreRefused() throws IOException {
    OpenAiBackend small =
        driver.backend(
            OpenAi.at("a", upstream.baseUrl()).withMaxConnections(8).withMaxAnswer(1 << 20));
    String spaces = "{\"x\":\"" + " ".repeat(100 << 20);
    answer(packed("gzip", "application/json", spaces));
    assertEquals("answer_too_large", driver.failure(small, false).reason());
    answer(packed("gzip", "text/event-stream", "data: " + spaces));
    assertEquals("event_too_large", driver.failure(small, true).reason());
    answer(packed("gzip", "application/json", " ".repeat(100 << 20)));
    assertEquals("answer_too_large", driver.failure(small, false).reason());
    answer(packed("gzip", "text/event-stream", Golden.WORD + "\n".repeat(100 << 20)));
    assertEquals("no_content", driver.failure(small, true).reason());
    answer(packed("gzip", "text/event-stream", Golden.WAIT.repeat(1 << 20)));
    assertEquals("no_content", driver.failure(small, true).reason());
    answer(json("x").withHeader("content-encoding", "br"));
    assertEquals("unknown_encoding", driver.failure(small, false).reason());
    answer(json(Golden.WHOLE).withHeader("content-encoding", "gzip"));
    assertEquals("bad_encoding", driver.failure(small, false).reason());
    answer(packed("gzip", "application/json", spaces).withStatus(400));
    assertNull(driver.failure(small, false).body(), "an error body is bounded, too");
  }

  /** Ten thousand events in a few packets: they wait in the decoder, not in the stream. */
  @Test
  void aCompressedStreamIsReadAtThePaceOfItsReader() throws IOException {
    String many = Golden.WORD.repeat(10_000) + Golden.FINISH + Golden.DONE;
    answer(packed("gzip", "text/event-stream", many));
    Driver.Read read = driver.read(backend, true);
    assertEquals(10_002, read.kinds().size());
    assertEquals(many, read.text());
  }

  /** The rest of the answer waits, unread, when it is given up: the next one must not wait, too. */
  @Test
  void whatIsGivenUpWhilePausedLeavesNoPausedConnection() throws IOException {
    OpenAiBackend small =
        driver.backend(
            OpenAi.at("a", upstream.baseUrl()).withMaxConnections(8).withMaxAnswer(1 << 20));
    for (int i = 0; i < 2; i++) {
      answer(packed("gzip", "text/event-stream", "data: " + " ".repeat(100 << 20)));
      assertEquals("event_too_large", driver.failure(small, true).reason());
      answer(json(Golden.WHOLE));
      assertEquals(Golden.WHOLE, driver.read(small, false).text());
    }
  }

  @Test
  void usageIsAskedForAndHidden() {
    answer(sse(Golden.STREAM));
    Driver.Read read = driver.read(backend, true);
    assertFalse(read.text().contains("prompt_tokens"), read.text());
    assertEquals(new Usage(11, 5, 7, 3), read.outcome().usage());
    assertEquals(
        Driver.CHAT.replace("}", ",\"stream_options\":{\"include_usage\":true}}"), lastBody());
    OpenAiBackend silent = driver.backend(OpenAi.at("b", upstream.baseUrl()).withAskUsage(false));
    assertEquals(Golden.STREAM, driver.read(silent, true).text());
    assertEquals(Driver.CHAT, lastBody());
    answer(json(Golden.WHOLE));
    driver.read(backend, false);
    assertEquals(Driver.CHAT, lastBody());
  }

  @Test
  void theTenantIsToldByAHashWhereTheUpstreamSeparatesThem() {
    answer(json(Golden.WHOLE));
    OpenAiBackend telling =
        driver.backend(OpenAi.at("b", upstream.baseUrl()).withTenantField("user_id"));
    driver.read(telling, false);
    String told = lastBody();
    String name = told.replaceAll(".*,\"user_id\":\"([0-9a-f]{32})\"}", "$1");
    assertEquals(Driver.CHAT.replace("}", ",\"user_id\":\"" + name + "\"}"), told);
    driver.read(telling, false);
    assertEquals(told, lastBody(), "the same each time");
    String own = "{\"model\":\"m\",\"user_id\":\"mine\",\"messages\":[]}";
    Driver.done(driver.serve(telling, Operation.CHAT, false, own));
    assertEquals(own, lastBody(), "who names itself is left alone");
  }

  @Test
  void everyOperationHasItsPath() {
    String embeddings =
        "{\"object\":\"list\",\"data\":[{\"index\":0,\"embedding\":[0.1]}],"
            + "\"usage\":{\"prompt_tokens\":4,\"total_tokens\":4}}";
    answer(json(embeddings));
    String asked = "{\"model\":\"m\",\"input\":[\"a\"],\"stream\":true}";
    assertEquals(200, ask(Operation.EMBEDDING, true, asked));
    assertEquals("/v1/embeddings", lastUrl());
    assertEquals(asked, lastBody(), "embeddings are never streamed");
    answer(json("{\"choices\":[{\"text\":\"x\",\"finish_reason\":\"stop\"}]}"));
    assertEquals(200, ask(Operation.COMPLETION, false, "{\"model\":\"m\",\"prompt\":\"a\"}"));
    assertEquals("/v1/completions", lastUrl());
    OpenAiBackend beta = driver.backend(OpenAi.at("b", upstream.baseUrl() + "/beta/"));
    answer(json(Golden.WHOLE));
    driver.read(beta, false);
    assertEquals("/beta/chat/completions", lastUrl());
  }

  private int ask(Operation operation, boolean streamed, String body) {
    return Driver.done(driver.serve(backend, operation, streamed, body).map(head -> head.status()));
  }

  private static String lastBody() {
    return upstream.getAllServeEvents().get(0).getRequest().getBodyAsString();
  }

  private static String lastUrl() {
    return upstream.getAllServeEvents().get(0).getRequest().getUrl();
  }

  private static void answer(ResponseDefinitionBuilder response) {
    upstream.resetAll();
    upstream.stubFor(any(anyUrl()).willReturn(response));
  }

  private static ResponseDefinitionBuilder sse(String body) {
    return aResponse().withHeader("content-type", "text/event-stream").withBody(body);
  }

  private static ResponseDefinitionBuilder json(String body) {
    return aResponse().withHeader("content-type", "application/json").withBody(body);
  }

  private static ResponseDefinitionBuilder packed(String encoding, String type, String body)
      throws IOException {
    Buffer packed = InflatedTest.pack(encoding, body.getBytes(StandardCharsets.UTF_8));
    return aResponse()
        .withHeader("content-type", type)
        .withHeader("content-encoding", encoding)
        .withBody(packed.getBytes());
  }
}
