package dev.forebay.junit5;

import dev.forebay.edge.http.EdgeOptions;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Pipeline;
import dev.forebay.server.GatewayServer;
import dev.forebay.simulation.ServerStats;
import dev.forebay.spi.Filter;
import dev.forebay.spi.options.Names;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A gateway that listens on a free port of the loopback address, with its emulated upstreams. Tests
 * get it from {@link ForebayExtension}, or as a parameter of their methods. Its methods block, and
 * are for tests' threads.
 */
public final class RunningGateway {

  private static final Duration SETTLE = Duration.ofSeconds(10);

  private final Vertx vertx = Vertx.vertx();
  private final Changes changes = new Changes();
  private final Map<String, EmulatedUpstream> upstreams = new LinkedHashMap<>();
  private final GatewayServer server;

  RunningGateway(Setup setup) {
    try {
      setup
          .upstreams()
          .forEach(
              (id, profile) ->
                  upstreams.put(id, new EmulatedUpstream(id, profile, vertx, changes)));
      EdgeOptions anyPort = EdgeOptions.DEFAULTS.at("127.0.0.1", 0);
      GatewayServer.Builder builder = GatewayServer.of(gateway(setup)).options(anyPort);
      if (!setup.keys().isEmpty()) {
        builder.keys(setup.keys());
      }
      server = Blocking.get(builder.listen(vertx), "starting the gateway");
    } catch (RuntimeException e) {
      vertx.close();
      throw e;
    }
  }

  /** Where the gateway listens, such as {@code http://127.0.0.1:40122}. */
  public URI baseUri() {
    return URI.create("http://127.0.0.1:" + server.port());
  }

  /** The gateway: its counters, its pools, and the service itself, for tests without HTTP. */
  public Gateway gateway() {
    return server.gateway();
  }

  /**
   * An upstream.
   *
   * @throws IllegalArgumentException where there is none of this id
   */
  public EmulatedUpstream upstream(String id) {
    EmulatedUpstream found = upstreams.get(id);
    if (found == null) {
      throw new IllegalArgumentException(
          "upstream: " + id + " (expected: " + Names.oneOf(upstreams.keySet(), id) + ")");
    }
    return found;
  }

  /** All upstreams, in the order in which they were named. */
  public List<EmulatedUpstream> upstreams() {
    return List.copyOf(upstreams.values());
  }

  /** Kills no upstream, but starts those again that were killed. */
  public void restartUpstreams() {
    upstreams.values().forEach(EmulatedUpstream::restart);
  }

  /** What the administration would show. */
  public JsonObject state() {
    return Blocking.get(server.state(), "the gateway's state");
  }

  /**
   * Asserts that nothing is left open: no request at the edge or in the gateway, none in flight in
   * a pool, no permit out, nobody in a queue, no work at an upstream. Waits up to 10 s for what is
   * just ending.
   *
   * @throws AssertionError that says what is left
   */
  public void assertSettled() {
    assertSettled(SETTLE);
  }

  /** Asserts that nothing is left open, as {@link #assertSettled()}, within another bound. */
  public void assertSettled(Duration bound) {
    if (!changes.await(() -> left().isEmpty(), bound)) {
      throw new AssertionError("left open after " + bound + ": " + left());
    }
  }

  /** Stops everything; requests under way are cut. */
  void close() {
    try {
      upstreams.values().forEach(EmulatedUpstream::kill); // nobody is left to wait for
    } finally {
      Blocking.get(server.close(), "stopping the gateway");
      // Asked for by this thread: on an event loop, nobody would be left to hear of the end.
      Blocking.get(vertx.close(), "stopping Vert.x");
    }
  }

  private Gateway gateway(Setup setup) {
    Gateway.Builder builder =
        Gateway.builder(vertx)
            .pipeline(
                pipeline -> {
                  pipeline.filter("junit5", watch());
                  setup.pipeline().accept(pipeline);
                  backends(pipeline, setup.ungrouped());
                });
    for (Setup.PoolSetup pool : setup.pools()) {
      builder.pool(
          pool.name(),
          pipeline -> {
            pool.pipeline().accept(pipeline);
            backends(pipeline, pool.upstreams());
          });
    }
    return builder.build();
  }

  private void backends(Pipeline pipeline, List<String> ids) {
    ids.forEach(id -> pipeline.backends(upstream(id).options()));
  }

  private Filter watch() {
    return (request, next) -> {
      request.call().onEnd(changes::happened);
      return next.serve(request);
    };
  }

  /** What is not over, by where it is. */
  private Map<String, Object> left() {
    Map<String, Object> left = new LinkedHashMap<>();
    note(left, "requests at the edge", server.openRequests());
    note(left, "requests in the gateway", gateway().open());
    JsonObject stages = state().getJsonObject("stages", new JsonObject());
    for (String stage : stages.fieldNames()) {
      JsonObject state = stages.getJsonObject(stage);
      for (String figure : List.of("inFlight", "queued", "waiting")) {
        note(left, stage + "." + figure, state.getInteger(figure, 0));
      }
    }
    for (EmulatedUpstream upstream : upstreams.values()) {
      ServerStats stats = upstream.stats();
      if (stats != null && !stats.settled()) {
        left.put("upstream " + upstream.id(), stats);
      }
    }
    return left;
  }

  private static void note(Map<String, Object> left, String what, int count) {
    if (count != 0) {
      left.put(what, count);
    }
  }
}
