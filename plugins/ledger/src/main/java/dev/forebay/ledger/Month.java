package dev.forebay.ledger;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;

/**
 * A month of the calendar in UTC.
 *
 * @param name such as {@code 2026-11}
 * @param begins its first millisecond, since 1970
 * @param ends the first millisecond after it
 */
record Month(String name, long begins, long ends) {

  private static volatile Month last = new Month("", 0, 0);

  /** That of a time in milliseconds since 1970. From any thread. */
  static Month of(long epochMillis) {
    Month known = last;
    if (epochMillis >= known.begins && epochMillis < known.ends) {
      return known;
    }
    Month found = of(YearMonth.from(Instant.ofEpochMilli(epochMillis).atZone(ZoneOffset.UTC)));
    last = found;
    return found;
  }

  private static Month of(YearMonth month) {
    return new Month(month.toString(), begins(month), begins(month.plusMonths(1)));
  }

  private static long begins(YearMonth month) {
    return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
  }

  /** The one after it. */
  Month next() {
    return of(YearMonth.parse(name).plusMonths(1));
  }
}
