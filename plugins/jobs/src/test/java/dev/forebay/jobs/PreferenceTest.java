package dev.forebay.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.spi.Headers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What callers write in {@code Prefer}, as RFC 7240 has it. */
class PreferenceTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          respond-async                      | 0
          Respond-Async                      | 0
          respond-async=""                   | 0
          respond-async; note=1              | 0
          respond-async, wait=10             | 10
          wait=10, respond-async             | 10
          respond-async, wait = 10           | 10
          respond-async, wait="10"           | 10
          respond-async, wait=10; note=2     | 10
          respond-async, wait=10, wait=20    | 10
          respond-async, wait=99999999999999 | 86400
          respond-async, wait=-1             | 0
          respond-async, wait=soon           | 0
          return=minimal, respond-async,     | 0
          """)
  void itIsReadAsTheRfcHasIt(String header, long seconds) {
    Preference preference = Preference.of(Headers.of("prefer", header));
    assertEquals(new Preference(Duration.ofSeconds(seconds)), preference);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          wait=10
          respond-asynchronously
          respond-async=no
          note="a, respond-async"
          note="a, respond-async
          ""
          ,;=
          """)
  void othersWantTheirAnswerNow(String header) {
    assertEquals(null, Preference.of(Headers.of("prefer", header)));
  }

  @Test
  void severalHeadersAreOne() {
    Headers two =
        Headers.copyOf(
            List.of(Map.entry("prefer", "wait=3"), Map.entry("Prefer", "respond-async, wait=5")));
    assertEquals(new Preference(Duration.ofSeconds(3)), Preference.of(two));
  }
}
