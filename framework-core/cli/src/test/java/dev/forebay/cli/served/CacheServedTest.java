package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.cli.Main;
import dev.forebay.simulation.http.EmulatorEvent;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The cache of a served gateway, over HTTP. */
@Timeout(60)
class CacheServedTest {

  private static final String PIPELINE =
      """
      pipeline:
        - cache: { store: tinylfu, hot-requests: 100 }
        - balance: round-robin
      """;

  @TempDir Path folder;

  private static long asked(Served served) {
    return served.emulator.events().stream()
        .filter(event -> event.kind() == EmulatorEvent.Kind.STARTED)
        .count();
  }

  private static String content(HttpResponse<String> answer) {
    StringBuilder said = new StringBuilder();
    for (String line : answer.body().split("\n")) {
      if (line.startsWith("data: {")) {
        JsonObject event = new JsonObject(line.substring(6));
        if (!event.getJsonArray("choices").isEmpty()) {
          JsonObject choice = event.getJsonArray("choices").getJsonObject(0);
          said.append(choice.getJsonObject("delta").getString("content", ""));
        }
      }
    }
    return said.toString();
  }

  @Test
  void aThousandIdenticalRequestsStreamedAndWholeCauseOneCall() {
    try (Served served = new Served(Served.fast(), PIPELINE);
        HttpClient http = HttpClient.newHttpClient()) {
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(served.url("/v1/chat/completions")))
                .POST(HttpRequest.BodyPublishers.ofString(Served.chat(i % 2 == 0, 40)))
                .build();
        answers.add(http.sendAsync(request, BodyHandlers.ofString()));
      }
      String expected = " tok".repeat(40);
      for (int i = 0; i < 1000; i++) {
        HttpResponse<String> answer = answers.get(i).join();
        assertEquals(200, answer.statusCode(), answer::body);
        if (i % 2 == 0) {
          assertEquals(expected, content(answer));
          assertTrue(answer.body().endsWith("data: [DONE]\n\n"));
        } else {
          JsonObject choice =
              new JsonObject(answer.body()).getJsonArray("choices").getJsonObject(0);
          assertEquals(expected, choice.getJsonObject("message").getString("content"));
        }
      }
      assertEquals(1, asked(served));
    }
  }

  @Test
  void theHottestRequestsAreExportedAndWarmAnotherGateway() throws Exception {
    Path list = folder.resolve("hot.jsonl");
    try (Served busy = new Served(Served.fast(), PIPELINE)) {
      for (int i = 0; i < 3; i++) {
        busy.post("/v1/chat/completions", Served.chat(false, 3));
      }
      busy.post("/v1/chat/completions", Served.chat(true, 4));
      Files.writeString(list, administration(busy, "/cache/hot?limit=10", null).body());
    }
    List<String> lines = Files.readAllLines(list);
    assertEquals(2, lines.size());
    assertEquals(3, new JsonObject(lines.get(0)).getInteger("count"));
    assertEquals(Served.chat(false, 3), new JsonObject(lines.get(0)).getString("body"));
    try (Served cold = new Served(Served.fast(), PIPELINE)) {
      assertEquals(
          "warmed: 2 asked, 0 of them already there, 0 not kept, 0 failed, 0 done before, 0 left",
          warm(cold, list));
      HttpResponse<String> hit = cold.post("/v1/chat/completions", Served.chat(false, 3));
      assertEquals("hit", hit.headers().firstValue("x-forebay-cache").orElse(""));
      assertEquals(
          "warmed: 0 asked, 0 of them already there, 0 not kept, 0 failed, 2 done before, 0 left",
          warm(cold, list));
      HttpResponse<String> forgotten = administration(cold, "/cache/invalidate", lines.get(0));
      assertEquals(1, new JsonObject(forgotten.body()).getInteger("invalidated"));
      HttpResponse<String> miss = cold.post("/v1/chat/completions", Served.chat(false, 3));
      assertEquals("miss", miss.headers().firstValue("x-forebay-cache").orElse(""));
      assertEquals(400, administration(cold, "/cache/invalidate", "{}").statusCode());
      assertEquals(400, administration(cold, "/cache/hot?limit=0", null).statusCode());
    }
  }

  @Test
  void whatAGatewayDoesNotKeepIsSaidToBeNotKept() throws Exception {
    JsonObject hot = new JsonObject(Served.chat(false, 3)).put("temperature", 1.5);
    Path list = folder.resolve("list.jsonl");
    Files.writeString(list, new JsonObject().put("body", hot).encode() + "\n");
    try (Served cold = new Served(Served.fast(), PIPELINE)) {
      assertEquals(
          "warmed: 1 asked, 0 of them already there, 1 not kept, 0 failed, 0 done before, 0 left",
          warm(cold, list));
    }
  }

  private static String warm(Served served, Path list) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            Map.of(),
            "warm",
            list.toString(),
            "--url",
            served.url("/"),
            "--administration",
            "http://127.0.0.1:" + served.server.administrationPort(),
            "--rate",
            "1000");
    assertEquals(0, code, err.toString());
    return out.toString().split(";")[0];
  }

  private static HttpResponse<String> administration(
      Served served, String path, @Nullable String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + served.server.administrationPort() + path));
    if (body != null) {
      request.POST(HttpRequest.BodyPublishers.ofString(body));
    }
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request.build(), BodyHandlers.ofString());
    }
  }

  @Test
  void callersAreToldWhatTheCacheDid() throws Exception {
    try (Served served = new Served(Served.fast(), PIPELINE)) {
      String plain = Served.chat(false, 3);
      String hot = new JsonObject(plain).put("temperature", 1.5).encode();
      String tools =
          new JsonObject(plain)
              .put("tools", List.of(Map.of("type", "function", "function", Map.of("name", "f"))))
              .encode();
      for (String bypassed : List.of(hot, tools)) {
        HttpResponse<String> answer = served.post("/v1/chat/completions", bypassed);
        assertEquals("bypass", answer.headers().firstValue("x-forebay-cache").orElse(""), bypassed);
      }
      JsonObject counters = served.state().getJsonObject("counters");
      assertEquals(1, counters.getInteger("cache.bypasses{reason=temperature}"));
      assertEquals(1, counters.getInteger("cache.bypasses{reason=tools}"));
      assertFalse(served.state().encode().contains("hello"), "no prompts in the state");
    }
  }
}
