package dev.forebay.cli.livepage;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.core.stream.Streams;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.server.GatewayDocument;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes.Listener;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A quarter of an hour of a gateway with three endpoints, of which one crashes, in virtual time and
 * from one seed; and its live page as it is at the end, served as it was told. So pictures of the
 * page come out the same again.
 */
final class Incident implements AutoCloseable {

  private static final long SEED = 7;
  private static final long START = Instant.parse("2026-11-30T02:00:00Z").toEpochMilli();
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final double PER_SECOND = 6;

  private static final String DOCUMENT =
      """
      live-page: { title: "inference-eu-1" }
      pipeline:
        - deadline: { total: 60s }
        - rate-limit: { by: { plugin: token-bucket, per: tenant, rate: 6, burst: 20 } }
        - cache: { store: { plugin: lru, max-entries: 512 } }
        - retry: { attempts: 2 }
        - admit: { limit: { plugin: fixed, limit: 48 }, queue: { plugin: fifo, capacity: 60 }, max-wait: 20s }
        - balance: { by: least-connections, health: consecutive-failures }
      backends:
        - { plugin: simulated, id: gpu-a, server: { slots: 16, queue-capacity: 8 } }
        - { plugin: simulated, id: gpu-b, server: { slots: 16, queue-capacity: 8, cold-start: 10m }, faults: [{ kind: crash, from: 11m, length: 1s }] }
        - { plugin: simulated, id: gpu-c, server: { slots: 16, queue-capacity: 8 } }
      """;

  private final Map<String, RouteAnswer> answers = new LinkedHashMap<>();
  private final HttpServer server;

  private Incident(HttpServer server) {
    this.server = server;
  }

  /** Runs it, and serves its page. */
  static Future<Incident> serve(Vertx vertx) {
    HttpServer server = vertx.createHttpServer();
    Incident incident = new Incident(server);
    incident.run();
    return server
        .requestHandler(incident::answer)
        .listen(0, "127.0.0.1")
        .map(listening -> incident);
  }

  private void run() {
    VirtualTimeline time = new VirtualTimeline(START);
    Registry registry = Registry.load(Incident.class.getClassLoader());
    Node document = Node.parse("gateway.yaml", DOCUMENT, name -> null);
    Gateway gateway =
        Gateway.of(GatewayDocument.read(document, registry).blueprint(), new Host(time, SEED))
            .start();
    SplittableRandom chance = new SplittableRandom(SEED);
    load(time, gateway, chance, 0);
    time.runUntil(15 * MINUTE);
    time.execute(() -> ask(gateway));
    answers.put("/token", json("{\"configured\":true,\"shown\":false}"));
  }

  /** Requests arrive one after the other, more of them from the ninth minute on. */
  private static void load(
      VirtualTimeline time, Gateway gateway, SplittableRandom chance, int number) {
    double rate = time.nanos() > 9 * MINUTE ? 1.9 * PER_SECOND : PER_SECOND;
    double pause = -Math.log(1 - chance.nextDouble()) / rate;
    time.after(
        (long) (pause * 1e9),
        () -> {
          send(time, gateway, chance, number);
          load(time, gateway, chance, number + 1);
        });
  }

  private static void send(
      VirtualTimeline time, Gateway gateway, SplittableRandom chance, int number) {
    Call call = Call.root(time);
    String tenant = "tenant-" + (int) (4 * chance.nextDouble() * chance.nextDouble());
    Caller caller = new Caller("192.0.2.1", "key", tenant, "user", "session");
    boolean asked = chance.nextDouble() < 0.3; // by many
    PromptKey key = new PromptKey(asked ? 1 : 2, asked ? chance.nextInt(50) : number);
    RequestInfo info =
        RequestInfo.chat("r" + number, "m", caller, time.nanos())
            .withPrompt(400 + chance.nextInt(1600), key, PrefixHashes.NONE);
    int tokens = 60 + chance.nextInt(400);
    Buffer body = Buffer.buffer("{\"model\":\"m\",\"messages\":[],\"max_tokens\":" + tokens + "}");
    gateway
        .serve(new InferenceRequest(info, body, call, Attempt.FIRST))
        .compose(head -> Streams.forEach(head.tokens(), chunk -> {}))
        .onComplete(read -> call.end());
  }

  private void ask(Gateway gateway) {
    for (HttpRoute route : gateway.routes().all(Listener.ADMINISTRATION)) {
      RouteRequest request =
          new RouteRequest(
              Map.of(),
              Map.of(),
              new HttpHead(route.path(), Headers.EMPTY),
              Caller.at("127.0.0.1"),
              Buffer.buffer());
      route.handler().handle(request).onSuccess(answer -> answers.put(route.path(), answer));
    }
  }

  private static RouteAnswer json(String text) {
    return RouteAnswer.json(200, Buffer.buffer(text));
  }

  private void answer(HttpServerRequest request) {
    RouteAnswer answer = answers.get(request.path());
    if (answer == null) {
      request.response().setStatusCode(404).end();
      return;
    }
    answer
        .headers()
        .entries()
        .forEach(each -> request.response().putHeader(each.getKey(), each.getValue()));
    request.response().end(answer.body());
  }

  /** The address of the page. */
  String url() {
    return "http://127.0.0.1:" + server.actualPort() + "/live";
  }

  /** What the page is told. */
  JsonObject data() {
    RouteAnswer answer = answers.get("/live/data");
    return answer == null ? new JsonObject() : answer.body().toJsonObject();
  }

  /** The paths that are answered. */
  List<String> paths() {
    return List.copyOf(answers.keySet());
  }

  @Override
  public void close() {
    server.close().toCompletionStage().toCompletableFuture().join();
  }
}
