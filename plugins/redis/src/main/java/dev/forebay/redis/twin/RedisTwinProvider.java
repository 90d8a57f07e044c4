package dev.forebay.redis.twin;

import dev.forebay.redis.Redis;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.ResponseCache;

/**
 * The cache {@code redis} above a {@link RedisTwin} of its own: for virtual time, where there is no
 * network, and for what goes wrong with a Redis.
 */
public final class RedisTwinProvider implements Provider<ResponseCache, RedisTwinProvider.Options> {

  /**
   * Options.
   *
   * @param server the model of the server
   * @param cache options of the cache above it; its addresses mean nothing here
   */
  @Doc(
      "The cache redis, with its bounds, circuit and format, above a Redis that is modelled: for"
          + " virtual time, and for what goes wrong with one.")
  public record Options(
      @Doc("The model of the server: latency, memory, faults.") @Default("{}")
          RedisTwin.Options server,
      @Doc("Options of the cache redis.") @Default("{}") Redis.Options cache) {}

  /** A cache above a twin of its own. */
  public static Plugin<ResponseCache> of(RedisTwin.Options server, Redis.Options cache) {
    return Plugin.of(new RedisTwinProvider(), new Options(server, cache));
  }

  @Override
  public Class<ResponseCache> kind() {
    return ResponseCache.class;
  }

  @Override
  public String name() {
    return "redis-twin";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ResponseCache create(Options options, PluginContext context) {
    return Redis.over(new RedisTwin(options.server()), options.cache(), context);
  }
}
