package dev.forebay.ledger;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageLedger.Audited;
import dev.forebay.spi.ledger.UsageQuery;
import io.vertx.core.AsyncResult;
import java.time.LocalDate;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The drift between records and counts of today and yesterday, as metrics; looked at when it
 * begins, and once a minute. What records lack and what they have beyond the counts are told apart:
 * the first is so while records wait in an outbox, and for a moment after each request; the second
 * stays until the days are over if a gateway was killed before it said what it had counted.
 */
final class Drift {

  private static final long EVERY_NANOS = 60_000_000_000L;

  private final UsageLedger ledger;
  private final Timeline timeline;
  private long next;
  private boolean looking;
  private double tokens = Double.NaN;
  private double nanodollars = Double.NaN;
  private double uncountedTokens = Double.NaN;

  Drift(UsageLedger ledger, PluginContext context) {
    this.ledger = ledger;
    this.timeline = context.timeline();
    this.next = timeline.nanos();
    context.gauge("drift_tokens", () -> tokens);
    context.gauge("drift_nanodollars", () -> nanodollars);
    context.gauge("uncounted_tokens", () -> uncountedTokens);
  }

  void look() {
    if (looking || timeline.nanos() < next) {
      return;
    }
    looking = true;
    next = timeline.nanos() + EVERY_NANOS;
    LocalDate today = UsageQuery.day(timeline.epochMillis());
    ledger
        .audit(today.minusDays(1), today)
        .onComplete(
            result -> {
              looking = false;
              tokens = sum(result, Audited::driftTokens);
              nanodollars = sum(result, Audited::driftNanodollars);
              uncountedTokens = sum(result, each -> -each.driftTokens());
            });
  }

  /** The sum of what is above 0; NaN if nothing is known. */
  private static double sum(AsyncResult<List<Audited>> found, ToLongFunction<Audited> lacking) {
    return found.succeeded()
        ? found.result().stream().mapToLong(each -> Math.max(0, lacking.applyAsLong(each))).sum()
        : Double.NaN;
  }
}
