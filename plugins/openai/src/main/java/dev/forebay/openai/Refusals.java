package dev.forebay.openai;

import dev.forebay.dialect.Faults;
import dev.forebay.net.InvalidAnswerException;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What refusals and broken connections of an upstream mean. */
final class Refusals {

  private static final long NANOS_PER_MILLI = 1_000_000;

  private Refusals() {}

  /**
   * The failure that a status other than 2xx stands for.
   *
   * @param body what came with it, as far as it was read; null for nothing
   * @param epochMillis now, for a Retry-After that is a date
   */
  static Failure of(int status, MultiMap headers, @Nullable Buffer body, long epochMillis) {
    Failure failure = Faults.of(status, body);
    long millis =
        RetryAfter.millis(headers.get("retry-after-ms"), headers.get("retry-after"), epochMillis);
    boolean out = failure.status() == Status.ACCOUNT_OUT && failure.retryAfterNanos() <= 0;
    return millis < 0 || out ? failure : failure.retryAfter(millis * NANOS_PER_MILLI);
  }

  /** As {@link #of(Throwable)}, for a connection on which no answer has begun. */
  static Failure unanswered(Throwable thrown) {
    Failure failure = of(thrown);
    return failure.reason().equals("reset")
        ? failure.withDetail(
            "no answer came before the connection broke; the upstream may want TLS, or a client"
                + " certificate")
        : failure;
  }

  /** The failure that a broken connection, or none, stands for. Its words name no address. */
  static Failure of(Throwable thrown) {
    Throwable broken = InvalidAnswerException.unwrapped(thrown);
    if (broken instanceof Failure failure) {
      return failure;
    }
    if (broken instanceof DecoderException && broken.getCause() instanceof SSLException) {
      return of(broken.getCause());
    }
    if (broken instanceof SSLException && broken.getCause() instanceof IOException why) {
      return of(why); // Vert.x wraps why there is no connection, which may be its end, or the time
    }
    if (broken instanceof SSLException && !(broken instanceof SslHandshakeTimeoutException)) {
      return Failure.overloaded(502, "tls", "no trusted TLS connection to the upstream")
          .withDetail(TlsWords.of(broken));
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
    if (broken instanceof ConnectTimeoutException
        || broken instanceof SslHandshakeTimeoutException
        || broken instanceof TimeoutException) {
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
}
