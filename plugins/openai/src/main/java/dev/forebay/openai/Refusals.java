package dev.forebay.openai;

import dev.forebay.net.InvalidAnswerException;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.proxy.ProxyConnectException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** What statuses and broken connections of an upstream mean: the outcome table, in one place. */
final class Refusals {

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long MAX_RETRY_AFTER_MILLIS = 86_400_000;

  private Refusals() {}

  /**
   * The failure that a status other than 2xx stands for.
   *
   * @param epochMillis now, for a Retry-After that is a date
   */
  static Failure of(int status, MultiMap headers, long epochMillis) {
    Failure failure = of(status);
    long millis = retryAfterMillis(headers, epochMillis);
    return millis < 0 ? failure : failure.retryAfter(millis * NANOS_PER_MILLI);
  }

  /** The failure that a broken connection, or none, stands for. Its words name no address. */
  static Failure of(Throwable broken) {
    if (broken instanceof Failure failure) {
      return failure;
    }
    if (broken instanceof DecoderException && broken.getCause() instanceof SSLException) {
      return of(broken.getCause());
    }
    if (broken instanceof SSLException) {
      return Failure.overloaded(502, "tls", "no trusted TLS connection to the upstream");
    }
    if (broken instanceof ProxyConnectException) {
      return Failure.overloaded(502, "proxy", "the proxy makes no connection to the upstream");
    }
    if (broken instanceof TooLongFrameException) {
      return Failure.overloaded(502, "head_too_large", "the head of the upstream's answer is huge");
    }
    if (broken instanceof InvalidAnswerException invalid && !invalid.unsent()) {
      return Failure.overloaded(
          502, "invalid_answer", "the upstream's answer is no valid HTTP: " + broken.getMessage());
    }
    if (broken instanceof ConnectionPoolTooBusyException) {
      return Failure.overloaded(
          503, "connections_exhausted", "all connections to the upstream are taken");
    }
    if (broken instanceof ConnectTimeoutException || broken instanceof TimeoutException) {
      return Failure.overloaded(502, "connect_timeout", "no connection to the upstream in time");
    }
    if (broken instanceof UnknownHostException) {
      return Failure.overloaded(502, "unknown_host", "the upstream's host name is unknown");
    }
    if (broken instanceof ConnectException) {
      return Failure.overloaded(502, "refused", "the upstream refused the connection");
    }
    String kind = broken.getClass().getSimpleName();
    return Failure.overloaded(502, "reset", "the connection to the upstream broke (" + kind + ")");
  }

  private static Failure of(int status) {
    String reason = "upstream_" + status;
    String message = "the upstream answered " + status;
    return switch (status) {
      case 401, 402, 403 -> Failure.of(Status.ACCOUNT_OUT, 503, reason, message);
      case 429 -> Failure.of(Status.THROTTLED, 503, reason, message);
      case 408, 425, 500, 501, 502 -> Failure.overloaded(502, reason, message);
      case 504 -> Failure.overloaded(504, reason, message);
      default ->
          status >= 500
              ? Failure.overloaded(503, reason, message)
              : status >= 400
                  ? Failure.of(Status.CALLER_FAULT, status, reason, message)
                  : Failure.overloaded(502, reason, message);
    };
  }

  private static long retryAfterMillis(MultiMap headers, long epochMillis) {
    String millis = headers.get("retry-after-ms");
    String after = headers.get("retry-after");
    try {
      if (millis != null) {
        return bounded(Double.parseDouble(millis.trim()));
      }
      if (after != null) {
        return bounded(Double.parseDouble(after.trim()) * 1000);
      }
    } catch (NumberFormatException e) {
      return after == null ? -1 : untilDate(after, epochMillis);
    }
    return -1;
  }

  private static long untilDate(String date, long epochMillis) {
    try {
      ZonedDateTime when = ZonedDateTime.parse(date.trim(), DateTimeFormatter.RFC_1123_DATE_TIME);
      return bounded(when.toInstant().toEpochMilli() - (double) epochMillis);
    } catch (DateTimeException e) {
      return -1;
    }
  }

  private static long bounded(double millis) {
    return Double.isNaN(millis) ? -1 : (long) Math.clamp(millis, 0, MAX_RETRY_AFTER_MILLIS);
  }
}
