package dev.forebay.redis.limits;

import dev.forebay.limiting.limits.Limits;
import dev.forebay.limiting.rate.KeyedLimiter;
import dev.forebay.limiting.rate.Limit;
import dev.forebay.limiting.rate.Shareable;
import dev.forebay.redis.RedisScripts;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.RateLimiter;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Limits that several gateways share: what all of them admit together stays within each limit. Each
 * gateway decides by itself on credit that it leases from a Redis ahead of need; a caller's first
 * request, and one that finds no credit, waits for one round trip.
 *
 * <p>While the Redis is gone, and after it has come back without its data, each gateway admits
 * {@code localShare} of each limit by itself: N gateways go over a limit by N times that share at
 * most. No request waits for a Redis that is gone.
 *
 * <p>Without a network, as in virtual time, there is one gateway: it counts by itself.
 *
 * @param limit token-bucket, sliding-window, quota, or limits of these
 * @param redis where it is counted
 * @param lease how long a gateway may use what it has leased; what is not used is given back
 * @param localShare share of each limit that a gateway admits while the Redis is gone
 */
@RecordBuilder
@Doc("Limits that several gateways share by a Redis: leased ahead of need, and decided locally.")
public record Shared(
    @Doc("What is shared: token-bucket, sliding-window, quota, or limits of these.")
        Plugin<RateLimiter> limit,
    @Doc("The Redis that counts.") @Default("{}") Connection redis,
    @Doc("How long a gateway may use what it has leased; the rest is given back then.")
        @Default("1s")
        @Range(min = 0.01, max = 60)
        Duration lease,
    @Doc(
            "Share of each limit that each gateway admits by itself while the Redis is gone, or"
                + " has lost its data: N gateways go over a limit by N times as much at most.")
        @Default("0.2")
        @Range(min = 0.001, max = 1)
        double localShare)
    implements Plugin<RateLimiter>, SharedBuilder.With {

  /** A limit, or several, that gateways share by a Redis. */
  public static Shared of(Plugin<RateLimiter> limit, Connection redis) {
    return Options.defaults(Shared.class, Map.entry("limit", limit)).withRedis(redis);
  }

  @Override
  public RateLimiter create(PluginContext context) {
    check(limit);
    Optional<RedisScripts.Connector> connector = RedisScripts.connector(context);
    if (connector.isEmpty()) {
      return limit.create(context);
    }
    LeaseStore store = new LeaseStore(this, connector.get(), context);
    return new SharedLimiter(shared(limit, store).create(context), store);
  }

  private static void check(Plugin<RateLimiter> plugin) {
    @Nullable Record options = Plugins.options(plugin);
    if (options instanceof Limits limits) {
      limits.each().forEach(Shared::check);
    } else if (!(options instanceof Shareable<?>)) {
      throw new IllegalArgumentException(
          "limit: "
              + Plugins.name(plugin)
              + " (expected: token-bucket, sliding-window, quota, or limits of these)");
    }
  }

  private Plugin<RateLimiter> shared(Plugin<RateLimiter> plugin, LeaseStore store) {
    @Nullable Record options = Plugins.options(plugin);
    if (options instanceof Limits limits) {
      List<Plugin<RateLimiter>> each =
          limits.each().stream().map(one -> shared(one, store)).toList();
      return limits.withEach(each);
    }
    return new Part<>((Shareable<?>) Objects.requireNonNull(options), store, localShare);
  }

  /** One limit; it has its name, so that those of one name are refused. */
  private record Part<L>(Shareable<L> limit, LeaseStore store, double localShare)
      implements Plugin<RateLimiter>, Limit {

    @Override
    public String name() {
      return limit.name();
    }

    @Override
    public RateLimiter create(PluginContext context) {
      return new KeyedLimiter<>(
          limit.setup(), new SharedRule<>(limit, store, localShare), limit.clock(context), context);
    }
  }
}
