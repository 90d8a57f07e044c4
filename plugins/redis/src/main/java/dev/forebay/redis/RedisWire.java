package dev.forebay.redis;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The wire to a Redis for scripts that keep documents: with bytes as arguments and replies. */
public interface RedisWire extends RedisScripts {

  /** Runs a script, as {@link #run}; gives its reply as it is. */
  Future<@Nullable Response> evaluate(RedisScript script, String key, List<Buffer> arguments);

  /** As {@link RedisStore#parameter}. */
  Future<@Nullable String> parameter(String name);

  /** As {@link RedisStore#subscribe}. */
  Registration subscribe(String channel, Consumer<String> message, Runnable resumed);

  /** A wire of its own for one plugin; connects by itself. */
  static RedisWire over(Redis options, Vertx vertx, PluginContext context) {
    return new VertxStore(
        options,
        vertx,
        context.timeline(),
        HexFormat.of().toHexDigits(context.random().nextLong()));
  }
}
