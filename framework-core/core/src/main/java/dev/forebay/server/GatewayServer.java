package dev.forebay.server;

import dev.forebay.administration.Administration;
import dev.forebay.administration.AdministrationOptions;
import dev.forebay.administration.StateJson;
import dev.forebay.core.kernel.VertxTimeline;
import dev.forebay.core.routes.RouteTable;
import dev.forebay.edge.http.EdgeOptions;
import dev.forebay.edge.http.HttpEdge;
import dev.forebay.edge.http.PromptKeys;
import dev.forebay.edge.identity.KeyOptions;
import dev.forebay.edge.identity.Keys;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.spi.http.HttpRoutes.Listener;
import dev.forebay.spi.options.Options;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A gateway on the network: its edge for callers, its administration for those who run it.
 *
 * <pre>
 * Gateway gateway = Gateway.builder(vertx).pipeline(...).build();
 * GatewayServer.of(gateway).listen(vertx, 8080);
 * </pre>
 */
public final class GatewayServer {

  private static final SecureRandom CHANCE = new SecureRandom();

  private final Gateway gateway;
  private final HttpEdge edge;
  private final @Nullable Administration administration;
  private final String start;
  private volatile @Nullable GatewayDocument document;

  private GatewayServer(
      Gateway gateway, HttpEdge edge, @Nullable Administration administration, String start) {
    this.start = start;
    this.gateway = gateway;
    this.edge = edge;
    this.administration = administration;
  }

  /**
   * Makes the gateway of a document, and listens where it says.
   *
   * @return completes when requests are accepted; fails with {@link ListenException} where a port
   *     cannot be had, and then leaves nothing behind
   * @throws dev.forebay.config.ConfigException where a plugin refuses its options
   */
  public static Future<GatewayServer> start(Vertx vertx, GatewayDocument document) {
    return start(vertx, document, host(vertx));
  }

  /**
   * As {@link #start(Vertx, GatewayDocument)}.
   *
   * @param host of the Vert.x instance; it knows where a thread hangs in a plugin, also while the
   *     gateway is made
   */
  public static Future<GatewayServer> start(Vertx vertx, GatewayDocument document, Host host) {
    return builder(document, host).listen(vertx).onSuccess(server -> server.document = document);
  }

  /**
   * As {@link #start(Vertx, GatewayDocument, Host)}, but without the listener for callers: its
   * sections work, and the administration shows them.
   */
  public static Future<GatewayServer> work(Vertx vertx, GatewayDocument document, Host host) {
    Builder builder = builder(document, host);
    builder.callers = false;
    return builder.listen(vertx);
  }

  private static Builder builder(GatewayDocument document, Host host) {
    Builder builder =
        of(Gateway.of(document.blueprint(), host))
            .options(document.http())
            .administration(document.administration())
            .keyHashSecret(document.secrets().keyHashSecret())
            .cacheKeySecret(document.secrets().cacheKeySecret());
    return document.keys().isEmpty() ? builder : builder.keys(document.keys());
  }

  /**
   * Makes the gateway of a document, which so shows whether its plugins take their options and have
   * routes of their own, but listens nowhere.
   *
   * @throws dev.forebay.config.ConfigException if a plugin refuses its options
   * @throws IllegalArgumentException if two plugins, or a plugin and the server, have one route
   */
  public static Gateway gateway(GatewayDocument document, Host host) {
    return builder(document, host).build().gateway;
  }

  /** What a gateway of a process runs on. */
  public static Host host(Vertx vertx) {
    return new Host(VertxTimeline.of(vertx), CHANCE.nextLong())
        .lend(Vertx.class, vertx)
        .lend(RandomGenerator.class, CHANCE);
  }

  /** A server of a gateway that was made in code. */
  public static Builder of(Gateway gateway) {
    return new Builder(gateway);
  }

  /**
   * Becomes what another document describes, without a pause: requests under way end as they began,
   * connections stay. From any thread.
   *
   * @return fails with {@link IllegalArgumentException} or {@link
   *     dev.forebay.config.ConfigException} if it cannot, and has then changed nothing; the message
   *     names all that cannot change while it runs
   * @throws IllegalStateException if the server was not made of a document
   */
  public Future<Void> reload(GatewayDocument next) {
    GatewayDocument now = document;
    if (now == null) {
      throw new IllegalStateException("made in code (expected: a server of a document)");
    }
    List<String> fixed = FixedOptions.changed(now, next);
    if (!fixed.isEmpty()) {
      return Future.failedFuture(
          new IllegalArgumentException(
              String.join(", ", fixed)
                  + ": cannot change while the gateway runs (expected: a restart)"));
    }
    Keys keys = keys(gateway, next.keys(), next.http(), next.secrets().keyHashSecret());
    return gateway
        .reload(next.blueprint())
        .onSuccess(
            done -> {
              edge.reload(next.http(), keys);
              gateway.expectTenants(next.keys().stream().map(KeyOptions::tenant).toList());
              document = next;
            });
  }

  /** The keys of a document, and those of the gateway's sections. */
  private static Keys keys(
      Gateway gateway, List<KeyOptions> keys, EdgeOptions http, @Nullable String hashSecret) {
    return Keys.of(keys, http::priority, hashSecret).with(gateway.callerKeys());
  }

  /** The gateway. */
  public Gateway gateway() {
    return gateway;
  }

  /** The port for callers; 0 where it is mounted in another's router. */
  public int port() {
    return edge.port();
  }

  /** The port of the administration; 0 where there is none. */
  public int administrationPort() {
    return administration == null ? 0 : administration.port();
  }

  /** Requests that are not over: not yet answered to the last byte, and their callers not gone. */
  public int openRequests() {
    return edge.openRequests();
  }

  /**
   * What the administration shows: the gateway's parts, the edge under {@code http}, and {@code
   * start}, an id of this start of the gateway.
   */
  public Future<JsonObject> state() {
    return state(gateway, edge, start);
  }

  private static Future<JsonObject> state(Gateway gateway, HttpEdge edge, String start) {
    return gateway
        .state()
        .map(state -> StateJson.of(state).put("http", edge.state()).put("start", start));
  }

  /**
   * Closes: new requests are refused, those under way may end, within the drain timeout of the
   * options. Then the ports are given back, the gateway's backends last.
   */
  public Future<Void> close() {
    gateway.draining();
    return edge.close()
        .eventually(
            () -> administration == null ? Future.succeededFuture() : administration.close())
        .eventually(gateway::close);
  }

  /**
   * Ends the drain of a {@link #close} that is under way: the requests that it waits for are ended
   * with an error, as after the drain timeout.
   */
  public void endDrain() {
    edge.close(Duration.ZERO);
  }

  private Future<GatewayServer> listen(
      Vertx vertx, EdgeOptions http, AdministrationOptions own, boolean callers) {
    gateway.start();
    Future<?> reached =
        callers
            ? edge.listen(vertx).recover(e -> Future.failedFuture(listening(http, e)))
            : Future.succeededFuture();
    return reached
        .compose(
            listening ->
                administration == null
                    ? Future.succeededFuture()
                    : administration
                        .listen(vertx)
                        .recover(
                            e ->
                                Future.failedFuture(
                                    new ListenException(
                                        "administration.port", own.host(), own.port(), e))))
        .map(this)
        .recover(e -> close().transform(closed -> Future.failedFuture(e)));
  }

  /** Files of TLS that are wrong are the document's fault, not the port's. */
  private static Throwable listening(EdgeOptions http, Throwable e) {
    return e instanceof IllegalArgumentException
        ? e
        : new ListenException("http.port", http.host(), http.port(), e);
  }

  /** How a gateway is reached; everything has a default. */
  public static final class Builder {

    private final Gateway gateway;
    private EdgeOptions options = EdgeOptions.DEFAULTS;
    private @Nullable AdministrationOptions administration;
    private List<KeyOptions> keys = List.of();
    private @Nullable String keyHashSecret;
    private @Nullable String cacheKeySecret;
    private boolean callers = true;

    private Builder(Gateway gateway) {
      this.gateway = gateway;
    }

    /** The figures of the edge. */
    public Builder options(EdgeOptions figures) {
      options = figures;
      return this;
    }

    /** Listens for those who run it, too; it does not where this is not called. */
    public Builder administration(AdministrationOptions place) {
      administration = place;
      return this;
    }

    /**
     * Who may ask; everybody if this is not called.
     *
     * @throws IllegalArgumentException if there is none: such a list may come of a template
     */
    public Builder keys(List<KeyOptions> known) {
      if (known.isEmpty()) {
        throw new IllegalArgumentException(
            "keys: none (expected: at least one; without the call, everybody may ask)");
      }
      keys = List.copyOf(known);
      return this;
    }

    /** What hashes of keys were made with; null where none was made with a secret. */
    public Builder keyHashSecret(@Nullable String secret) {
      keyHashSecret = secret;
      return this;
    }

    /** What identities of prompts are made with, at least 16 bytes; null for a random secret. */
    public Builder cacheKeySecret(@Nullable String secret) {
      cacheKeySecret = secret;
      return this;
    }

    /**
     * Listens where the options say.
     *
     * @return completes when requests are accepted; fails with {@link ListenException} where a port
     *     cannot be had
     * @throws IllegalArgumentException if an option is out of its bounds; the message names it
     */
    public Future<GatewayServer> listen(Vertx vertx) {
      AdministrationOptions place = administration;
      GatewayServer server = build();
      return server.listen(
          vertx, options, place == null ? AdministrationOptions.DEFAULTS : place, callers);
    }

    /** Listens on a port of the options' host; 0 picks a free one. */
    public Future<GatewayServer> listen(Vertx vertx, int port) {
      options = options.at(options.host(), port);
      return listen(vertx);
    }

    /** Adds the edge's routes to a router of the host's; the administration is not started. */
    public GatewayServer mount(Router router) {
      administration = null;
      GatewayServer server = build();
      server.edge.mount(router);
      gateway.start();
      return server;
    }

    private GatewayServer build() {
      Options.check("http", options);
      if (administration != null) {
        Options.check("administration", administration);
      }
      PromptKeys promptKeys =
          cacheKeySecret == null ? PromptKeys.random() : PromptKeys.of(cacheKeySecret);
      RouteTable routes = routes(promptKeys);
      HttpEdge.Builder edge =
          HttpEdge.builder(gateway)
              .options(options)
              .refusals(gateway.refusals())
              .promptKeys(promptKeys)
              .memory(gateway.memory())
              .keys(GatewayServer.keys(gateway, keys, options, keyHashSecret))
              .models(gateway::offeredModels)
              .ready(() -> ready(gateway))
              .routes(routes.all(Listener.EDGE));
      gateway.expectTenants(keys.stream().map(KeyOptions::tenant).toList());
      HttpEdge built = edge.build();
      String start = Long.toHexString(CHANCE.nextLong());
      Administration own =
          administration == null
              ? null
              : new Administration(administration, () -> state(gateway, built, start))
                  .withRoutes(routes.all(Listener.ADMINISTRATION));
      return new GatewayServer(gateway, built, own, start);
    }

    /** Those of plugins and the server's own: a path that both have is found here. */
    private RouteTable routes(PromptKeys promptKeys) {
      RouteTable routes = new RouteTable(gateway.routes());
      Administration.PATHS.forEach(
          path -> routes.reserve("the administration", Listener.ADMINISTRATION, path));
      HttpEdge.PATHS.forEach(path -> routes.reserve("the edge", Listener.EDGE, path));
      Administration.addRoutes(
          routes.of("the administration"), gateway, promptKeys, options.cacheKey());
      return routes;
    }

    /** The pools know on the gateway's timeline only. */
    private static Future<Boolean> ready(Gateway gateway) {
      return gateway.timeline().ask(gateway::ready);
    }
  }
}
