package dev.forebay.replay.trace;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;

/**
 * Azure/AzurePublicDataset, LLM inference traces of 2023 and 2024: {@code
 * TIMESTAMP,ContextTokens,GeneratedTokens}, stamps in wall time with or without an offset.
 */
final class AzureFormat implements TraceFormat {
  private static final DateTimeFormatter STAMP =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendPattern("[' ']['T']")
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .appendPattern("[XXX][XX]")
          .toFormatter();
  private static final int LAST_YEAR = 2200;

  @Override
  public String name() {
    return "azure";
  }

  @Override
  public String about() {
    return "Azure LLM inference traces 2023 and 2024 (CSV: TIMESTAMP, ContextTokens, GeneratedTokens)";
  }

  @Override
  public Trace read(String path, int limit, long seed) {
    TraceBuilder builder = new TraceBuilder(name(), path, limit);
    builder.carries.add(Carries.LENGTHS);
    try (Table table = new Table(path, "TIMESTAMP", "ContextTokens", "GeneratedTokens")) {
      while (!builder.full() && table.next()) {
        builder.add(
            TraceRequest.of(
                nanos(table), table.tokens("ContextTokens"), table.tokens("GeneratedTokens")));
      }
    }
    return builder.build();
  }

  /** Nanoseconds since 1970 UTC; without an offset the stamp is taken as UTC. */
  private static long nanos(Table table) {
    try {
      TemporalAccessor stamp = STAMP.parse(table.text("TIMESTAMP"));
      LocalDateTime local = LocalDateTime.from(stamp);
      if (local.getYear() < 1970 || local.getYear() > LAST_YEAR) {
        throw new DateTimeException("year");
      }
      int offset =
          stamp.isSupported(ChronoField.OFFSET_SECONDS) ? stamp.get(ChronoField.OFFSET_SECONDS) : 0;
      return (local.toEpochSecond(ZoneOffset.UTC) - offset) * 1_000_000_000L
          + stamp.get(ChronoField.NANO_OF_SECOND);
    } catch (DateTimeException e) {
      throw table.wrong("TIMESTAMP", "a time such as 2023-11-16 18:15:46.6805900");
    }
  }
}
