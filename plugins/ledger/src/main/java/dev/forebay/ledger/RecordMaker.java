package dev.forebay.ledger;

import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.RequestWatcher.Ended;
import dev.forebay.spi.ledger.UsageRecord;
import java.util.concurrent.atomic.AtomicLong;

/** Makes the record of a request that is over, with an id that no other has. From any thread. */
final class RecordMaker {

  private static final double NANODOLLARS = 1e9;

  /** A million dollars for one request: so that sums of them have room. */
  private static final long MOST_NANODOLLARS = 1_000_000_000_000_000L;

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final int BASE = 36;

  private final String start;
  private final Timeline timeline;
  private final AtomicLong made = new AtomicLong();

  /**
   * For a gateway.
   *
   * @param start tells this start of a gateway from all others
   */
  RecordMaker(String start, Timeline timeline) {
    this.start = start;
    this.timeline = timeline;
  }

  UsageRecord of(Ended request) {
    RequestInfo info = request.info();
    return new UsageRecord(
        start + "-" + Long.toString(made.getAndIncrement(), BASE),
        timeline.epochMillis(),
        info.caller().tenant(),
        info.caller().user(),
        info.caller().keyId(),
        info.model(),
        request.servedBy(),
        request.outcome().usage(),
        Math.clamp(Math.round(request.outcome().costUsd() * NANODOLLARS), 0, MOST_NANODOLLARS),
        request.outcome().status(),
        Math.max(0, request.nanos() / NANOS_PER_MILLI),
        request.cache(),
        request.job());
  }
}
