package dev.forebay.spi.http;

import dev.forebay.spi.Headers;
import io.vertx.core.buffer.Buffer;

/**
 * The answer of a route.
 *
 * @param status of HTTP, 200 to 599
 * @param headers its {@code content-type} and others; the length is added
 * @param body may be empty
 */
public record RouteAnswer(int status, Headers headers, Buffer body) {

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

  /** An answer in JSON. */
  public static RouteAnswer json(int status, Buffer body) {
    return of(status, "application/json", body);
  }
}
