package dev.forebay.simulation.http;

import dev.forebay.core.kernel.VertxTimeline;
import dev.forebay.simulation.AnswerFrames;
import dev.forebay.simulation.ServerStats;
import dev.forebay.simulation.SimulatedServer;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.options.Names;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The emulator's event loop: its server, its routes, and its outages. */
final class EmulatorVerticle extends VerticleBase {

  private static final long LISTEN_AGAIN_MILLIS = 100;

  private final EmulatorProfile profile;
  private final Function<Timeline, SimulatedServer> maker;
  private final KnownTraffic known;
  private final UnaryOperator<Timeline> clock;
  private final EventLog log;
  private @Nullable SimulatedServer server;
  private @Nullable Router router;
  private @Nullable HttpServer listener;
  private Registration outage = Registration.NONE;
  private boolean stopped;
  private long requests;
  private volatile int port;

  EmulatorVerticle(
      EmulatorProfile profile,
      Function<Timeline, SimulatedServer> maker,
      KnownTraffic known,
      UnaryOperator<Timeline> clock) {
    this.profile = profile;
    this.maker = maker;
    this.known = known;
    this.clock = clock;
    this.log = new EventLog(profile.logCapacity());
  }

  @Override
  public Future<?> start() {
    Timeline timeline = clock.apply(VertxTimeline.of(context));
    server = maker.apply(timeline);
    router = routes();
    port = profile.port();
    return listen()
        .onSuccess(
            listening -> {
              port = listening.actualPort();
              watchForCrash();
            });
  }

  @Override
  public Future<?> stop() {
    stopped = true;
    outage.cancel();
    return Future.succeededFuture();
  }

  int port() {
    return port;
  }

  void renew(Function<Timeline, SimulatedServer> other) {
    Timeline timeline = server().timeline();
    timeline.execute(
        () -> {
          server = other.apply(timeline);
          outage.cancel();
          watchForCrash();
        });
  }

  List<EmulatorEvent> events() {
    return log.events();
  }

  Registration onEvent(Consumer<EmulatorEvent> listener) {
    return log.onEvent(listener);
  }

  Future<ServerStats> stats() {
    Promise<ServerStats> stats = Promise.promise();
    context.runOnContext(none -> stats.complete(server().stats()));
    return stats.future();
  }

  private SimulatedServer server() {
    return Objects.requireNonNull(server);
  }

  private Future<HttpServer> listen() {
    HttpServer made = vertx.createHttpServer().requestHandler(Objects.requireNonNull(router));
    listener = made;
    return made.listen(port, profile.host());
  }

  /** Waits for the next crash: an outage closes the listener with its connections. */
  private void watchForCrash() {
    long now = server().timeline().nanos();
    long crash = server().down() ? now : server().nextCrashNanos();
    if (crash != Long.MAX_VALUE) {
      outage = server().timeline().after(crash - now, this::goDown);
    }
  }

  private void goDown() {
    server().stats(); // catches up on the crash: what is under way hears of it first
    HttpServer listening = listener;
    listener = null;
    if (listening != null) {
      listening.close();
    }
    long up = server().upAgainNanos();
    if (up != Long.MAX_VALUE) {
      outage = server().timeline().after(up - server().timeline().nanos(), this::comeUp);
    }
  }

  private void comeUp() {
    if (stopped) {
      return;
    }
    if (server().down()) {
      goDown();
    } else {
      listen()
          .onSuccess(listening -> watchForCrash())
          .onFailure(inUse -> vertx.setTimer(LISTEN_AGAIN_MILLIS, id -> comeUp()));
    }
  }

  private Router routes() {
    Router routes = Router.router(vertx);
    routes
        .get("/healthz")
        .handler(http -> json(http, new JsonObject().put("status", "ok").toBuffer()));
    routes.get("/emulator/log").handler(http -> json(http, log.json().toBuffer()));
    routes.route().handler(this::checkKey);
    routes.get("/v1/models").handler(http -> json(http, models().toBuffer()));
    routes.get("/models").handler(http -> json(http, models().toBuffer()));
    routes.post().handler(BodyHandler.create(false).setBodyLimit(profile.maxBodyBytes()));
    for (Operation operation : Operation.values()) {
      String path = operation.path();
      routes.post(path).handler(http -> answer(http, operation));
      routes.post(path.substring("/v1".length())).handler(http -> answer(http, operation));
    }
    routes.errorHandler(413, http -> refuse(http, 413, "the body is too large", "too_large"));
    routes.errorHandler(404, http -> refuse(http, 404, "no such resource", "not_found"));
    return routes;
  }

  private void checkKey(RoutingContext http) {
    String key = profile.apiKey();
    if (key == null || ("Bearer " + key).equals(http.request().getHeader("Authorization"))) {
      http.next();
    } else {
      refuse(http, 401, "the API key is missing or wrong", "invalid_api_key");
    }
  }

  private JsonObject models() {
    JsonArray data = new JsonArray();
    for (String model : profile.models()) {
      data.add(
          new JsonObject()
              .put("id", model)
              .put("object", "model")
              .put("created", 0)
              .put("owned_by", "forebay-emulator"));
    }
    return new JsonObject().put("object", "list").put("data", data);
  }

  private void answer(RoutingContext http, Operation operation) {
    OpenAiRequest asked;
    try {
      Buffer body = http.body().buffer();
      asked = OpenAiRequest.parse(operation, body == null ? Buffer.buffer() : body);
    } catch (IllegalArgumentException e) {
      refuse(http, 400, String.valueOf(e.getMessage()), "invalid_request");
      return;
    }
    String id = "emulated-" + ++requests;
    String address = String.valueOf(http.request().remoteAddress().hostAddress());
    InferenceRequest plain = asked.toInference(id, address, server().timeline());
    InferenceRequest found = known.request(http.request().getHeader("x-request-id"), plain);
    if (found == null && !profile.models().contains(asked.model())) {
      String names = Names.oneOf(profile.models(), asked.model());
      String message = "model: '" + asked.model() + "' (expected: " + names + ")";
      refuse(http, 404, message, "model_not_found");
      return;
    }
    InferenceRequest request = found == null ? plain : found;
    SimulatedServer taking = server(); // after it was recognised: that may bring another server
    String answerId = found == null ? id : taking.answers().identity(found).id();
    HttpAnswer answer =
        new HttpAnswer(
            id, answerId, asked, http.request(), taking.timeline(), log, taking.parameters());
    answer.watch(taking.submit(request, answer));
  }

  private static void refuse(RoutingContext http, int status, String message, String code) {
    http.response()
        .setStatusCode(status)
        .putHeader("content-type", "application/json")
        .end(AnswerFrames.error(message, "invalid_request_error", code));
  }

  private static void json(RoutingContext http, Buffer body) {
    http.response().putHeader("content-type", "application/json").end(body);
  }
}
