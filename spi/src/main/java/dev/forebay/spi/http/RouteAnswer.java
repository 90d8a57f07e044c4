package dev.forebay.spi.http;

import dev.forebay.spi.Headers;
import dev.forebay.spi.TokenStream;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * The answer of a route.
 *
 * @param status of HTTP, 200 to 599
 * @param headers its {@code content-type} and others; the length is added
 * @param body may be empty
 * @param stream what comes after the body, piece by piece, as it comes; null if nothing does. It is
 *     read on the gateway's timeline, as fast as the asker reads, and cancelled if the asker leaves
 *     or stops reading. One that is asked and says nothing for 60 s, not even that it waits, is cut
 *     off.
 */
public record RouteAnswer(int status, Headers headers, Buffer body, @Nullable TokenStream stream) {

  /** An answer that is whole. */
  public RouteAnswer(int status, Headers headers, Buffer body) {
    this(status, headers, body, null);
  }

  /** Checks. */
  public RouteAnswer {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("status: " + status + " (expected: 200 to 599)");
    }
  }

  /** An answer of a type. */
  public static RouteAnswer of(int status, String contentType, Buffer body) {
    return new RouteAnswer(status, Headers.of("content-type", contentType), body);
  }

  /** Server-sent events. */
  public static RouteAnswer events(TokenStream events) {
    Headers headers =
        Headers.of("content-type", "text/event-stream")
            .with("cache-control", "no-cache")
            .with("x-accel-buffering", "no");
    return new RouteAnswer(200, headers, Buffer.buffer(), events);
  }

  /** An answer in JSON. */
  public static RouteAnswer json(int status, Buffer body) {
    return of(status, "application/json", body);
  }
}
