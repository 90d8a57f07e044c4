package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.cli.Main;
import dev.forebay.simulation.Fault;
import dev.forebay.simulation.http.Emulator;
import dev.forebay.simulation.http.EmulatorProfile;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that logs all it can says neither a secret nor a word of a prompt. */
@Timeout(120)
class NothingSecretIsLoggedTest {

  private static final String MARK = "FLAMINGO";
  private static final String CALLER = "sk-" + MARK + "-of-the-caller";
  private static final String UPSTREAM = "sk-" + MARK + "-of-the-upstream";
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "CALLER_KEY",
          CALLER,
          "UPSTREAM_KEY",
          UPSTREAM,
          "HASH_SECRET",
          MARK + " to make hashes with",
          "CACHE_SECRET",
          MARK + " to make cache keys with");

  @TempDir Path folder;

  @Test
  void atTheLevelOfTracesOverGoodAndBadRequests() throws Exception {
    Vertx vertx = Vertx.vertx();
    EmulatorProfile profile = Served.fast().withApiKey(UPSTREAM);
    Emulator good = Served.await(Emulator.start(vertx, profile, request -> 5));
    Fault cut = Fault.always(Fault.Kind.CUT, 1);
    Emulator bad = Served.await(Emulator.start(vertx, profile.with(cut), request -> 5));
    Emulator locked =
        Served.await(Emulator.start(vertx, profile.withApiKey("another"), request -> 5));
    String yaml =
        Files.readString(
                Path.of(System.getProperty("forebay.root", "../.."))
                    .resolve("framework-core/cli/src/test/resources/secrets.yaml"))
            .formatted(good.url(), bad.url(), echoing(vertx), locked.url());
    Process gateway = serve(Files.writeString(folder.resolve("gateway.yaml"), yaml));
    List<String> said = new ArrayList<>();
    try (BufferedReader out = gateway.inputReader(StandardCharsets.UTF_8)) {
      String url = url(out, said);
      assertEquals(200, ask(url, CALLER, "deepseek-flash", true));
      assertEquals(200, ask(url, CALLER, "deepseek-flash", false));
      assertEquals(200, ask(url, CALLER, "deepseek-flash", false)); // from the cache
      assertEquals(401, ask(url, "sk-" + MARK + "-wrong", "deepseek-flash", false));
      assertEquals(200, ask(url, CALLER, "deepseek-v4-pro", true)); // with an error event
      assertEquals(503, ask(url, CALLER, "locked", false));
      assertEquals(502, ask(url, CALLER, "echoing", true)); // an error event with the prompt
      assertEquals(422, ask(url, CALLER, "echoing", false)); // the same as the body of a refusal
      assertEquals(404, ask(url, CALLER, MARK, false));
      assertEquals(400, post(url, CALLER, "{\"model\": " + MARK));
      assertEquals(400, post(url, CALLER, "{\"model\":\"good\",\"messages\":\"" + MARK + "\"}"));
      gateway.toHandle().destroy(); // which leaves its output to be read
      out.lines().forEach(said::add);
    } finally {
      gateway.destroyForcibly();
      Served.await(good.close());
      Served.await(bad.close());
      Served.await(locked.close());
      Served.await(vertx.close());
    }
    assertTrue(said.stream().anyMatch(line -> line.contains("DEBUG")), "it logs all it can");
    assertFalse(
        said.stream().anyMatch(line -> line.contains(MARK)),
        () -> said.stream().filter(line -> line.contains(MARK)).toList().toString());
  }

  /** An upstream that says in its errors what it was asked. */
  private static String echoing(Vertx vertx) {
    HttpServer server =
        Served.await(
            vertx
                .createHttpServer()
                .requestHandler(
                    request ->
                        request
                            .body()
                            .onSuccess(
                                body -> {
                                  boolean stream = body.toJsonObject().getBoolean("stream");
                                  JsonObject error =
                                      new JsonObject()
                                          .put("error", Map.of("message", body.toString()));
                                  request
                                      .response()
                                      .setStatusCode(stream ? 200 : 422)
                                      .end(stream ? "data: " + error + "\n\n" : error.encode());
                                }))
                .listen(0, "127.0.0.1"));
    return "http://127.0.0.1:" + server.actualPort();
  }

  private static Process serve(Path file) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace",
            "-Dvertx.logger-delegate-factory-class-name="
                + "io.vertx.core.logging.SLF4JLogDelegateFactory",
            Main.class.getName(),
            "serve",
            file.toString());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path", ""));
    builder.environment().putAll(ENVIRONMENT);
    return builder.redirectErrorStream(true).start();
  }

  private static String url(BufferedReader out, List<String> said) throws IOException {
    String ready = "forebay: listening on ";
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      said.add(line);
      if (line.startsWith(ready)) {
        return line.substring(ready.length());
      }
    }
    throw new AssertionError("it did not start: " + said);
  }

  private static int ask(String url, String key, String model, boolean stream) throws Exception {
    JsonObject body =
        new JsonObject()
            .put("model", model)
            .put("stream", stream)
            .put("user", MARK)
            .put("messages", List.of(Map.of("role", "user", "content", "about a " + MARK)));
    return post(url, key, body.encode());
  }

  private static int post(String url, String key, String body) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions"))
              .header("Authorization", "Bearer " + key)
              .header("x-forebay-session", MARK)
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    }
  }
}
