package dev.forebay.limiting.fixed;

import dev.forebay.spi.ConcurrencyLimiter;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import dev.forebay.spi.Unit;

/** So many requests at once, and no more: for capacity that is known and does not change. */
public final class Fixed implements Provider<ConcurrencyLimiter, Fixed.Options> {

  private static final int LIMIT = 64;

  /**
   * Options.
   *
   * @param limit how many requests may be under way at once, at least 1
   */
  @Doc("So many requests at once, and no more: for capacity that is known and does not change.")
  public record Options(
      @Doc("how many requests may be under way at once")
          @Default("" + LIMIT)
          @Range(min = 1, max = 1_000_000)
          @Unit("requests")
          int limit) {

    /** The plugin with these options. */
    public Plugin<ConcurrencyLimiter> plugin() {
      return Plugin.of(new Fixed(), this);
    }
  }

  /** The defaults: 64 requests. */
  public static Options defaults() {
    return new Options(LIMIT);
  }

  /** A limit of that many requests. */
  public static Options limit(int requests) {
    return new Options(requests);
  }

  @Override
  public Class<ConcurrencyLimiter> kind() {
    return ConcurrencyLimiter.class;
  }

  @Override
  public String name() {
    return "fixed";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ConcurrencyLimiter create(Options options, PluginContext context) {
    return new FixedLimiter(options.limit(), context);
  }
}
