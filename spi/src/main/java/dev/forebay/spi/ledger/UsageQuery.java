package dev.forebay.spi.ledger;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which usage is asked for.
 *
 * @param tenant whose; null for all tenants
 * @param from the first day, in UTC
 * @param to the last day, in UTC, not before {@code from}; at most ten years after it
 * @param by what tells groups apart
 */
public record UsageQuery(@Nullable String tenant, LocalDate from, LocalDate to, Grouping by) {

  private static final int MOST_YEARS = 10;

  /** What tells groups apart. */
  public enum Grouping {
    /** Whose requests they were. */
    TENANT,
    /** The day in UTC on which they ended. */
    DAY,
    /** The model that callers named. */
    MODEL,
    /** The API key. */
    KEY,
    /** What answered. */
    BACKEND,
    /** How they ended. */
    OUTCOME,
    /** The end user. */
    USER;

    /** The group of a record. */
    public String of(UsageRecord record) {
      return switch (this) {
        case TENANT -> record.tenant();
        case DAY -> day(record.epochMillis()).toString();
        case MODEL -> record.model();
        case KEY -> record.keyId();
        case BACKEND -> record.backend();
        case OUTCOME -> record.outcome().name().toLowerCase(Locale.ROOT);
        case USER -> record.user();
      };
    }
  }

  /** Checks. */
  public UsageQuery {
    if (to.isBefore(from) || to.isAfter(from.plusYears(MOST_YEARS))) {
      throw new IllegalArgumentException(
          "to: " + to + " (expected: " + from + " or later, within ten years)");
    }
  }

  /** Whether a record is asked for. */
  public boolean matches(UsageRecord record) {
    LocalDate day = day(record.epochMillis());
    return (tenant == null || tenant.equals(record.tenant()))
        && !day.isBefore(from)
        && !day.isAfter(to);
  }

  /** The day in UTC of a time in milliseconds since 1970. */
  public static LocalDate day(long epochMillis) {
    return Instant.ofEpochMilli(epochMillis).atZone(ZoneOffset.UTC).toLocalDate();
  }
}
