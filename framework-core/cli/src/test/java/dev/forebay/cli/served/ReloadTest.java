package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.core.balancing.BalancingService;
import dev.forebay.gateway.Gateway;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A gateway that becomes what another document describes, while it serves. The storm has 60
 * reloads; {@code -Dforebay.reloads=200} asks for more.
 */
@Timeout(180)
class ReloadTest {

  private static final int RELOADS = Integer.getInteger("forebay.reloads", 60);
  private static final int CALLERS = 6;
  private static final Registry REGISTRY = Registry.load(ReloadTest.class.getClassLoader());

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Upstream> upstreams = new ArrayList<>();
  private @Nullable GatewayServer started;

  /** An upstream that knows its connections, and can hold its answers. */
  private final class Upstream {
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicReference<HttpServerResponse> held = new AtomicReference<>();
    private final HttpServer server;
    private volatile boolean holds;

    Upstream() {
      server =
          Served.await(
              vertx
                  .createHttpServer()
                  .connectionHandler(
                      connection -> {
                        connections.incrementAndGet();
                        connection.closeHandler(closed -> connections.decrementAndGet());
                      })
                  .requestHandler(this::take)
                  .listen(0, "127.0.0.1"));
    }

    private void take(HttpServerRequest request) {
      asked.incrementAndGet();
      request.body().onSuccess(body -> begin(request.response()));
    }

    private void begin(HttpServerResponse response) {
      response.putHeader("content-type", "text/event-stream").setChunked(true);
      response.write(event("one "));
      if (holds) {
        held.set(response);
      } else {
        vertx.setTimer(5, later -> end(response));
      }
    }

    void end(HttpServerResponse response) {
      response.end(
          event("two")
              + """
              data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

              data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}

              data: [DONE]

              """);
    }

    private static String event(String content) {
      return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + content + "\"}}]}\n\n";
    }
  }

  private String backend(int number, String more) {
    while (upstreams.size() <= number) {
      upstreams.add(new Upstream());
    }
    int port = upstreams.get(number).server.actualPort();
    return "{ plugin: openai, id: u%d, url: \"http://127.0.0.1:%d\"%s }"
        .formatted(number, port, more);
  }

  private int port(int number) {
    backend(number, "");
    return upstreams.get(number).server.actualPort();
  }

  private static GatewayDocument read(String yaml) {
    return GatewayDocument.read(
        Node.parse(
            "gateway.yaml", "http: { port: 0 }\nadministration: { port: 0 }\n" + yaml, n -> null),
        REGISTRY);
  }

  private GatewayServer start(String yaml) {
    GatewayServer server = Served.await(GatewayServer.start(vertx, read(yaml)));
    started = server;
    return server;
  }

  private void reload(String yaml) {
    Future<Void> done = server().reload(read(yaml));
    Served.await(done);
  }

  private GatewayServer server() {
    GatewayServer server = started;
    if (server == null) {
      throw new IllegalStateException("not started");
    }
    return server;
  }

  @AfterEach
  void stop() {
    if (started != null) {
      Served.await(started.close());
    }
    Served.await(vertx.close());
  }

  private HttpRequest question(String prompt, String key) {
    return question("m", prompt, key);
  }

  private HttpRequest question(String model, String prompt, String key) {
    String body =
        "{\"model\":\""
            + model
            + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\""
            + prompt
            + "\"}]}";
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server().port() + "/v1/chat/completions"))
        .header("authorization", "Bearer " + key)
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private HttpResponse<String> ask(String prompt, String key) throws Exception {
    return http.send(question(prompt, key), HttpResponse.BodyHandlers.ofString());
  }

  private int status(String prompt) throws Exception {
    return ask(prompt, "none").statusCode();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(5); // connections and the collector have no event to wait for
    }
  }

  @Test
  void aStreamUnderWayEndsAsItBegan() throws Exception {
    String first = backend(0, "");
    upstreams.get(0).holds = true;
    start(
        "pipeline: [{ admit: { limit: { plugin: fixed, limit: 9 }, queue: fifo } }]\nbackends: ["
            + first
            + "]");
    HttpResponse<InputStream> stream =
        http.send(question("a", "none"), HttpResponse.BodyHandlers.ofInputStream());
    InputStream in = stream.body();
    byte[] begin = in.readNBytes(20);
    // The first reload keeps the pool, the second replaces it: the stream outlives both.
    reload(
        "pipeline: [{ admit: { limit: { plugin: fixed, limit: 8 }, queue: fifo } }]\nbackends: ["
            + first
            + "]");
    reload(
        "pipeline: [{ balance: { by: least-connections } }]\nbackends: [" + backend(1, "") + "]");
    assertEquals(200, status("b"));
    assertEquals(1, upstreams.get(1).asked.get(), "new requests go to the new pool");
    await(() -> upstreams.get(0).held.get() != null);
    upstreams.get(0).end(Objects.requireNonNull(upstreams.get(0).held.get()));
    String all =
        new String(begin, StandardCharsets.UTF_8)
            + new String(in.readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(
        all.contains("one ") && all.contains("two") && all.endsWith("data: [DONE]\n\n"), all);
    await(() -> upstreams.get(0).connections.get() == 0);
    assertEquals(1, server().gateway().backends().size(), "the old backend is closed");
  }

  @Test
  void aSharedCallGoesOnForWhoJoinedItAfterAReload() throws Exception {
    String cache = "pipeline: [{ cache: { store: lru } }, { balance: { by: %s } }]\nbackends: [%s]";
    String first = cache.formatted("round-robin", backend(0, ""));
    String second = cache.formatted("least-connections", backend(1, ""));
    upstreams.get(0).holds = true;
    start(first);
    HttpResponse<InputStream> leader =
        http.send(question("a", "none"), HttpResponse.BodyHandlers.ofInputStream());
    leader.body().readNBytes(20);
    reload(second);
    HttpResponse<InputStream> joined =
        http.send(question("a", "none"), HttpResponse.BodyHandlers.ofInputStream());
    assertEquals("joined", joined.headers().firstValue("x-forebay-cache").orElse(""));
    leader.body().close();
    await(() -> server().gateway().open() == 1);
    // What ends with its last request would have ended by now.
    reload("prices: { header: true }\n" + second);
    reload(second);
    assertEquals(200, status("b"));
    assertEquals(1, upstreams.get(0).connections.get());
    upstreams.get(0).end(Objects.requireNonNull(upstreams.get(0).held.get()));
    String all = new String(joined.body().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(all.contains("two") && all.endsWith("data: [DONE]\n\n"), all);
    assertEquals(1, upstreams.get(1).asked.get(), "by b alone");
    await(() -> upstreams.get(0).connections.get() == 0);
    await(() -> server().gateway().backends().size() == 1);
  }

  @Test
  void whoWaitsInAPoolThatGoesIsStillServedByIt() throws Exception {
    String main = "pools:\n  main: { backends: [" + backend(0, "") + "] }\n";
    String other =
        """
          other:
            models: [other]
            pipeline:
              - waiting-room: { pool: other }
              - admit: { limit: { plugin: per-member, pool: other, requests: 1 }, queue: fifo }
            backends: [%s]
        """
            .formatted(backend(1, ""));
    upstreams.get(1).holds = true;
    start(main + other);
    HttpResponse<InputStream> first =
        http.send(question("other", "a", "none"), HttpResponse.BodyHandlers.ofInputStream());
    var second =
        http.sendAsync(question("other", "b", "none"), HttpResponse.BodyHandlers.ofString());
    await(() -> server().gateway().open() == 2);
    reload(main);
    assertEquals(200, http.send(question("other", "c", "none"), discarding()).statusCode());
    assertEquals(1, upstreams.get(0).asked.get(), "a new request goes to the pool that is there");
    upstreams.get(1).holds = false;
    upstreams.get(1).end(Objects.requireNonNull(upstreams.get(1).held.get()));
    assertTrue(new String(first.body().readAllBytes(), StandardCharsets.UTF_8).contains("two"));
    assertEquals(200, second.join().statusCode(), second.join()::body);
    assertEquals(2, upstreams.get(1).asked.get());
    await(() -> server().gateway().backends().size() == 1);
  }

  private static HttpResponse.BodyHandler<Void> discarding() {
    return HttpResponse.BodyHandlers.discarding();
  }

  @Test
  void whatHasNotChangedGoesOnWithWhatItKnows() throws Exception {
    String rest = "backends: [" + backend(0, "") + "]\n";
    String cache = "  - cache: { store: lru }\n";
    String limit = "  - rate-limit: { by: { plugin: token-bucket, rate: 0.001, burst: 3 } }\n";
    start("pipeline:\n" + limit + cache + rest);
    assertEquals(200, status("a"));
    assertEquals("hit", ask("a", "none").headers().firstValue("x-forebay-cache").orElse(""));
    BalancingService pool = server().gateway().pool("default");
    reload("pipeline:\n  - deadline: { total: 9s }\n" + limit + cache + rest);
    assertSame(pool, server().gateway().pool("default"));
    HttpResponse<String> hit = ask("a", "none");
    assertEquals("hit", hit.headers().firstValue("x-forebay-cache").orElse(""));
    assertEquals(429, status("b"), "the bucket is as empty as before");
    // The stage is another, its bucket the same.
    String timeout = limit.replace("} }", "}, timeout: 70ms }");
    reload("pipeline:\n" + timeout + cache + rest);
    assertEquals(429, status("b"));
    reload("pipeline:\n" + limit.replace("burst: 3", "burst: 4") + cache + rest);
    assertEquals(200, status("b"));
  }

  @Test
  void keysAndLimitsOfTheListenerChange() throws Exception {
    String rest = "backends: [" + backend(0, "") + "]\n";
    start("keys: [{ id: a, key: \"" + "a".repeat(20) + "\", tenant: a }]\n" + rest);
    assertEquals(200, ask("x", "a".repeat(20)).statusCode());
    reload("keys: [{ id: b, key: \"" + "b".repeat(20) + "\", tenant: b }]\n" + rest);
    assertEquals(401, ask("x", "a".repeat(20)).statusCode());
    assertEquals(200, ask("x", "b".repeat(20)).statusCode());
  }

  @Test
  void whatCannotChangeSaysSoAndNothingHasChanged() throws Exception {
    String rest = "backends: [" + backend(0, "") + "]\n";
    start(rest);
    BalancingService pool = server().gateway().pool("default");
    GatewayDocument other =
        GatewayDocument.read(
            Node.parse(
                "gateway.yaml",
                "http: { port: 0, max-header: 4KiB }\nadministration: { port: 0 }\nlive-page: {}\n"
                    + "memory: { share: 0.1 }\nbackends: ["
                    + backend(1, "")
                    + "]\n",
                n -> null),
            REGISTRY);
    CompletionException refused =
        assertThrows(CompletionException.class, () -> Served.await(server().reload(other)));
    assertEquals(
        "http.max-header, memory, live-page: cannot change while the gateway runs (expected: a"
            + " restart)",
        Objects.requireNonNull(refused.getCause()).getMessage());
    // A plugin that refuses its options is found when parts are made already.
    CompletionException broken =
        assertThrows(
            CompletionException.class,
            () ->
                reload(
                    "pipeline: [{ cache: { store: lru } }]\nbackends: ["
                        + backend(1, "")
                        + ", "
                        + backend(2, "").replace("id: u2", "id: \"u 2\"")
                        + "]\n"));
    String told = String.valueOf(Objects.requireNonNull(broken.getCause()).getMessage());
    assertTrue(told.startsWith("default/openai-2: id: u?2 (expected"), told);
    assertSame(pool, server().gateway().pool("default"));
    assertEquals(1, server().gateway().backends().size(), "what was made is closed");
    assertEquals(200, status("a"));
    assertEquals(1, upstreams.get(0).asked.get());
    reload("pipeline: [{ cache: { store: lru } }]\nbackends: [" + backend(1, "") + "]\n");
    assertEquals(200, status("a"), "a later one is taken");
  }

  /** A document whose weights, limits, members, prices and timeouts depend on a number. */
  private String document(int i) {
    String members =
        switch (i % 3) {
          case 0 -> backend(0, ", weight: " + (1 + i % 5));
          case 1 -> backend(0, "") + ", " + backend(1, ", weight: " + (1 + i % 7));
          default -> backend(1, "") + ", " + backend(2, ", request-timeout: " + (60 + i) + "s");
        };
    return """
    pipeline:
      - deadline: { total: %ds }
      - rate-limit: { by: { plugin: token-bucket, rate: %d, burst: 100000 } }
      - retry: { attempts: 3 }
      - admit: { limit: { plugin: fixed, limit: %d }, queue: fifo }
      - balance: { by: %s }
    prices: { models: { m: { prompt: %d, output: 1 } } }
    backends: [%s]
    """
        .formatted(
            30 + i % 4,
            100_000 + i % 6,
            4 + i % 5,
            i % 4 == 0 ? "least-connections" : "round-robin",
            1 + i % 2,
            members);
  }

  /**
   * A document in which stages are made again with others of their kind, and a pool with discovered
   * members comes and goes.
   */
  private String changing(int i) {
    String limit =
        switch (i % 3) {
          case 0 -> "{ plugin: fixed, limit: " + (4 + i % 5) + " }";
          case 1 -> "gradient2";
          default -> "{ plugin: per-member, pool: main, requests: " + (4 + i % 2) + " }";
        };
    String cache =
        i % 4 == 3
            ? ""
            : "- cache: { store: { plugin: lru, max-entries: %d }, max-lookup: %dms }"
                .formatted(100 + i % 2, 900 + i % 4);
    String other =
        """
          other:
            models: [other]
            pipeline: [{ waiting-room: { pool: other } }, { balance: { by: round-robin } }]
            discover:
              from: { plugin: static-list, addresses: ["127.0.0.1:%d", "127.0.0.1:%d"] }
              backend: { plugin: openai, id: "{id}", url: "http://{address}" }
        """
            .formatted(port(1 + i % 2), port(0));
    return """
    pipeline:
      - deadline: { total: 30s }
      - rate-limit: { by: { plugin: %s, rate: 100000, burst: 100000 } }
      %s
      - retry: { attempts: 3 }
    pools:
      main:
        pipeline:
          - admit: { limit: %s, queue: %s, max-wait: 20s }
          - balance: { by: %s, health: consecutive-failures }
        backends: [%s, %s]
    %s
    """
        .formatted(
            "token-bucket",
            cache,
            limit,
            i % 2 == 0 ? "fifo" : "priority",
            i % 5 == 0 ? "least-connections" : "round-robin",
            backend(i % 3, ""),
            backend((i + 1) % 3, ", weight: " + (1 + i % 7)),
            i % 2 == 0 ? other : "");
  }

  @Test
  void aStormThatChangesLimitersQueuesCachesAndSourcesLeavesNothing() throws Exception {
    storm(this::changing, List.of("main", "other"));
  }

  @Test
  void aStormOfReloadsFailsNoRequestAndLeavesNothing() throws Exception {
    storm(this::document, List.of("default"));
  }

  private void storm(IntFunction<String> documents, List<String> names) throws Exception {
    start(documents.apply(0));
    List<String> failed = new ArrayList<>();
    AtomicInteger answered = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> callers = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      int number = caller;
      callers.add(Thread.ofVirtual().start(() -> load(number, over, answered, failed)));
    }
    List<WeakReference<?>> gone = new ArrayList<>();
    for (int i = 1; i <= RELOADS; i++) {
      int before = answered.get();
      reload(documents.apply(i));
      collect(names, gone);
      await(() -> answered.get() > before + 1 || !failed.isEmpty());
    }
    reload("backends: [" + backend(0, "") + "]");
    over.set(true);
    for (Thread caller : callers) {
      caller.join();
    }
    assertEquals(List.of(), failed);
    assertEquals(200, status("at last"));
    await(() -> upstreams.get(1).connections.get() + upstreams.get(2).connections.get() == 0);
    await(() -> server().gateway().backends().size() == 1);
    assertTrue(upstreams.get(0).connections.get() <= CALLERS + 1, "no leaked connection");
    await(
        () -> {
          System.gc();
          return gone.stream().allMatch(each -> each.get() == null);
        });
    assertTrue(gone.size() >= RELOADS, "pools were seen: " + gone.size());
    System.out.println(
        RELOADS + " reloads, " + answered.get() + " answers, " + failed.size() + " failed");
  }

  /** The pools of now, all of which are to go. */
  private void collect(List<String> names, List<WeakReference<?>> gone) {
    Gateway gateway = server().gateway();
    for (String name : names) {
      if (gateway.pools().contains(name)) {
        gone.add(new WeakReference<>(gateway.pool(name)));
      }
    }
  }

  /** Every second caller asks for another model; every third prompt is one that others ask too. */
  private void load(int caller, AtomicBoolean over, AtomicInteger answered, List<String> failed) {
    String model = caller % 2 == 0 ? "m" : "other";
    for (int i = 0; !over.get(); i++) {
      try {
        String prompt = i % 3 == 0 ? "shared " + i : "caller " + caller + ", " + i;
        HttpResponse<String> answer =
            http.send(question(model, prompt, "none"), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200 || !answer.body().endsWith("data: [DONE]\n\n")) {
          fail(failed, answer.statusCode() + " " + answer.body());
        }
        answered.incrementAndGet();
      } catch (Exception e) {
        fail(failed, e.toString());
      }
    }
  }

  private static void fail(List<String> failed, String why) {
    synchronized (failed) {
      if (failed.size() < 10) {
        failed.add(why);
      }
    }
  }
}
