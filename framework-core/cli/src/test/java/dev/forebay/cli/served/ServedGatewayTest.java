package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.ConfigException;
import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import dev.forebay.server.ListenException;
import dev.forebay.simulation.Fault;
import dev.forebay.simulation.http.EmulatorEvent;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ServedGatewayTest {

  @Test
  void answersAsAWhole() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      HttpResponse<String> answer = served.post("/v1/chat/completions", Served.chat(false, 5));
      assertEquals(200, answer.statusCode(), answer.body());
      assertEquals("upstream", answer.headers().firstValue("x-forebay-backend").orElse(""));
      assertEquals("miss", answer.headers().firstValue("x-forebay-cache").orElse(""));
      JsonObject body = new JsonObject(answer.body());
      assertEquals(5, body.getJsonObject("usage").getInteger("completion_tokens"));
      HttpResponse<String> again = served.post("/chat/completions", Served.chat(false, 5));
      assertEquals("hit", again.headers().firstValue("x-forebay-cache").orElse(""));
      assertEquals(answer.body(), again.body());
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void answersAsAStream() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      HttpResponse<String> answer = served.post("/v1/chat/completions", Served.chat(true, 5));
      assertEquals(200, answer.statusCode(), answer.body());
      assertEquals("text/event-stream", answer.headers().firstValue("content-type").orElse(""));
      assertTrue(answer.body().endsWith("data: [DONE]\n\n"), answer.body());
      assertTrue(answer.body().contains("\"finish_reason\":\"length\""), answer.body());
      served.untilAllCountsAreZero();
    }
  }

  @Test
  void listsModelsAndTellsItsHealth() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      assertEquals(200, served.get("/healthz").statusCode());
      assertEquals(200, served.get("/readyz").statusCode());
      JsonObject models = new JsonObject(served.get("/v1/models").body());
      assertEquals(Served.MODEL, models.getJsonArray("data").getJsonObject(0).getString("id"));
      JsonObject state = served.state();
      assertEquals(0, state.getInteger("open"));
      assertEquals(8, state.getJsonObject("stages").getJsonObject("admit").getInteger("limit"));
      assertEquals(served.server.port(), state.getJsonObject("http").getInteger("port"));
    }
  }

  @Test
  void stopsTheUpstreamWhenTheCallerLeavesMidStream() throws Exception {
    try (Served served = new Served(Served.fast(), Served.PIPELINE)) {
      String body = Served.chat(true, 1_000_000);
      try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), served.server.port())) {
        caller
            .getOutputStream()
            .write(
                ("POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body)
                    .getBytes(StandardCharsets.UTF_8));
        BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(caller.getInputStream(), StandardCharsets.UTF_8));
        String line = reader.readLine();
        while (line != null && !line.startsWith("data: ")) {
          line = reader.readLine();
        }
        assertEquals(1, served.state().getInteger("open"));
      }
      served.until(() -> served.happened(EmulatorEvent.Kind.CANCELLED));
      served.untilAllCountsAreZero();
      assertEquals(1, served.state().getJsonObject("outcomes").getInteger("cancelled"));
    }
  }

  @Test
  void endsAStreamWithAnErrorEventWhereTheBackendDies() throws Exception {
    Fault cut = Fault.always(Fault.Kind.CUT, 1);
    try (Served served = new Served(Served.fast().with(cut), Served.PIPELINE)) {
      HttpResponse<String> answer = served.post("/v1/chat/completions", Served.chat(true, 50));
      assertEquals(200, answer.statusCode());
      assertTrue(answer.body().contains("data: {\"error\":{"), answer.body());
      served.untilAllCountsAreZero();
      assertEquals(0, served.state().getJsonObject("outcomes").getInteger("ok"));
    }
  }

  @Test
  void failsOnlyTheRequestWhereAPluginThrows() throws Exception {
    String pipeline = "pipeline:\n  - throwing\n  - balance: round-robin\n";
    try (Served served = new Served(Served.fast(), pipeline)) {
      HttpResponse<String> answer = served.post("/v1/chat/completions", Served.chat(true, 5));
      assertEquals(500, answer.statusCode());
      assertTrue(!answer.body().contains("on purpose"), answer.body());
      served.untilAllCountsAreZero();
      JsonObject state = served.state();
      assertEquals(1, state.getJsonObject("outcomes").getInteger("internal"));
      assertEquals(1, state.getJsonObject("counters").getInteger("plugin.errors"));
      assertEquals(200, served.get("/readyz").statusCode());
    }
  }

  @Test
  void saysWhichPortIsInUse() throws IOException {
    Vertx vertx = Vertx.vertx();
    try (ServerSocket taken = new ServerSocket(0)) {
      String http = "http: { host: 0.0.0.0, port: " + taken.getLocalPort() + " }\n";
      Node yaml = Node.parse("g.yaml", http + "backends: [{plugin: simulated}]\n", name -> null);
      GatewayDocument document = GatewayDocument.read(yaml, registry());
      CompletionException failed =
          assertThrows(
              CompletionException.class, () -> Served.await(GatewayServer.start(vertx, document)));
      assertInstanceOf(ListenException.class, failed.getCause());
      assertTrue(
          failed.toString().contains(":" + taken.getLocalPort() + " (http.port): "),
          failed.toString());
    } finally {
      Served.await(vertx.close());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http: { port: 9000 }\\nadministration: { port: 9000 } | 2",
        "administration:\\n  port: 8080 | 2",
        "http: { port: 8081 } | 1",
        "http: { host: 0.0.0.0, port: 9000 }\\nadministration: { port: 9000 } | 2"
      })
  void callersAndAdministrationHavePortsOfTheirOwn(String places, int line) {
    String text = places.replace("\\n", "\n") + "\nbackends: [{plugin: simulated}]\n";
    Node yaml = Node.parse("g.yaml", text, name -> null);
    ConfigException wrong =
        assertThrows(ConfigException.class, () -> GatewayDocument.read(yaml, registry()));
    String message = String.valueOf(wrong.getMessage());
    assertTrue(message.contains("g.yaml:" + line + ": "), message);
    assertTrue(message.contains("is the port of callers and of the administration"), message);
  }

  @Test
  void readsTheExamples() {
    Path examples = Path.of(System.getProperty("forebay.root", "../.."), "examples");
    for (String name : new String[] {"gateway.yaml", "simulated.yaml"}) {
      GatewayDocument document =
          GatewayDocument.read(examples.resolve(name), registry(), Map.<String, String>of()::get);
      assertEquals(8080, document.http().port(), name);
      Vertx vertx = Vertx.vertx();
      Served.await(GatewayServer.gateway(document, GatewayServer.host(vertx)).close());
      Served.await(vertx.close());
    }
  }

  private static Registry registry() {
    return Registry.load(ServedGatewayTest.class.getClassLoader());
  }
}
