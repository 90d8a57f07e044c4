package dev.forebay.edge.http;

import dev.forebay.spi.Failure;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a caller is told about trying again, in the headers that OpenAI's clients obey: {@code
 * x-should-retry}, {@code retry-after-ms} and {@code retry-after}. By themselves they try twice
 * more after a 408, 409, 429 or 5xx; behind a gateway that tries again itself, that multiplies the
 * work just when there is too much of it.
 */
final class RetryAdvice {

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long MILLIS_PER_SECOND = 1_000;

  /** Lacks of capacity that last: another try would meet the same. */
  private static final Set<String> FUTILE = Set.of("account_out", "outranked");

  private RetryAdvice() {}

  /** Adds the headers to an error. */
  static void write(HttpServerResponse response, Failure failure, int httpStatus) {
    headers(failure, httpStatus).forEach(response::putHeader);
  }

  /** The headers for a failure that the caller sees under a status. */
  static Map<String, String> headers(Failure failure, int httpStatus) {
    Map<String, String> headers = new LinkedHashMap<>();
    boolean later = httpStatus == 429 || httpStatus == 503;
    if (later) {
      long millis = Math.max(1, ceil(failure.retryAfterNanos(), NANOS_PER_MILLI));
      if (failure.retryAfterNanos() > 0) {
        headers.put("retry-after-ms", Long.toString(millis));
      }
      headers.put("retry-after", Long.toString(ceil(millis, MILLIS_PER_SECOND)));
    }
    String again = again(failure, later);
    if (again != null) {
      headers.put("x-should-retry", again);
    }
    return headers;
  }

  /** Whether trying again makes sense; null where the gateway has no opinion of it. */
  private static @Nullable String again(Failure failure, boolean later) {
    return switch (failure.status()) {
      case REFUSED, SATURATED -> later && !FUTILE.contains(failure.reason()) ? "true" : "false";
      case CALLER_FAULT, CONTEXT_LENGTH, MODEL_MISSING, INTERNAL, TIMED_OUT -> "false";
      case ACCOUNT_OUT -> failure.exhausted() ? "false" : null;
      default -> {
        if (later && failure.retryAfterNanos() > 0) {
          yield "true"; // it says when there is room again
        }
        yield failure.exhausted() ? "false" : null;
      }
    };
  }

  private static long ceil(long value, long unit) {
    return value / unit + (value % unit > 0 ? 1 : 0);
  }
}
