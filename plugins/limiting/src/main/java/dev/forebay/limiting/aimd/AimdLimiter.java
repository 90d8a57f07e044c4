package dev.forebay.limiting.aimd;

import dev.forebay.limiting.permits.CountingLimiter;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;

/** The limit and the number of its decreases, by which a request knows whether it began before. */
final class AimdLimiter extends CountingLimiter {

  private final Aimd options;
  private double limit;
  private int decreases;

  AimdLimiter(Aimd options, PluginContext context) {
    super(context);
    this.options = options;
    this.limit = initial(options.initial(), options.min(), options.max());
  }

  @Override
  public int limit() {
    return (int) limit;
  }

  @Override
  protected int began(int requests) {
    return decreases;
  }

  @Override
  protected void ended(Outcome outcome, int requests, int mark) {
    boolean overload =
        outcome.status().signal() == Status.Signal.CONGESTION
            || outcome.timings().timeToFirstContentNanos() > options.firstContent().toNanos();
    if (overload && mark == decreases) {
      decreases++;
      limit = Math.max(options.min(), limit * options.backoff());
    } else if (!overload && requests >= limit / 2) {
      limit = Math.min(options.max(), limit + 1 / limit);
    }
  }
}
