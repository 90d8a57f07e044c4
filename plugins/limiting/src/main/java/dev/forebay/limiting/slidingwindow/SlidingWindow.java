package dev.forebay.limiting.slidingwindow;

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
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A limit of what is used in any window of a length, such as tokens per minute.
 *
 * <p>What was used counts for the window and up to a sixty-fourth of it more. So no window is over
 * the limit, but for what requests use beyond their reservations; and a caller alone reaches 64/65
 * of the limit, less what one request reserves. A key takes about 700 bytes.
 *
 * @param name of the limit, in refusals and headers; by default that of the plugin
 * @param of what it counts
 * @param per whose requests count together
 * @param andPer what else is counted apart
 * @param limit requests, tokens or US dollars in a window
 * @param window its length
 * @param own limits of their own, by the value of {@code per}
 * @param groupIpv6 whether the addresses of one IPv6 /64 network count as one; for {@code per: ip}
 * @param maxCallers how many callers are kept apart
 */
@RecordBuilder
@Doc("A limit of what is used in any window of a length, such as tokens per minute.")
public record SlidingWindow(
    @Doc("the limit's name in refusals and headers: lower case, digits, hyphens")
        @Default("sliding-window")
        String name,
    @Doc("what it counts") @Default("requests") Quantity of,
    @Doc("whose requests count together") @Default("tenant") Per per,
    @Doc("what else is counted apart, beside per") @Default("[]") List<Per> andPer,
    @Doc("requests, tokens or US dollars in a window") @Range(min = 1e-6, max = 1e12) double limit,
    @Doc("length of the window") @Default("1m") @Range(min = 0.001, max = 31_622_400)
        Duration window,
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
    implements Plugin<RateLimiter>, Shareable<WindowSize>, SlidingWindowBuilder.With {

  /** Copies. */
  public SlidingWindow {
    andPer = List.copyOf(andPer);
    own = Collections.unmodifiableMap(new LinkedHashMap<>(own));
  }

  /** A limit of tokens in any minute, for each tenant. */
  public static SlidingWindow tokensPerMinute(long tokens) {
    return of(Quantity.TOKENS, tokens, Duration.ofMinutes(1));
  }

  /** A limit of requests, tokens or US dollars within a time, for each tenant. */
  public static SlidingWindow of(Quantity what, double limit, Duration window) {
    return Options.defaults(SlidingWindow.class, Map.entry("limit", limit))
        .withOf(what)
        .withWindow(window);
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
  public Rule<WindowSize> rule() {
    return new Windows();
  }

  @Override
  public LongSupplier clock(PluginContext context) {
    return context.timeline()::nanos;
  }

  @Override
  public Terms terms(WindowSize limit) {
    return new Sliding(limit.limit(), limit.slotNanos(), WindowSize.SLOTS);
  }

  @Override
  public WindowSize share(WindowSize limit, double share) {
    return new WindowSize(Shareable.partOf(limit.limit(), share), limit.slotNanos());
  }

  private final class Windows implements Rule<WindowSize> {
    @Override
    public WindowSize limit() {
      return limit(limit);
    }

    @Override
    public Map<String, WindowSize> own() {
      Map<String, WindowSize> sizes = new LinkedHashMap<>();
      own.forEach((key, each) -> sizes.put(key, limit(each)));
      return sizes;
    }

    @Override
    public WindowSize limit(double quota) {
      return WindowSize.of(Units.of(of, quota), window.toNanos());
    }

    @Override
    public Meter<WindowSize> meter(WindowSize size, long now) {
      return new Window(size, now);
    }
  }
}
