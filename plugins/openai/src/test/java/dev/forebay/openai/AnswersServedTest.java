package dev.forebay.openai;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.forebay.gateway.Gateway;
import dev.forebay.server.GatewayServer;
import dev.forebay.servers.Golden;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What upstreams answer, and what retry, cache and health make of it, through a served gateway. */
@Timeout(60)
final class AnswersServedTest {

  private static final String TWO =
      "data:"
          + " {'choices':[{'index':0,'delta':{'content':'a'}},{'index':1,'delta':{'content':'b'}}]}\n\n";
  private static final String FIRST_ENDS =
      "data: {'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}\n\n";
  private static final String SECOND_ENDS =
      "data: {'choices':[{'index':1,'delta':{},'finish_reason':'stop'}]}\n\n";
  private static final String DONE = "data: [DONE]\n\n";

  @RegisterExtension
  static final WireMockExtension upstream =
      WireMockExtension.newInstance().options(options().dynamicPort()).build();

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<PromptKey, CachedAnswer> stored = new ConcurrentHashMap<>();
  private GatewayServer server;

  private final class Store implements ResponseCache {
    @Override
    public Future<CachedAnswer> get(PromptKey key, InferenceRequest request) {
      return Future.succeededFuture(stored.get(key));
    }

    @Override
    public Future<Void> put(PromptKey key, InferenceRequest request, CachedAnswer answer) {
      stored.put(key, answer);
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> invalidate(PromptKey key) {
      stored.remove(key);
      return Future.succeededFuture();
    }
  }

  @BeforeEach
  void serve() {
    Gateway gateway =
        Gateway.builder(vertx)
            .pipeline(
                p ->
                    p.cache(NamedPlugin.of(ResponseCache.class, "map", context -> new Store()))
                        .retry(3)
                        .backends(OpenAi.at("a", upstream.baseUrl())))
            .build();
    server = Driver.done(GatewayServer.of(gateway).listen(vertx, 0));
  }

  @AfterEach
  void stop() {
    Driver.done(server.close());
    http.close();
    Driver.done(vertx.close());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        TWO + FIRST_ENDS,
        TWO + FIRST_ENDS + DONE,
        TWO + DONE,
        TWO + FIRST_ENDS + SECOND_ENDS + "data: {'object':'error','message':'x'}\n\n" + DONE,
        TWO + FIRST_ENDS + SECOND_ENDS + "data: {'code':50505,'message':'x'}\n\n" + DONE,
        TWO + "data: {'choices':[{'index':0,'finish_reason':'error'}]}\n\n" + SECOND_ENDS + DONE
      })
  void aStreamThatIsNotOverEndsWithAnErrorAndIsNotCached(String stream) throws Exception {
    answer("text/event-stream", stream);
    for (int i = 1; i <= 2; i++) {
      HttpResponse<String> got = ask(true);
      assertEquals(200, got.statusCode());
      assertTrue(got.body().contains("{\"error\":{"), got.body());
      assertTrue(!got.body().contains("[DONE]"), got.body());
      assertEquals(i, asked());
    }
    assertTrue(stored.isEmpty());
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aStreamWhoseChoicesAllEndedIsCached(boolean done) throws Exception {
    answer("text/event-stream", TWO + SECOND_ENDS + FIRST_ENDS + (done ? DONE : ""));
    assertEquals(ask(true).body(), ask(true).body());
    assertEquals(1, asked());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'choices':[{'index':0,'finish_reason':'insufficient_system_resource'},{'index':1,'finish_reason':'stop'}]}"
            + " | 503 | 3",
        "{'choices':[{'index':0,'message':{'content':'x'},'finish_reason':null}]} | 502 | 3",
        "{'code':50505,'message':'x','data':null} | 502 | 3",
        "{'error':{'code':400,'message':'context too long'}} | 400 | 1",
        "{'error':{'code':422,'message':'x'}} | 422 | 1",
        "{'error':{'code':401,'message':'x'}} | 503 | 1",
      })
  void aWholeAnswerThatIsNoneIsNotCached(String body, int status, int calls) throws Exception {
    answer("application/json", body);
    HttpResponse<String> got = ask(false);
    assertEquals(status, got.statusCode(), got.body());
    assertEquals(calls, asked());
    if (status < 500) {
      assertEquals(body.replace('\'', '"'), got.body(), "the upstream's words");
    }
    assertTrue(stored.isEmpty());
  }

  /** Callers who ask wrongly take no endpoint out, whatever the form of the refusal. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void faultsOfCallersInsideA200LeaveTheEndpointIn(boolean streamed) throws Exception {
    String error = "{'error':{'code':400,'message':'bad tools'}}";
    answer(
        streamed ? "text/event-stream" : "application/json",
        streamed ? "data: " + error + "\n\n" : error);
    for (int i = 1; i <= 10; i++) {
      HttpResponse<String> got = ask(streamed);
      assertEquals(400, got.statusCode());
      assertEquals(error.replace('\'', '"'), got.body());
      assertEquals("application/json", got.headers().firstValue("content-type").orElse(""));
      assertEquals(i, asked(), "one call each");
    }
    URI ready = URI.create("http://127.0.0.1:" + server.port() + "/readyz");
    HttpResponse<String> readiness =
        http.send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.ofString());
    assertEquals(200, readiness.statusCode(), readiness.body());
  }

  /** The answer in the form that was asked for is as good as any: one call, and it is cached. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anAnswerInTheOtherFormIsGivenAndCached(boolean streamed) throws Exception {
    answer("", streamed ? Golden.WHOLE : Golden.STREAM);
    HttpResponse<String> got = ask(streamed);
    assertEquals(200, got.statusCode());
    assertEquals(streamed, got.body().startsWith("data: "), got.body());
    assertEquals(got.body(), ask(streamed).body());
    assertEquals(1, asked());
  }

  private static void answer(String type, String body) {
    upstream.stubFor(
        any(anyUrl())
            .willReturn(
                aResponse()
                    .withHeader("content-type", type.isEmpty() ? "application/octet-stream" : type)
                    .withBody(body.replace('\'', '"'))));
  }

  private static int asked() {
    return upstream.findAll(anyRequestedFor(anyUrl())).size();
  }

  private HttpResponse<String> ask(boolean streamed) throws Exception {
    String body =
        "{\"model\":\"m\",\"temperature\":0,\"stream\":"
            + streamed
            + ",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
    return http.send(
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions"))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
