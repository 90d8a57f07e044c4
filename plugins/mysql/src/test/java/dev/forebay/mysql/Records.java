package dev.forebay.mysql;

import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import dev.forebay.spi.ledger.UsageRecord;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** Records of many tenants, users, models and days. */
final class Records {

  static final LocalDate DAY = LocalDate.of(2026, 11, 30);

  private Records() {}

  static UsageRecord of(String run, int number) {
    return new UsageRecord(
        run + "-" + number,
        DAY.minusDays(number % 20).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli() + number,
        "tenant-" + number % 50,
        "user-" + number % 5000,
        "key-" + number % 100,
        "model-" + number % 7,
        "backend-" + number % 3,
        new Usage(100 + number % 10, number % 50, 20, 5, number % 10 == 0),
        number % 10 == 0 ? 0 : 1000 + number,
        Status.OK,
        number % 1000,
        number % 10 == 0 ? "hit" : "miss",
        "");
  }
}
