package dev.forebay.openai;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.forebay.gateway.Gateway;
import dev.forebay.server.GatewayServer;
import dev.forebay.servers.Golden;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What reaches the upstream is what came in, byte for byte, through a served gateway. */
@Timeout(60)
final class ServedBytesTest {

  private static final String ASKED = ",\"stream_options\":{\"include_usage\":true}";

  @RegisterExtension
  static final WireMockExtension upstream =
      WireMockExtension.newInstance().options(options().dynamicPort()).build();

  private static final Vertx vertx = Vertx.vertx();
  private static final HttpClient http = HttpClient.newHttpClient();
  private static GatewayServer server;

  @BeforeAll
  static void serve() {
    Gateway gateway =
        Gateway.builder(vertx)
            .pipeline(p -> p.retry(2).backends(OpenAi.at("a", upstream.baseUrl())))
            .build();
    server = Driver.done(GatewayServer.of(gateway).listen(vertx, 0));
  }

  @AfterAll
  static void stop() {
    Driver.done(server.close());
    http.close();
    Driver.done(vertx.close());
  }

  static Stream<String> corpus() {
    return Stream.of(
        // spacing
        "{\"model\":\"m\",\"messages\":[]}",
        "  {\n\t\"model\" : \"m\" ,\r\n \"messages\":[ ]\n}\n\n",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"  two  spaces \\n"
            + "\\ttab \"}],\"model\":\"m\"}",
        // escapes that a serialiser would write another way
        "{\"model\":\"m\",\"messages\":[{\"content\":\"\\u00fc\\u4f60\\ud83d\\ude00 ü你😀 \\/"
            + " \\u002f \\b\\f\"}]}",
        "{\"\\u006dodel\":\"m\",\"messages\":[{\"content\":\"\\ud83d alone\"}]}",
        "{\"model\":\"m\",\"messages\":[{\"content\":\"<script>&amp;\\u0026 \\u2028 \u2028\"}]}",
        // the order of keys, unknown keys, empty ones
        "{\"zeta\":1,\"messages\":[],\"Alpha\":2,\"\":3,\"model\":\"m\",\"alpha\":{\"b\":1,\"a\":2}}",
        // numbers
        "{\"model\":\"m\",\"messages\":[],\"temperature\":1.00,\"top_p\":1e0,\"x\":-0.0,\"y\":1E+2}",
        "{\"model\":\"m\",\"messages\":[],\"seed\":123456789012345678901234567890,\"x\":9007199254740993}",
        "{\"model\":\"m\",\"messages\":[],\"x\":0.1000000000000000055511151231257827,\"y\":1e400}",
        // tools, JSON mode, log probabilities, images, thinking
        "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"1\",\"function\":{\"name\":\"f\",\"arguments\":\"{"
            + " \\\"a\\\" : 1.0"
            + " }\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\"},\"strict\":true}}],\"tool_choice\":\"auto\"}",
        "{\"model\":\"m\",\"messages\":[],\"response_format\":{\"type\":\"json_object\"},\"logprobs\":true,\"top_logprobs\":5}",
        "{\"model\":\"m\",\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,iVBORw0KGgo=\"}}]}]}",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":\"a\",\"reasoning_content\":\"b\"}],\"thinking\":{\"type\":\"enabled\"}}",
        // large
        "{\"model\":\"m\",\"messages\":[{\"content\":\"" + "word ü ".repeat(100_000) + "\"}]}");
  }

  @ParameterizedTest
  @MethodSource("corpus")
  void bodiesPassByteForByte(String body) throws Exception {
    for (String path : List.of("/v1/chat/completions", "/chat/completions")) {
      assertArrayEquals(bytes(body), through(path, body, Golden.WHOLE));
    }
  }

  /** The one rewrite: taking the question for usage out again gives what came in. */
  @ParameterizedTest
  @MethodSource("corpus")
  void streamsAreAskedForTheirUsageAndPassByteForByte(String body) throws Exception {
    String streamed = body.replaceFirst("\\{", "{ \"stream\" :true ,");
    String seen =
        new String(through("/v1/chat/completions", streamed, null), StandardCharsets.UTF_8);
    assertEquals(streamed, seen.replace(ASKED, ""));
    assertEquals(streamed.length() + ASKED.length(), seen.length());
    String asking =
        body.replaceFirst("\\{", "{\"stream_options\":{\"include_usage\":true},\"stream\":true,");
    assertArrayEquals(bytes(asking), through("/v1/chat/completions", asking, null));
  }

  @ParameterizedTest
  @MethodSource("corpus")
  void otherOperationsPassByteForByte(String body) throws Exception {
    String prompt = body.replace("\"messages\"", "\"prompt\"");
    String input = body.replace("\"messages\"", "\"input\"");
    String text = "{\"choices\":[{\"text\":\"x\",\"finish_reason\":\"stop\"}]}";
    String data = "{\"object\":\"list\",\"data\":[{\"embedding\":[1]}]}";
    for (String version : List.of("/v1", "")) {
      assertArrayEquals(bytes(prompt), through(version + "/completions", prompt, text));
      assertArrayEquals(bytes(input), through(version + "/embeddings", input, data));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Sends a body, gets the answer back as the upstream gave it, and says what the upstream saw. */
  private static byte[] through(
      String path, String body, @org.jspecify.annotations.Nullable String answer) throws Exception {
    upstream.resetAll();
    String given = answer == null ? Golden.STREAM : answer;
    String type = answer == null ? "text/event-stream" : "application/json";
    upstream.stubFor(
        any(anyUrl()).willReturn(WireMock.ok().withHeader("content-type", type).withBody(given)));
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(200, response.statusCode(), response.body());
    var seen = upstream.getAllServeEvents().get(0).getRequest();
    String version = path.startsWith("/v1") ? "" : "/v1";
    assertEquals(version + path, seen.getUrl());
    if (answer != null) {
      assertEquals(answer, response.body());
    }
    return seen.getBody();
  }
}
