package dev.forebay.ledger;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageLedger.Audited;
import dev.forebay.spi.ledger.UsageQuery;
import java.time.LocalDate;
import java.util.List;

/**
 * The drift between records and counts of today and yesterday, as metrics; looked at when it
 * begins, and once a minute. While records wait in an outbox, and for a moment after each request,
 * it is not 0.
 */
final class Drift {

  private static final long EVERY_NANOS = 60_000_000_000L;

  private final UsageLedger ledger;
  private final Timeline timeline;
  private long next;
  private boolean looking;
  private double tokens = Double.NaN;
  private double nanodollars = Double.NaN;

  Drift(UsageLedger ledger, PluginContext context) {
    this.ledger = ledger;
    this.timeline = context.timeline();
    this.next = timeline.nanos();
    context.gauge("drift_tokens", () -> tokens);
    context.gauge("drift_nanodollars", () -> nanodollars);
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
              List<Audited> found = result.succeeded() ? result.result() : List.of();
              boolean known = result.succeeded();
              tokens = known ? sum(found, true) : Double.NaN;
              nanodollars = known ? sum(found, false) : Double.NaN;
            });
  }

  private static double sum(List<Audited> all, boolean ofTokens) {
    return all.stream()
        .mapToLong(each -> Math.abs(ofTokens ? each.driftTokens() : each.driftNanodollars()))
        .sum();
  }
}
