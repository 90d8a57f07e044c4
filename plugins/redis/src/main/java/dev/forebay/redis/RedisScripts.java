package dev.forebay.redis;

import dev.forebay.spi.PluginContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The wire to a Redis for scripts that count: on connections of its own, apart from those of a
 * cache, whose replies are large. Called on the gateway's timeline, where its futures complete;
 * they fail with {@link RedisFailure}.
 */
public interface RedisScripts extends RedisServers {

  /**
   * Runs a script: {@code EVALSHA}, and {@code EVAL} if the server does not know it yet.
   *
   * @param key the one key that it touches, so that any topology can run it
   * @return the whole numbers that it returns
   */
  Future<List<Long>> run(RedisScript script, String key, List<String> arguments);

  /** What makes the wire; a host may lend one. Without it, the Vert.x client does. */
  interface Connector {

    /** A wire of its own for one plugin; connects by itself. */
    RedisScripts connect(Redis options, PluginContext context);
  }

  /** What makes the wire here; empty if there is no network, as in virtual time. */
  static Optional<Connector> connector(PluginContext context) {
    Optional<Connector> lent = context.resource(Connector.class);
    return lent.isPresent() ? lent : context.resource(Vertx.class).map(RedisScripts::network);
  }

  private static Connector network(Vertx vertx) {
    return (options, plugin) ->
        new VertxStore(
            options,
            vertx,
            plugin.timeline(),
            HexFormat.of().toHexDigits(plugin.random().nextLong()));
  }
}
