package dev.forebay.redis.twin;

import dev.forebay.redis.Redis;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.policy.ResponseCache;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * The cache {@code redis} above a {@link TwinServer} of its own: for virtual time, which has no
 * network, and for what goes wrong with a Redis.
 *
 * @param server the model of the server
 * @param cache the cache above it; its addresses mean nothing here
 */
@RecordBuilder
@Doc(
    "The cache redis, with its bounds, circuit and format, above a Redis that is modelled: for"
        + " virtual time, and for what goes wrong with one.")
public record RedisTwin(
    @Doc("The model of the server: latency, memory, faults.") @Default("{}") TwinModel server,
    @Doc("Options of the cache redis.") @Default("{}") Redis cache)
    implements Plugin<ResponseCache>, RedisTwinBuilder.With {

  /** A cache above a twin of its own. */
  public static RedisTwin of(TwinModel server, Redis cache) {
    return new RedisTwin(server, cache);
  }

  @Override
  public ResponseCache create(PluginContext context) {
    return cache.over(new TwinServer(server), context);
  }
}
