package dev.forebay.benchmarks;

import dev.forebay.administration.AdministrationOptions;
import dev.forebay.balancing.leastconnections.LeastConnections;
import dev.forebay.caching.lru.Lru;
import dev.forebay.edge.http.EdgeOptions;
import dev.forebay.edge.http.HttpEdge;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Pipeline;
import dev.forebay.limiting.fixed.Fixed;
import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.tokenbucket.TokenBucket;
import dev.forebay.metrics.Metrics;
import dev.forebay.openai.OpenAi;
import dev.forebay.queuing.fifo.Fifo;
import dev.forebay.server.GatewayServer;
import dev.forebay.servers.Ports;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.httpproxy.HttpProxy;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The servers of the load benchmarks. Each is a process of its own, with one event loop or as many
 * as it is told, on loopback; it says its port on standard output, answers {@code heap} on standard
 * input with its heap after a collection, and ends when its standard input does: not later than its
 * parent.
 */
final class Roles {

  /** Events with content in a streamed answer. */
  static final int CHUNKS = 20;

  /** Requests that may be open at once. */
  static final int MAX_OPEN = 4096;

  private static final String HOST = "127.0.0.1";
  private static final String EVENT =
      "data:"
          + " {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1767571200,\"model\":\"bench\",\"choices\":[{\"index\":0,\"delta\":{%s},\"finish_reason\":%s}]}\n\n";
  private static final Buffer PRELUDE =
      Buffer.buffer(EVENT.formatted("\"role\":\"assistant\",\"content\":\"\"", "null"));
  private static final Buffer CONTENT =
      Buffer.buffer(EVENT.formatted("\"content\":\" forebay\"", "null"));
  private static final Buffer FINISH = Buffer.buffer(EVENT.formatted("", "\"stop\""));
  private static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");
  private static final Buffer WHOLE =
      Buffer.buffer(
          ("{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1767571200,"
                  + "\"model\":\"bench\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                  + "\"content\":\"%s\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":100,"
                  + "\"completion_tokens\":32,\"total_tokens\":132}}")
              .formatted(" forebay".repeat(32)));

  private Roles() {}

  /**
   * Runs a role until standard input ends.
   *
   * @param arguments the role; for proxies the upstream's port; for the upstream milliseconds
   *     between the chunks of a stream, 0 for none; perhaps a number of event loops, and for the
   *     gateway the answers that its cache holds
   */
  static void run(String[] arguments, PrintStream out) throws IOException {
    int number = Integer.parseInt(arguments[1]);
    int loops = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1;
    int entries = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 1024;
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(loops));
    AtomicInteger administration = new AtomicInteger();
    Future<Integer> port =
        switch (arguments[0]) {
          case "upstream" -> upstream(vertx, number);
          case "talker" -> Talker.start(vertx, number);
          case "bare" -> bare(vertx, number, loops);
          case "gateway" -> gateway(vertx, number, loops, entries);
          case "metered" -> metered(vertx, number, administration);
          default -> throw new IllegalArgumentException("role: " + arguments[0]);
        };
    out.println("port " + port.await());
    out.println("administration " + administration.get());
    out.flush();
    for (int in = System.in.read(); in >= 0; in = System.in.read()) {
      if (in == '\n') {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        out.println("heap " + (runtime.totalMemory() - runtime.freeMemory()));
        out.flush();
      }
    }
    System.exit(0); // the parent has gone: whatever is open is of no use
  }

  /** Port of a server that answers at once, or slowly where it is told to. */
  static Future<Integer> upstream(Vertx vertx, int pauseMillis) {
    return vertx
        .createHttpServer(new HttpServerOptions().setHost(HOST).setPort(0))
        .requestHandler(
            request -> request.body().onSuccess(body -> answer(vertx, request, body, pauseMillis)))
        .listen()
        .map(server -> server.actualPort());
  }

  /** Port of a reverse proxy that does nothing else. */
  static Future<Integer> bare(Vertx vertx, int upstreamPort, int loops) throws IOException {
    int port = Ports.free();
    return vertx
        .deployVerticle(
            () -> new Bare(upstreamPort, port), new DeploymentOptions().setInstances(loops))
        .map(port);
  }

  /** A proxy on one event loop, with connections of its own. */
  private static final class Bare extends VerticleBase {
    private final int upstreamPort;
    private final int port;

    Bare(int upstreamPort, int port) {
      this.upstreamPort = upstreamPort;
      this.port = port;
    }

    @Override
    public Future<?> start() {
      HttpProxy proxy =
          HttpProxy.reverseProxy(
              vertx.createHttpClient(
                  new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(MAX_OPEN)));
      proxy.origin(upstreamPort, HOST);
      return vertx
          .createHttpServer(new HttpServerOptions().setHost(HOST).setPort(port))
          .requestHandler(proxy)
          .listen();
    }
  }

  /** Port of a gateway with its whole pipeline, no stage of which refuses. */
  static Future<Integer> gateway(Vertx vertx, int upstreamPort, int loops, int entries) {
    Gateway gateway = whole(vertx, upstreamPort, entries).build();
    EdgeOptions options = EdgeOptions.DEFAULTS.at(HOST, 0).withEventLoops(loops);
    return HttpEdge.builder(gateway).options(options).build().listen(vertx).map(HttpEdge::port);
  }

  /** As {@link #gateway}, with metrics at the port of an administration. */
  private static Future<Integer> metered(
      Vertx vertx, int upstreamPort, AtomicInteger administration) {
    Gateway gateway =
        whole(vertx, upstreamPort, 1024).section(Options.defaults(Metrics.class)).build();
    return GatewayServer.of(gateway)
        .options(EdgeOptions.DEFAULTS.at(HOST, 0).withEventLoops(1))
        .administration(new AdministrationOptions(HOST, 0, List.of()))
        .listen(vertx)
        .map(
            server -> {
              administration.set(server.administrationPort());
              return server.port();
            });
  }

  private static Gateway.Builder whole(Vertx vertx, int upstreamPort, int entries) {
    return Gateway.builder(vertx)
        .pipeline(
            p ->
                stages(bounded(p), entries)
                    .balance(new LeastConnections())
                    .backends(backend("a", upstreamPort), backend("b", upstreamPort)));
  }

  /** With {@code -Dforebay.role.options=-Dforebay.role.bare=true} none. */
  private static Pipeline stages(Pipeline pipeline, int entries) {
    return Boolean.getBoolean("forebay.role.bare")
        ? pipeline
        : pipeline
            .rateLimit(TokenBucket.per(Per.IP).withRate(1e6).withBurst(1_000_000))
            .cache(Lru.entries(entries))
            .admit(Fixed.limit(MAX_OPEN), Fifo.capacity(MAX_OPEN));
  }

  /** With {@code -Dforebay.role.options=-Dforebay.role.all=true} also a deadline and retries. */
  private static Pipeline bounded(Pipeline pipeline) {
    return Boolean.getBoolean("forebay.role.all")
        ? pipeline.deadline(Duration.ofMinutes(10), Duration.ofMinutes(5)).retry(3)
        : pipeline;
  }

  /** The body of a request; different for each number, so that no cache has the answer. */
  static Buffer body(boolean stream, long number) {
    return Buffer.buffer(
        String.format(
            Locale.ROOT,
            "{\"stream\":%s,\"model\":\"bench\",\"messages\":[{\"role\":\"system\",\"content\":\"%s\"},{\"role\":\"user\",\"content\":\"question"
                + " %d\"}]}",
            stream ? "true " : "false",
            "You are a helpful assistant. ".repeat(16),
            number));
  }

  /** Bytes of an answer, at least: less was cut. */
  static int shortest(boolean stream) {
    return stream ? CHUNKS * CONTENT.length() + DONE.length() : WHOLE.length();
  }

  private static Plugin<Backend> backend(String id, int port) {
    return OpenAi.at(id, "http://" + HOST + ":" + port).withMaxConnections(MAX_OPEN);
  }

  private static void answer(Vertx vertx, HttpServerRequest request, Buffer body, int pause) {
    boolean stream = body.length() > 10 && body.getByte(10) == 't';
    HttpServerResponse response = request.response();
    if (!stream) {
      response.putHeader("content-type", "application/json").end(WHOLE);
      return;
    }
    response.putHeader("content-type", "text/event-stream").setChunked(true).write(PRELUDE);
    next(vertx, response, CHUNKS, pause);
  }

  /** Writes one event each turn of the loop, so that chunks come one by one, as from a model. */
  private static void next(Vertx vertx, HttpServerResponse response, int left, int pause) {
    Runnable step =
        () -> {
          if (response.closed()) {
            return;
          }
          if (left == 0) {
            response.write(FINISH);
            response.end(DONE);
          } else {
            response.write(CONTENT);
            next(vertx, response, left - 1, pause);
          }
        };
    if (pause > 0) {
      vertx.setTimer(pause, fired -> step.run());
    } else {
      vertx.runOnContext(nothing -> step.run());
    }
  }
}
