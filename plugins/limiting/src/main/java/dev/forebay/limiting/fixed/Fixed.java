package dev.forebay.limiting.fixed;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * So many requests at once, and no more: for capacity that is known and does not change.
 *
 * @param limit how many requests may be under way at once, at least 1
 */
@RecordBuilder
@Doc("So many requests at once, and no more: for capacity that is known and does not change.")
public record Fixed(
    @Doc("how many requests may be under way at once")
        @Default("64")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int limit)
    implements Plugin<ConcurrencyLimiter>, FixedBuilder.With {

  /** The defaults: 64 requests. */
  public static Fixed defaults() {
    return Options.defaults(Fixed.class);
  }

  /** A limit of that many requests. */
  public static Fixed limit(int requests) {
    return new Fixed(requests);
  }

  @Override
  public ConcurrencyLimiter create(PluginContext context) {
    return new FixedLimiter(limit, context);
  }
}
