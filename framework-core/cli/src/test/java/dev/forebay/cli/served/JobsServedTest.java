package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.cli.live.Child;
import dev.forebay.servers.RedisProcess;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs of two gateways in processes of their own, whose store is a real Redis. */
@Timeout(120)
class JobsServedTest {

  private static final String BODY =
      "{\"model\":\"m\",\"stream\":true,\"max_tokens\":150,\"messages\":[{\"role\":\"user\","
          + "\"content\":\"hi\"}]}";
  private static final int EVENTS_BEFORE = 10;
  private static final Pattern NUMBER = Pattern.compile("(?m)^id: ([0-9]+)$");

  private final HttpClient http = HttpClient.newHttpClient();
  private RedisProcess redis;
  @TempDir Path folder = Path.of("");

  @BeforeEach
  void start() throws IOException {
    redis =
        RedisProcess.start("appendonly yes", "appendfsync always", "maxmemory-policy noeviction");
  }

  @AfterEach
  void stop() throws IOException {
    redis.close();
  }

  private Child gateway(int workers) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("gateway-" + workers + ".yaml"),
            """
            http: { port: 0 }
            administration: { port: 0 }
            models: [m]
            backends: [{ plugin: simulated, id: a, server: { decode-step-millis: 20 } }]
            jobs:
              store: { plugin: redis, servers: ["%s"] }
              queue: memory
              workers: %d
              lease: 1s
              check: 100ms
            """
                .formatted(redis.url(), workers));
    return new Child("serve", file.toString());
  }

  private String submit(String url) throws IOException, InterruptedException {
    HttpResponse<String> accepted =
        http.send(
            HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions"))
                .POST(BodyPublishers.ofString(BODY))
                .header("content-type", "application/json")
                .header("prefer", "respond-async")
                .build(),
            BodyHandlers.ofString());
    assertEquals(202, accepted.statusCode(), accepted.body());
    return accepted.headers().firstValue("location").orElseThrow() + "/events";
  }

  /** What a gateway gives of a job's events until it is killed: whole events only. */
  private String followed(String url, Child gateway) throws Exception {
    HttpResponse<InputStream> stream =
        http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofInputStream());
    StringBuilder read = new StringBuilder();
    boolean alive = true;
    byte[] some = new byte[1_000];
    try (InputStream in = stream.body()) {
      for (int count = in.read(some); count >= 0; count = in.read(some)) {
        read.append(new String(some, 0, count, StandardCharsets.US_ASCII));
        if (alive && last(read.toString()) >= EVENTS_BEFORE) {
          alive = false;
          gateway.kill();
        }
      }
    } catch (IOException e) {
      assertFalse(alive, () -> "the stream broke: " + e);
    }
    assertFalse(read.toString().contains("event: job"), "the job was over before the kill");
    return read.substring(0, read.lastIndexOf("\n\n") + 2);
  }

  private static int last(String events) {
    int last = 0;
    Matcher numbers = NUMBER.matcher(events);
    while (numbers.find()) {
      last = Integer.parseInt(numbers.group(1));
    }
    return last;
  }

  private String events(String url, int after) throws IOException, InterruptedException {
    HttpResponse<String> read =
        http.send(
            HttpRequest.newBuilder(URI.create(url))
                .header("last-event-id", Integer.toString(after))
                .build(),
            BodyHandlers.ofString());
    assertEquals(200, read.statusCode(), read.body());
    return read.body().replace(": waiting\n\n", "");
  }

  @Test
  void aReaderWhoseGatewayIsKilledResumesAtAnotherByteForByte() throws Exception {
    try (Child reading = gateway(0);
        Child working = gateway(1)) {
      String other = working.address();
      String job = submit(other);
      String before = followed(reading.address() + job, reading);
      String rest = events(other + job, last(before));
      assertEquals(events(other + job, 0), before + rest);
      assertTrue(before.startsWith("id: 1\ndata: {"), before);
      assertTrue(rest.startsWith("id: " + (last(before) + 1) + "\ndata: {"), rest);
      assertTrue(rest.contains("data: [DONE]\n\nevent: job\ndata: {"), rest);
      assertFalse(rest.contains("event: restart"), rest);
    }
  }

  @Test
  void aJobWhoseGatewayIsKilledGoesOnAtAnotherBehindAMark() throws Exception {
    try (Child first = gateway(2);
        Child second = gateway(1)) {
      String url = first.address();
      String other = second.address();
      String job = submit(url);
      String before = followed(url + job, first);
      String rest = events(other + job, last(before));
      assertEquals(events(other + job, 0), before + rest);
      assertTrue(rest.contains("event: restart\ndata: {\"attempt\":2}\n\n"), rest);
      assertTrue(rest.contains("data: [DONE]\n\nevent: job\ndata: {"), rest);
      assertTrue(rest.contains("\"state\":\"done\""), rest);
    }
  }
}
