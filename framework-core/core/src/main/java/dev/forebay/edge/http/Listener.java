package dev.forebay.edge.http;

import dev.forebay.edge.BadRequest;
import dev.forebay.edge.tls.TlsFiles;
import dev.forebay.edge.tls.TlsOptions;
import dev.forebay.net.FlushConsolidation;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.TooLongFrameException;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The edge's own server: one acceptor per event loop, all on one port. */
final class Listener {

  /** For Vert.x a negative port is a free one that all servers with the same number share. */
  private static final AtomicInteger SHARED_FREE_PORT = new AtomicInteger();

  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  private final HttpEdge edge;
  private final EdgeOptions options;
  private final Cors cors;
  private final int at;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicBoolean reloading = new AtomicBoolean();
  private volatile int port;
  private volatile @Nullable Vertx vertx;
  private volatile @Nullable String deployment;
  private volatile @Nullable Place place;

  Listener(HttpEdge edge, EdgeOptions options) {
    this.edge = edge;
    this.options = options;
    this.cors = new Cors(options.cors());
    this.at = options.port() == 0 ? SHARED_FREE_PORT.decrementAndGet() : options.port();
  }

  /** Starts all acceptors. */
  Future<Void> start(Vertx on) {
    vertx = on;
    Place taken = new Place(on, options.host(), at);
    place = taken;
    return taken.listen(() -> startAt(on));
  }

  private Future<Void> startAt(Vertx on) {
    TlsOptions tls = options.tls();
    return tls == null
        ? start(on, null)
        : on.executeBlocking(() -> TlsFiles.read(tls, on)).compose(files -> start(on, files));
  }

  private Future<Void> start(Vertx on, @Nullable TlsFiles tls) {
    int loops =
        options.eventLoops() > 0
            ? options.eventLoops()
            : Runtime.getRuntime().availableProcessors();
    return on.deployVerticle(() -> new Acceptor(tls), new DeploymentOptions().setInstances(loops))
        .onSuccess(id -> deployment = id)
        .mapEmpty();
  }

  int port() {
    return port;
  }

  Future<Void> stop() {
    Vertx on = vertx;
    String id = deployment;
    deployment = null;
    port = 0;
    Place taken = place;
    return on == null || id == null
        ? Future.succeededFuture()
        : on.undeploy(id)
            .onComplete(
                stopped -> {
                  if (taken != null) {
                    taken.giveBack();
                  }
                });
  }

  private HttpServerOptions serverOptions(@Nullable TlsFiles tls) {
    HttpServerOptions plain = plainOptions();
    return tls == null ? plain : tls.applyTo(plain);
  }

  private HttpServerOptions plainOptions() {
    return new HttpServerOptions()
        .setHost(options.host())
        .setPort(at)
        .setMaxHeaderSize((int) options.maxHeader())
        .setMaxInitialLineLength((int) Math.min(8192, options.maxHeader()))
        .setHttp2ClearTextEnabled(false) // or a connection without a byte would stay unnoticed
        .setPerFrameWebSocketCompressionSupported(false) // each would be a handler on the way
        .setPerMessageWebSocketCompressionSupported(false)
        .setDecompressionSupported(false)
        .setCompressionSupported(false);
  }

  /** Refuses connections beyond the bound, and reads requests of the others strictly. */
  private void opened(HttpConnection connection, HttpServerOptions server, IdleConnections idle) {
    ChannelHandlerContext context = ((HttpServerConnection) connection).channelHandlerContext();
    int count = connections.incrementAndGet();
    context.channel().closeFuture().addListener(closed -> connections.decrementAndGet());
    if (count > options.maxConnections()) {
      context.close();
      return;
    }
    StrictDecoder strict =
        new StrictDecoder(server, options.headTimeout(), edge.memory().lease()).on(context);
    FlushConsolidation.on(connection);
    idle.opened(connection, strict);
  }

  private void serve(HttpServerRequest request, Vertx on, IdleConnections connections) {
    HttpServerResponse response = request.response();
    Runnable idle = connections.track(request.connection());
    if (request.headers().contains(HttpHeaders.EXPECT)) {
      response.headersEndHandler(nothing -> sayWhetherItCloses(request));
    }
    response.endHandler(ended -> idle.run());
    response.closeHandler(gone -> idle.run());
    RequestId id = edge.name(request);
    try {
      if (!cors.answers(request)) {
        edge.handle(new Incoming(request, "", id, on, null, over -> onOver(response, idle, over)));
      }
    } catch (RuntimeException e) {
      LOG.error("a request was not handled", e);
      if (!response.headWritten()) {
        Errors.write(response, new BadRequest(500, "internal", null, "internal error"));
      }
    }
  }

  private static void sayWhetherItCloses(HttpServerRequest request) {
    if (StrictDecoder.closesAfterAnswer(request.connection())) {
      request.response().putHeader("connection", "close");
    }
  }

  private static void onOver(HttpServerResponse response, Runnable idle, Runnable over) {
    Handler<Void> both =
        nothing -> {
          idle.run();
          over.run();
        };
    response.endHandler(both);
    response.closeHandler(both);
  }

  private void invalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    String text = cause == null ? "" : String.valueOf(cause.getMessage());
    boolean tooLong = cause instanceof TooLongFrameException;
    boolean inLine = tooLong && cause.getClass().getSimpleName().contains("Line");
    int status = inLine ? 414 : tooLong ? 431 : 400;
    String message =
        tooLong
            ? inLine
                ? "the request line is too long"
                : "the head is too long, or has more than " + Framing.MAX_FIELDS + " fields"
            : "bad HTTP request: " + text.lines().findFirst().orElse("");
    edge.name(request);
    request.response().putHeader("connection", "close");
    BadRequest bad = new BadRequest(status, "bad_http", null, message);
    edge.refusals().of(Integer.toString(status), bad.code).increment();
    Errors.write(request.response(), bad);
    request.connection().close();
  }

  /** One event loop's server. */
  private final class Acceptor implements Deployable {
    private final @Nullable TlsFiles tls;

    Acceptor(@Nullable TlsFiles tls) {
      this.tls = tls;
    }

    @Override
    public Future<?> deploy(Context context) {
      Vertx on = context.owner();
      IdleConnections connections = new IdleConnections(options.idleTimeout());
      on.setPeriodic(connections.sweepMillis(), tick -> connections.sweep(System.nanoTime()));
      HttpServerOptions made = serverOptions(tls);
      HttpServer server = on.createHttpServer(made);
      server.connectionHandler(connection -> opened(connection, made, connections));
      server.invalidRequestHandler(Listener.this::invalid);
      server.requestHandler(request -> serve(request, on, connections));
      return server
          .listen()
          .onSuccess(
              listening -> {
                port = listening.actualPort();
                reload(on, listening);
              });
    }

    /** One of the acceptors sees to it for all: they share one server. */
    private void reload(Vertx on, HttpServer server) {
      if (tls != null && reloading.compareAndSet(false, true)) {
        tls.watch(on, server);
      }
    }
  }
}
