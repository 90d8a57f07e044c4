package dev.forebay.core.cost;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * Hours of the week at which tokens cost more, or less.
 *
 * @param hours of the day in UTC, such as {@code 01:00-04:00}, the end excluded; {@code 24:00} ends
 *     a day
 * @param days of the week, in UTC, on which they begin
 * @param except dates, such as {@code 2026-10-01}, on which they do not count
 * @param factor how many times as much all three prices are
 */
@Doc("Hours of the week at which tokens cost more, or less.")
public record Tariff(
    @Doc("Hours of the day in UTC, such as 01:00-04:00, the end excluded.") List<String> hours,
    @Doc("Days of the week, in UTC.")
        @Default("[monday, tuesday, wednesday, thursday, friday, saturday, sunday]")
        List<DayOfWeek> days,
    @Doc("Dates on which they do not count, such as 2026-10-01.") @Default("[]")
        List<String> except,
    @Doc("How many times as much all three prices are.") @Default("2") @Range(min = 0, max = 1000)
        double factor) {

  private static final int MINUTES_PER_DAY = 24 * 60;

  /** Checks the hours and dates, and copies. */
  public Tariff {
    hours = List.copyOf(hours);
    days = List.copyOf(days);
    except = List.copyOf(except);
    hours.forEach(Tariff::minutes);
    except.forEach(Tariff::date);
  }

  /** Whether it covers a time, in milliseconds since 1970 UTC. */
  public boolean covers(long epochMillis) {
    OffsetDateTime time = Instant.ofEpochMilli(epochMillis).atOffset(ZoneOffset.UTC);
    int minute = time.getHour() * 60 + time.getMinute();
    if (!days.contains(time.getDayOfWeek()) || except.contains(time.toLocalDate().toString())) {
      return false;
    }
    for (String text : hours) {
      List<Integer> range = minutes(text);
      if (minute >= range.get(0) && minute < range.get(1)) {
        return true;
      }
    }
    return false;
  }

  /** The begin and the end, in minutes of the day. */
  private static List<Integer> minutes(String text) {
    String[] parts = text.split("-", -1);
    List<Integer> range = new ArrayList<>();
    try {
      for (String part : parts) {
        range.add(
            part.equals("24:00") ? MINUTES_PER_DAY : LocalTime.parse(part).toSecondOfDay() / 60);
      }
    } catch (DateTimeException e) {
      range.clear();
    }
    if (range.size() != 2 || range.get(0) >= range.get(1)) {
      throw new IllegalArgumentException(
          "hours: " + text + " (expected: HH:MM-HH:MM within a day, such as 01:00-04:00)");
    }
    return range;
  }

  private static void date(String text) {
    try {
      LocalDate.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "except: " + text + " (expected: a date, such as 2026-10-01)", e);
    }
  }
}
