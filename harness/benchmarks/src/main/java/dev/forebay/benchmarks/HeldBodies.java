package dev.forebay.benchmarks;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What small requests wait for while others hold unfinished bodies in a gateway of 256 MB. */
final class HeldBodies {

  private static final int HEAP_MEGABYTES = 256;
  private static final int REQUESTS = 2000;
  private static final int AT_ONCE = 100;
  private static final int SECONDS = 60;
  private static final String HEAD =
      "POST /v1/chat/completions HTTP/1.1\r\nhost: test\r\ncontent-length: 8000000\r\n\r\n{";

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final NetClient net = vertx.createNetClient();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AtomicInteger refused = new AtomicInteger();

  private HeldBodies() {}

  /**
   * Measures small requests one after another, without and with callers who send a part of a body.
   * The bodies' time of 30 s bounds how long that may take.
   */
  static void run(int callers, int bytes, PrintStream out) throws Exception {
    new HeldBodies().measure(callers, bytes, out);
  }

  private void measure(int callers, int bytes, PrintStream out) throws Exception {
    try (Child upstream = Child.start(HEAP_MEGABYTES, "upstream", "0");
        Child gateway = Child.start(HEAP_MEGABYTES, "gateway", "" + upstream.port())) {
      small(gateway.port()); // to warm up
      double[] alone = small(gateway.port());
      List<NetSocket> held = new ArrayList<>();
      Buffer part = Buffer.buffer(" ".repeat(bytes));
      for (int i = 0; i < callers; i += AT_ONCE) {
        List<Future<NetSocket>> some = new ArrayList<>();
        for (int j = i; j < Math.min(callers, i + AT_ONCE); j++) {
          some.add(net.connect(gateway.port(), "127.0.0.1").compose(s -> send(s, part)));
        }
        for (Future<NetSocket> sent : some) {
          held.add(await(sent));
        }
      }
      double[] beside = small(gateway.port());
      out.printf(
          Locale.ROOT,
          "%,d callers with %,d bytes each, %,d of them refused: small requests take %.2f ms"
              + " (median) and %.2f ms (99 %%), without callers %.2f and %.2f ms%n",
          callers,
          bytes,
          refused.get(),
          beside[0],
          beside[1],
          alone[0],
          alone[1]);
      for (NetSocket socket : held) {
        await(socket.close());
      }
    } finally {
      await(vertx.close());
    }
  }

  private Future<NetSocket> send(NetSocket socket, Buffer part) {
    socket.handler(
        answer -> {
          if (answer.toString().startsWith("HTTP/1.1 503 ")) {
            refused.incrementAndGet();
          }
        });
    return socket.write(HEAD).compose(nothing -> socket.write(part)).map(socket);
  }

  /** Median and 99th percentile, in milliseconds. */
  private double[] small(int port) throws Exception {
    double[] millis = new double[REQUESTS];
    for (int i = 0; i < REQUESTS; i++) {
      long started = System.nanoTime();
      int status = post(port, Roles.body(false, started).getBytes());
      if (status != 200) {
        throw new IllegalStateException("a small request: " + status + " (expected: 200)");
      }
      millis[i] = (System.nanoTime() - started) / 1e6;
    }
    Arrays.sort(millis);
    return new double[] {millis[REQUESTS / 2], millis[REQUESTS * 99 / 100]};
  }

  private int post(int port, byte[] body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
  }
}
