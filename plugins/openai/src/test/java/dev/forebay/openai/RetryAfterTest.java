package dev.forebay.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RetryAfterTest {

  /** Sun, 06 Nov 1994 08:49:00 GMT. */
  private static final long NOW = 784_111_740_000L;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        " | 7 | 7000",
        " | 0.5 | 500",
        " | 0 | 0",
        "1500 | | 1500",
        "1500.7 | 9 | 1500",
        "0 | 9 | 0",
        "soon | 9 | 9000",
        "-5 | 9 | 9000",
        "NaN | 9 | 9000",
        "'' | 9 | 9000",
        "soon | Sun, 06 Nov 1994 08:49:37 GMT | 37000",
        " | Sun, 06 Nov 1994 08:49:37 GMT | 37000",
        " | Sunday, 06-Nov-94 08:49:37 GMT | 37000",
        " | Sun Nov  6 08:49:37 1994 | 37000",
        " | Sun Nov 16 08:49:37 1994 | 600000",
        " | Monday, 06-Nov-94 08:49:37 GMT | 37000",
        " | Sun, 06 Nov 1994 08:48:37 GMT | 0",
        " | Tuesday, 01-Jan-69 00:00:00 GMT | 600000",
        " | 86400 | 600000",
        " | 99999999999999999999999 | 600000",
        "99999999999999999999999 | | 600000",
        " | soon | -1",
        " | -1 | -1",
        " | Infinity | -1",
        " | Sun, 99 Nov 1994 08:49:37 GMT | -1",
        " | | -1"
      })
  void everyForm(String inMillis, String after, long millis) {
    assertEquals(millis, RetryAfter.millis(inMillis, after, NOW));
  }
}
