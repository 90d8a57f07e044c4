package dev.forebay.limiting.fixed;

import dev.forebay.limiting.permits.CountingLimiter;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;

/** A limit that learns nothing. */
final class FixedLimiter extends CountingLimiter {

  private final int limit;

  FixedLimiter(int limit, PluginContext context) {
    super(context);
    this.limit = limit;
  }

  @Override
  public int limit() {
    return limit;
  }

  @Override
  protected void ended(Outcome outcome, int requests, int mark) {
    // nothing to learn
  }
}
