package dev.forebay.core.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Mistakes;
import dev.forebay.config.Node;
import dev.forebay.config.OptionsReader;
import dev.forebay.spi.Usage;
import java.time.DayOfWeek;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PricesTest {

  private static long at(String time) {
    return Instant.parse(time).toEpochMilli();
  }

  /** 23 November 2026 is a Monday. */
  @ParameterizedTest
  @CsvSource({
    "2026-11-23T00:59:59Z, 1",
    "2026-11-23T01:00:00Z, 2",
    "2026-11-23T03:59:59Z, 2",
    "2026-11-23T04:00:00Z, 1",
    "2026-11-23T06:00:00Z, 2",
    "2026-11-27T09:59:59Z, 2",
    "2026-11-27T10:00:00Z, 1",
    "2026-11-28T02:00:00Z, 1",
    "2026-11-29T07:00:00Z, 1",
  })
  void deepSeekCostsTwiceAsMuchAtItsPeak(String time, double times) {
    assertEquals(
        new Price(0.003 * times, 0.15 * times, 0.60 * times),
        Prices.DEEPSEEK.of("deepseek-flash", at(time)));
    assertEquals(
        new Price(0.022 * times, 0.66 * times, 1.98 * times),
        Prices.DEEPSEEK.of("deepseek-v4-pro", at(time)));
  }

  @Test
  void aHolidayIsNoPeak() {
    Tariff peak =
        new Tariff(List.of("00:00-24:00"), List.of(DayOfWeek.THURSDAY), List.of("2026-10-01"), 3);
    assertFalse(peak.covers(at("2026-10-01T12:00:00Z")));
    assertTrue(peak.covers(at("2026-10-08T23:59:00Z")));
  }

  @Test
  void cachedTokensHaveAPriceOfTheirOwn() {
    Price price = Prices.DEEPSEEK.of("deepseek-flash", at("2026-11-28T02:00:00Z"));
    double usd = price.of(new Usage(1_000_000, 900_000, 500_000, 100_000));
    assertEquals(0.9 * 0.003 + 0.1 * 0.15 + 0.5 * 0.60, usd, 1e-12);
  }

  @Test
  void aModelOfOnesOwnComesBeforeThePresetAndOthersLast() {
    Prices prices =
        new Prices(
            Prices.Preset.DEEPSEEK,
            Map.of("deepseek-flash", new ModelPrice(null, 1, 2, List.of())),
            null,
            5.0,
            6.0,
            false);
    assertEquals(new Price(1, 1, 2), prices.of("deepseek-flash", 0));
    assertEquals(new Price(5, 5, 6), prices.of("other", 0));
    assertEquals(Price.FREE, Prices.DEEPSEEK.of("other", 0));
  }

  @Test
  void theyAreReadFromADocument() {
    String yaml =
        """
        preset: deepseek
        header: true
        prompt: 0.1
        output: 0.2
        models:
          local: { prompt: 0.01, output: 0.02, peaks: [{ hours: ["22:00-24:00"], factor: 1.5 }] }
        """;
    Mistakes mistakes = new Mistakes();
    Prices prices =
        Objects.requireNonNull(
            new OptionsReader()
                .read(Prices.class, Node.parse("p.yaml", yaml, name -> null), mistakes));
    assertEquals(List.of(), mistakes.all());
    assertTrue(prices.header());
    assertEquals(new Price(0.015, 0.015, 0.03), prices.of("local", at("2026-01-01T23:00:00Z")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"4:00-5:00", "05:00-04:00", "04:00", "04:00-25:00", "a-b"})
  void oddHoursAreRefused(String hours) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Tariff(List.of(hours), List.of(DayOfWeek.MONDAY), List.of(), 2));
  }

  @Test
  void halfAPriceIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Prices(Prices.Preset.NONE, Map.of(), null, 1.0, null, false));
  }
}
