package dev.forebay.edge.http;

import dev.forebay.core.kernel.VertxTimeline;
import dev.forebay.core.limiting.MemoryOptions;
import dev.forebay.edge.BadRequest;
import dev.forebay.edge.identity.Keys;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Service;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.MemoryBudget;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Labelled;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP surface of a gateway: takes requests in OpenAI's form, gives them to a chain, and writes
 * what it answers. It {@linkplain #listen listens by itself} or is {@linkplain #mount mounted} in a
 * router of the host's.
 *
 * <p>{@code POST /v1/chat/completions}, {@code /v1/completions}, {@code /v1/embeddings}, {@code GET
 * /v1/models} and {@code /v1/models/ID}, each also without {@code /v1}; {@code GET /healthz}
 * (alive) and {@code /readyz} (can take requests). HEAD is answered as GET. Bodies are parsed once,
 * for what policies may see, and handed on byte for byte.
 */
public final class HttpEdge {

  /** The paths of its own routes. */
  public static final List<String> PATHS = OwnRoutes.PATHS;

  private volatile EdgeOptions options;
  private volatile Keys keys;
  private final PromptKeys promptKeys;
  private final Service service;
  private final Supplier<Future<Boolean>> ready;
  private final Supplier<String> ids;
  private final MemoryBudget memory;
  private final Labelled<Counter> refusals;
  private volatile RequestReader reader;
  private final LargeBodies largeBodies = new LargeBodies();
  private final OwnRoutes routes;
  private final AddedRoutes added;
  private final OpenRequests open = new OpenRequests();
  private volatile @Nullable Listener listener;

  private HttpEdge(Builder builder) {
    options = builder.options;
    keys = builder.keys;
    service = builder.service;
    ready = builder.ready;
    ids = builder.ids;
    memory = builder.memory;
    refusals = builder.refusals;
    promptKeys = builder.promptKeys;
    reader = new RequestReader(options, promptKeys);
    added = new AddedRoutes(builder.added);
    routes =
        new OwnRoutes(
            this::serve,
            new ModelList(builder.models, () -> keys),
            incoming -> status(incoming, 200, "ok"),
            this::readiness,
            refusals);
  }

  /** An edge in front of a chain. */
  public static Builder builder(Service service) {
    return new Builder(service);
  }

  /** Adds the routes to a router, which may be one below another's path. Needs no body handler. */
  public void mount(Router router) {
    routes.mount(router, ids);
    for (String path : added.paths()) {
      router.route(path).handler(context -> handleAdded(Incoming.of(context, ids)));
    }
  }

  /** Serves a request of the edge's own server, with no router between. */
  void handle(Incoming incoming) {
    String path = incoming.request().path();
    OwnRoutes.Route route = path == null ? null : routes.of(path);
    if (route != null) {
      route.handle(incoming);
    } else {
      handleAdded(incoming);
    }
  }

  /** Serves a request of a path that is not the edge's own. */
  private void handleAdded(Incoming incoming) {
    List<AddedRoutes.Match> found = added.find(incoming.path());
    if (found.isEmpty()) {
      Errors.unknownPath(incoming.request(), allPaths());
      return;
    }
    String got = incoming.request().method().name();
    String method = got.equals("HEAD") ? "GET" : got;
    for (AddedRoutes.Match match : found) {
      if (match.route().method().equals(method)) {
        serve(incoming, match);
        return;
      }
    }
    Errors.wrongMethod(
        incoming.request(),
        found.stream()
            .map(match -> match.route().method())
            .map(each -> each.equals("GET") ? "GET, HEAD" : each)
            .collect(Collectors.joining(", ")));
  }

  /** Its own paths, and those that plugins have added. */
  private List<String> allPaths() {
    return Stream.concat(PATHS.stream(), added.paths().stream()).toList();
  }

  /**
   * Listens where the options say, on as many event loops as they say.
   *
   * @return completes when requests are accepted; fails where the port is taken
   */
  public Future<HttpEdge> listen(Vertx on) {
    open.on(on);
    Listener own = new Listener(this, options);
    listener = own;
    return own.start(on).map(this);
  }

  /**
   * Takes other figures and other keys for requests that come from now on. What its listener was
   * made with stays: the place, the event loops, TLS, CORS, and the bounds on heads and
   * connections. From any thread.
   */
  public void reload(EdgeOptions figures, Keys known) {
    options = figures;
    reader = new RequestReader(figures, promptKeys);
    keys = known;
  }

  /** The port that it listens on; 0 where it does not. */
  public int port() {
    Listener own = listener;
    return own == null ? 0 : own.port();
  }

  /** Requests that are not over: not yet answered to the last byte, and their callers not gone. */
  public int openRequests() {
    return open.count();
  }

  /** What {@code /state} tells of it. */
  public JsonObject state() {
    return new JsonObject()
        .put("openRequests", openRequests())
        .put("maxRequests", options.maxRequests())
        .put("draining", open.draining())
        .put("port", port());
  }

  /** Closes with the drain timeout of the options. */
  public Future<Void> close() {
    return close(options.drainTimeout());
  }

  /**
   * Closes: at once {@code /readyz} and new requests are answered 503, requests under way may end;
   * after the timeout the rest is ended with an error. Then the port is given back. (It is not
   * given back earlier, so that health checks still learn why.)
   */
  public Future<Void> close(Duration drainTimeout) {
    return open.drain(drainTimeout)
        .eventually(
            () -> {
              largeBodies.close();
              Listener own = listener;
              return own == null ? Future.succeededFuture() : own.stop();
            });
  }

  EdgeOptions options() {
    return options;
  }

  MemoryBudget memory() {
    return memory;
  }

  /** Names a request of its own server. */
  RequestId name(HttpServerRequest request) {
    return RequestId.name(request, ids);
  }

  Labelled<Counter> refusals() {
    return refusals;
  }

  private void serve(Incoming incoming, Operation operation) {
    Timeline timeline = VertxTimeline.of(incoming.vertx().getOrCreateContext());
    int count = open.begin(incoming.vertx());
    Exchange exchange =
        new Exchange(
            incoming,
            timeline,
            options.stallTimeout(),
            memory.lease(),
            largeBodies,
            refusals,
            open::end);
    open.add(exchange);
    try {
      admit(incoming, count);
      RequestHead.requirePlainBody(incoming.request());
      Keys.Key key = keys.authenticate(incoming.request());
      exchange.serve(operation, key, options, reader, service);
    } catch (BadRequest bad) {
      BodyReader.discard(incoming, options, timeline);
      exchange.refuse(bad);
    }
  }

  /** Answers with a route that a plugin has added. */
  private void serve(Incoming incoming, AddedRoutes.Match match) {
    Timeline timeline = VertxTimeline.of(incoming.vertx().getOrCreateContext());
    MemoryBudget.Lease lease = memory.lease();
    int count = open.begin(incoming.vertx());
    AtomicBoolean over = new AtomicBoolean();
    incoming
        .onOver()
        .accept(
            () -> {
              if (over.compareAndSet(false, true)) {
                lease.close();
                open.end();
              }
            });
    try {
      admit(incoming, count);
      RequestHead.requirePlainBody(incoming.request());
      Keys.Key key = keys.authenticate(incoming.request());
      BodyReader.read(incoming, options, timeline, lease)
          .compose(
              body -> match.ask(incoming.request(), reader.caller(incoming.request(), key), body))
          .onComplete(
              (answer, thrown) ->
                  timeline.execute(() -> write(incoming, timeline, answer, thrown)));
    } catch (BadRequest bad) {
      BodyReader.discard(incoming, options, timeline);
      Errors.write(incoming.response(), bad);
    }
  }

  private void write(
      Incoming incoming,
      Timeline timeline,
      @Nullable RouteAnswer answer,
      @Nullable Throwable thrown) {
    if (thrown instanceof BadRequest bad && !incoming.response().closed()) {
      Errors.write(incoming.response(), bad);
    } else {
      RouteAnswer placed = answer == null ? null : placed(incoming, answer);
      RouteMount.write(incoming.request(), timeline, options.stallTimeout(), placed, thrown);
    }
  }

  private static RouteAnswer placed(Incoming incoming, RouteAnswer answer) {
    String place = answer.headers().get("location");
    return place == null || incoming.mount().isEmpty()
        ? answer
        : new RouteAnswer(
            answer.status(),
            answer.headers().with("location", incoming.below(place)),
            answer.body(),
            answer.stream());
  }

  private void admit(Incoming incoming, int count) {
    if (open.draining()) {
      incoming.response().putHeader("connection", "close");
      throw new BadRequest(503, "shutting_down", null, "the gateway is shutting down");
    }
    if (count > options.maxRequests()) {
      throw new BadRequest(
          503, "too_many_requests", null, options.maxRequests() + " requests are open");
    }
  }

  private void readiness(Incoming incoming) {
    if (open.draining()) {
      status(incoming, 503, "shutting down");
      return;
    }
    Context context = incoming.vertx().getOrCreateContext();
    ready
        .get()
        .otherwise(false)
        .onComplete(asked -> context.runOnContext(nothing -> readiness(incoming, asked.result())));
  }

  private static void readiness(Incoming incoming, boolean can) {
    if (!incoming.response().closed()) {
      status(incoming, can ? 200 : 503, can ? "ready" : "no backend can take requests");
    }
  }

  private static void status(Incoming incoming, int status, String text) {
    incoming.answer(status, new JsonObject().put("status", text));
  }

  /** What an edge is made of; everything but the chain has a default. */
  public static final class Builder {
    private final Service service;
    private EdgeOptions options = EdgeOptions.DEFAULTS;
    private Keys keys = Keys.OPEN;
    private Supplier<Future<List<String>>> models = () -> Future.succeededFuture(List.of());
    private Supplier<Future<Boolean>> ready = () -> Future.succeededFuture(true);
    private Supplier<String> ids = new RequestIds();
    private PromptKeys promptKeys = PromptKeys.random();
    private MemoryBudget memory = MemoryOptions.DEFAULTS.budget();
    private List<HttpRoute> added = List.of();
    private Labelled<Counter> refusals = values -> amount -> {};

    private Builder(Service service) {
      this.service = service;
    }

    /** The figures. */
    public Builder options(EdgeOptions figures) {
      options = figures;
      return this;
    }

    /** Who may ask; everybody where this is not called. */
    public Builder keys(Keys known) {
      keys = known;
      return this;
    }

    /**
     * What {@code /v1/models} lists; asked each time, from any thread, and must not throw. A
     * failure is a 503.
     */
    public Builder models(Supplier<Future<List<String>>> names) {
      models = names;
      return this;
    }

    /**
     * Whether a backend can take requests; asked each time, from any thread, and must not throw. A
     * failure means no.
     */
    public Builder ready(Supplier<Future<Boolean>> check) {
      ready = check;
      return this;
    }

    /** Where ids come from that make requests unique, each a new one; from any thread. */
    public Builder ids(Supplier<String> generator) {
      ids = generator;
      return this;
    }

    /** Makes the identities of prompts; by a secret of this process where this is not called. */
    public Builder promptKeys(PromptKeys maker) {
      promptKeys = maker;
      return this;
    }

    /**
     * What unfinished heads, bodies and answers may hold together, perhaps with what is behind the
     * edge. Defaults to a quarter of the largest heap.
     */
    public Builder memory(MemoryBudget shared) {
      memory = shared;
      return this;
    }

    /** Counts requests to models that the edge refuses, and bad HTTP: by code and reason. */
    public Builder refusals(Labelled<Counter> counters) {
      refusals = counters;
      return this;
    }

    /** Answers further routes, whose handlers may be called from any thread. */
    public Builder routes(List<HttpRoute> more) {
      added = List.copyOf(more);
      return this;
    }

    /** The edge. */
    public HttpEdge build() {
      return new HttpEdge(this);
    }
  }
}
