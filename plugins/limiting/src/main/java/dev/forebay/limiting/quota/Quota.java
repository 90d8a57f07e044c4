package dev.forebay.limiting.quota;

import dev.forebay.limiting.rate.KeyedLimiter;
import dev.forebay.limiting.rate.Keys;
import dev.forebay.limiting.rate.Limit;
import dev.forebay.limiting.rate.Meter;
import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.rate.Rule;
import dev.forebay.limiting.rate.Shareable;
import dev.forebay.limiting.rate.Units;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What may be used in an hour, day or month of the calendar (UTC): requests per day, money per
 * month. It is kept in memory: a gateway that starts anew begins with nothing used.
 *
 * @param name of the limit, in refusals and headers; by default that of the plugin
 * @param of what it counts
 * @param per whose requests count together
 * @param andPer what else is counted apart
 * @param limit requests, tokens or US dollars in a period
 * @param period the period of the calendar
 * @param own limits of their own, by the value of {@code per}
 * @param groupIpv6 whether the addresses of one IPv6 /64 network count as one; for {@code per: ip}
 * @param maxCallers how many callers are kept apart
 */
@RecordBuilder
@Doc("What may be used in an hour, day or month of the calendar (UTC).")
public record Quota(
    @Doc("the limit's name in refusals and headers: lower case, digits, hyphens") @Default("quota")
        String name,
    @Doc("what it counts") @Default("requests") Quantity of,
    @Doc("whose requests count together") @Default("tenant") Per per,
    @Doc("what else is counted apart, beside per") @Default("[]") List<Per> andPer,
    @Doc("requests, tokens or US dollars in a period") @Range(min = 1e-6, max = 1e12) double limit,
    @Doc("the period of the calendar, in UTC") @Default("day") Period period,
    @Doc("limits of their own, by the value of per, such as a tenant")
        @Default("{}")
        @Range(min = 1e-6, max = 1e12)
        Map<String, Double> own,
    @Doc("whether the addresses of one IPv6 /64 network count as one") @Default("true")
        boolean groupIpv6,
    @Doc("how many callers are kept apart; beyond, new ones are counted together by their hash")
        @Default("100000")
        @Range(min = 1, max = 10_000_000)
        @Unit("callers")
        int maxCallers)
    implements Plugin<RateLimiter>, Shareable<Long>, QuotaBuilder.With {

  private static final long NANOS_PER_MILLI = 1_000_000;

  /** A period of the calendar. */
  public enum Period {
    /** An hour. */
    HOUR,
    /** A day. */
    DAY,
    /** A month. */
    MONTH
  }

  /** Copies. */
  public Quota {
    andPer = List.copyOf(andPer);
    own = Collections.unmodifiableMap(new LinkedHashMap<>(own));
  }

  /** What each tenant may use in a period. */
  public static Quota of(Quantity what, double limit, Period period) {
    return Options.defaults(Quota.class, Map.entry("limit", limit)).withOf(what).withPeriod(period);
  }

  @Override
  public RateLimiter create(PluginContext context) {
    return counting(context);
  }

  @Override
  public KeyedLimiter.Setup setup() {
    return Limit.setup(this, of, new Keys(per, andPer, groupIpv6), maxCallers, 0);
  }

  @Override
  public Rule<Long> rule() {
    return new Accounts(new Calendar(period));
  }

  @Override
  public LongSupplier clock(PluginContext context) {
    return () -> context.timeline().epochMillis() * NANOS_PER_MILLI;
  }

  @Override
  public Terms terms(Long limit) {
    return new Periodic(limit, Names.kebab(period.name()));
  }

  @Override
  public Long share(Long limit, double share) {
    return Shareable.partOf(limit, share);
  }

  private final class Accounts implements Rule<Long> {
    private final Calendar calendar;

    Accounts(Calendar calendar) {
      this.calendar = calendar;
    }

    @Override
    public Long limit() {
      return limit(limit);
    }

    @Override
    public Map<String, Long> own() {
      Map<String, Long> limits = new LinkedHashMap<>();
      own.forEach((key, each) -> limits.put(key, limit(each)));
      return limits;
    }

    @Override
    public Long limit(double quota) {
      return Units.of(of, quota);
    }

    @Override
    public Meter<Long> meter(Long most, long now) {
      return new Account(calendar, most, now);
    }
  }
}
