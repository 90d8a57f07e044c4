package dev.forebay.edge;

import io.netty.handler.codec.TooLongFrameException;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** The edge's own server: one acceptor per event loop, all on one port. */
final class Listener {

  private final HttpEdge edge;
  private final EdgeOptions options;
  private volatile int port;
  private volatile @Nullable Vertx vertx;
  private final java.util.List<String> deployments =
      new java.util.concurrent.CopyOnWriteArrayList<>();

  Listener(HttpEdge edge, EdgeOptions options) {
    this.edge = edge;
    this.options = options;
  }

  /** The first acceptor finds the port; the others share it. */
  Future<Void> start(Vertx on) {
    vertx = on;
    int loops =
        options.eventLoops() > 0
            ? options.eventLoops()
            : Runtime.getRuntime().availableProcessors();
    return deploy(on, 1, options.port())
        .compose(first -> loops > 1 ? deploy(on, loops - 1, port) : first(first))
        .mapEmpty();
  }

  int port() {
    return port;
  }

  Future<Void> stop() {
    Vertx on = vertx;
    Future<Void> all = Future.succeededFuture();
    if (on != null) {
      for (String id : deployments) {
        all = all.eventually(() -> on.undeploy(id));
      }
      deployments.clear();
      port = 0;
    }
    return all;
  }

  private static Future<String> first(String id) {
    return Future.succeededFuture(id);
  }

  private Future<String> deploy(Vertx on, int instances, int at) {
    return on.deployVerticle(
            () -> new Acceptor(at), new DeploymentOptions().setInstances(instances))
        .onSuccess(deployments::add);
  }

  private HttpServerOptions serverOptions(int at) {
    return new HttpServerOptions()
        .setHost(options.host())
        .setPort(at)
        .setMaxHeaderSize((int) options.maxHeader())
        .setMaxInitialLineLength((int) Math.min(8192, options.maxHeader()))
        .setDecompressionSupported(false)
        .setCompressionSupported(false);
  }

  private Router router(Vertx on, IdleConnections connections) {
    Router router = Router.router(on);
    router.route().handler(connections::track);
    edge.mount(router);
    router
        .route()
        .handler(
            context ->
                Errors.write(
                    context.response(),
                    new BadRequest(404, "not_found", null, "unknown path: " + path(context))));
    router.route().failureHandler(Listener::failed);
    return router;
  }

  private static void failed(RoutingContext context) {
    if (!context.response().headWritten()) {
      int status = context.statusCode() < 400 ? 500 : context.statusCode();
      Errors.write(context.response(), new BadRequest(status, "bad_request", null, "bad request"));
    }
  }

  private static String path(RoutingContext context) {
    String path = context.request().path();
    return path == null ? "" : path.length() > 200 ? path.substring(0, 200) + "…" : path;
  }

  private static void invalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    String text = cause == null ? "" : String.valueOf(cause.getMessage());
    boolean tooLong = cause instanceof TooLongFrameException;
    boolean inLine = tooLong && cause.getClass().getSimpleName().contains("Line");
    int status = inLine ? 414 : tooLong ? 431 : 400;
    String message =
        tooLong
            ? "the " + (inLine ? "request line" : "head") + " is too long"
            : "bad HTTP request: " + text.lines().findFirst().orElse("");
    request.response().putHeader("connection", "close");
    Errors.write(request.response(), new BadRequest(status, "bad_http", null, message));
    request.connection().close();
  }

  /** One event loop's server. */
  private final class Acceptor implements Deployable {
    private final int at;

    Acceptor(int at) {
      this.at = at;
    }

    @Override
    public Future<?> deploy(Context context) {
      Vertx on = context.owner();
      IdleConnections connections = new IdleConnections(options.idleTimeout());
      on.setPeriodic(connections.sweepMillis(), tick -> connections.sweep(System.nanoTime()));
      HttpServer server = on.createHttpServer(serverOptions(at));
      server.connectionHandler(connections::opened);
      server.invalidRequestHandler(Listener::invalid);
      server.requestHandler(router(on, connections));
      return server.listen().onSuccess(listening -> port = listening.actualPort());
    }
  }
}
