package dev.forebay.redis.limits;

import dev.forebay.limiting.fixed.Fixed;
import dev.forebay.redis.RedisScripts;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * So many requests at once over all gateways that spend an account, as DeepSeek limits accounts:
 * {@code fixed}, with slots that each gateway leases from a Redis. A slot is held as long as its
 * request is under way; the gateway renews its slots in quarters of the expiry. If a gateway dies,
 * its slots are free after the expiry, of which one and a half may pass if nobody else asks.
 *
 * <p>While the Redis is gone, a gateway goes on with the slots that it holds, or with {@code
 * localShare} of the limit if that is more. A gateway that cannot reach the Redis for the expiry,
 * while others can, is taken for dead.
 *
 * <p>Without a network, as in virtual time, there is one gateway: it counts by itself.
 *
 * @param account gateways of one account share the slots
 * @param limit requests under way at once, over all gateways
 * @param redis where they are counted
 * @param expiry after which a gateway that does not renew its slots is taken for dead
 * @param localShare share of the limit that a gateway admits while the Redis is gone
 */
@RecordBuilder
@Doc("So many requests at once over all gateways that spend an account, by slots from a Redis.")
public record SharedFixed(
    @Doc("Name of the account; gateways of one account share the slots.") String account,
    @Doc("Requests under way at once, over all gateways.")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int limit,
    @Doc("The Redis that counts.") @Default("{}") Connection redis,
    @Doc("After how long a gateway that does not renew its slots is taken for dead.")
        @Default("30s")
        @Range(min = 0.1, max = 3_600)
        Duration expiry,
    @Doc(
            "Share of the limit that each gateway admits while the Redis is gone: N gateways go"
                + " over it by N times as much at most.")
        @Default("0.2")
        @Range(min = 0.001, max = 1)
        double localShare)
    implements Plugin<ConcurrencyLimiter>, SharedFixedBuilder.With {

  private static final int LONGEST_NAME = 200;

  /** Slots of an account. */
  public static SharedFixed of(String account, int limit, Connection redis) {
    return Options.defaults(
            SharedFixed.class, Map.entry("account", account), Map.entry("limit", limit))
        .withRedis(redis);
  }

  @Override
  public ConcurrencyLimiter create(PluginContext context) {
    if (account.isEmpty() || account.length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "account: " + account.length() + " characters (expected: 1 to " + LONGEST_NAME + ")");
    }
    Optional<RedisScripts.Connector> connector = RedisScripts.connector(context);
    return connector.isEmpty()
        ? Fixed.limit(limit).create(context)
        : new Slots(this, connector.get(), context);
  }
}
