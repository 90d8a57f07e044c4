package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a caller is told about trying again, by how it ended. */
class RetryAdviceTest {

  @ParameterizedTest
  @CsvSource({
    // status, code, reason, wait in ms, exhausted | should retry, retry-after, retry-after-ms
    "REFUSED, 429, rate_limited, 1500, false, true, 2, 1500",
    "SATURATED, 503, queue_full, -1, false, true, 1,",
    "SATURATED, 503, account_out, -1, false, false, 1,",
    "SATURATED, 503, outranked, 60000, false, false, 60, 60000",
    "SATURATED, 504, not_cached, -1, false, false,,",
    "CALLER_FAULT, 400, upstream_400, -1, false, false,,",
    "CALLER_FAULT, 409, upstream_409, -1, false, false,,",
    "TIMED_OUT, 504, deadline, -1, false, false,,",
    "INTERNAL, 500, internal, -1, false, false,,",
    "OVERLOADED, 503, overloaded, -1, false,, 1,",
    "OVERLOADED, 503, overloaded, -1, true, false, 1,",
    "OVERLOADED, 502, reset, -1, true, false,,",
    "THROTTLED, 503, upstream_429, 30000, true, true, 30, 30000",
    "ACCOUNT_OUT, 503, upstream_402, -1, true, false, 1,",
  })
  void itSaysWhatHelps(
      Status status,
      int code,
      String reason,
      long waitMillis,
      boolean exhausted,
      String again,
      String after,
      String afterMillis) {
    Failure failure = Failure.of(status, code, reason, "");
    if (waitMillis > 0) {
      failure = failure.retryAfter(Duration.ofMillis(waitMillis).toNanos());
    }
    if (exhausted) {
      failure = failure.exhaust();
    }
    Map<String, String> headers = RetryAdvice.headers(failure, code);
    assertEquals(again, headers.get("x-should-retry"));
    assertEquals(after, headers.get("retry-after"));
    assertEquals(afterMillis, headers.get("retry-after-ms"));
  }
}
