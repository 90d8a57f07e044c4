package dev.forebay.cli.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.simulation.http.Emulator;
import dev.forebay.simulation.http.EmulatorProfile;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway with a heap of 256 MB, and callers who send most of their bodies and then nothing. */
final class UnfinishedBodiesTest {

  private static final int PIECE = 64 << 10;
  private static final int SMALL_REQUESTS = 50;
  private static final int AT_ONCE = 100;
  private static final String HEAD =
      "POST /v1/chat/completions HTTP/1.1\r\nhost: test\r\ncontent-length: 8000000\r\n\r\n{";
  private static final String SMALL =
      "{\"model\":\"deepseek-flash\",\"max_tokens\":3,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  private final Vertx vertx = Vertx.vertx();
  private final NetClient net = vertx.createNetClient();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Buffer blanks = Buffer.buffer(" ".repeat(PIECE));
  private final AtomicInteger refused = new AtomicInteger();

  @Test
  void doNotKeepSmallRequestsFromBeingAnswered(@TempDir Path folder) throws Exception {
    Emulator upstream =
        await(Emulator.start(vertx, EmulatorProfile.DEFAULT.withTimeScale(100), request -> 3));
    Path document =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            """
            http: { port: 0, body-timeout: 1h }
            administration: { port: 0 }
            backends: [{ plugin: openai, id: a, url: "%s" }]
            """
                .formatted(upstream.url()));
    Path log = folder.resolve("gateway.log");
    try (Child gateway =
        new Child(ProcessBuilder.Redirect.to(log.toFile()), "serve", document.toString())) {
      URI url = URI.create(gateway.address());
      URI administration = URI.create(gateway.address());
      hold(url, administration, 60, 7_900_000);
      hold(url, administration, 600, 200_000);
      hold(url, administration, 6000, 20_000);
    } finally {
      await(vertx.close());
    }
    assertFalse(Files.readString(log).contains("OutOfMemory"), "out of memory");
  }

  private void hold(URI url, URI administration, int callers, int each) throws Exception {
    refused.set(0);
    List<NetSocket> sockets = new ArrayList<>();
    for (int i = 0; i < callers; i += AT_ONCE) {
      List<Future<NetSocket>> some = new ArrayList<>();
      for (int j = i; j < Math.min(callers, i + AT_ONCE); j++) {
        some.add(net.connect(url.getPort(), url.getHost()).compose(socket -> send(socket, each)));
      }
      for (Future<NetSocket> sent : some) {
        sockets.add(await(sent));
      }
      small(url, 1);
    }
    small(url, SMALL_REQUESTS);
    double bound = gauge(administration, "memory.bound_bytes");
    double held = gauge(administration, "memory.held_bytes");
    assertTrue(held <= bound * 3 / 4, callers + ": " + held + " of " + bound);
    double most = bound * 3 / 4 / each;
    assertTrue(
        refused.get() >= callers - most - 1,
        callers + ": " + refused + " refused, " + most + " fit");
    for (NetSocket socket : sockets) {
      await(socket.close());
    }
    while (gauge(administration, "memory.held_bytes") > 0) {
      small(url, 1); // the gateway has yet to hear of the last ends
    }
  }

  /** Sends the beginning of a body, at the pace at which it is read; what is refused is counted. */
  private Future<NetSocket> send(NetSocket socket, int bytes) {
    socket.handler(
        part -> {
          String answer = part.toString();
          if (answer.startsWith("HTTP/1.1 503 ") && answer.contains("retry-after: 1")) {
            refused.incrementAndGet();
          }
        });
    return socket.write(HEAD).compose(nothing -> more(socket, bytes)).map(socket);
  }

  private Future<Void> more(NetSocket socket, int left) {
    int now = Math.min(left, PIECE);
    Future<Void> written = socket.write(now == PIECE ? blanks : blanks.slice(0, now));
    return left == now ? written : written.compose(nothing -> more(socket, left - now));
  }

  private void small(URI url, int count) throws IOException, InterruptedException {
    for (int i = 0; i < count; i++) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(url.resolve("/v1/chat/completions"))
                  .POST(HttpRequest.BodyPublishers.ofString(SMALL))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer.body());
    }
  }

  private double gauge(URI administration, String name) throws IOException, InterruptedException {
    HttpResponse<String> state =
        http.send(
            HttpRequest.newBuilder(administration.resolve("/state")).build(),
            HttpResponse.BodyHandlers.ofString());
    return new JsonObject(state.body()).getJsonObject("gauges").getDouble(name);
  }

  private static <T> T await(Future<T> future) throws InterruptedException, TimeoutException {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("failed: " + e.getCause(), e.getCause());
    }
  }
}
