package dev.forebay.limiting.quota;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;

/**
 * Hours, days or months of the calendar, in UTC: when the present one began, and when it ends, in
 * nanoseconds since 1970.
 */
final class Calendar {

  private static final long NANOS = 1_000_000_000;

  private final Quota.Period period;
  private long begins;
  private long ends = Long.MIN_VALUE;

  Calendar(Quota.Period period) {
    this.period = period;
  }

  long begins(long now) {
    find(now);
    return begins;
  }

  long ends(long now) {
    find(now);
    return ends;
  }

  private void find(long now) {
    if (now < ends && now >= begins) {
      return;
    }
    ZonedDateTime at = Instant.ofEpochSecond(Math.floorDiv(now, NANOS)).atZone(ZoneOffset.UTC);
    ZonedDateTime from =
        switch (period) {
          case HOUR -> at.truncatedTo(ChronoUnit.HOURS);
          case DAY -> at.truncatedTo(ChronoUnit.DAYS);
          case MONTH -> at.truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1);
        };
    ZonedDateTime to =
        switch (period) {
          case HOUR -> from.plusHours(1);
          case DAY -> from.plusDays(1);
          case MONTH -> from.plusMonths(1);
        };
    begins = from.toEpochSecond() * NANOS;
    ends = to.toEpochSecond() * NANOS;
  }
}
