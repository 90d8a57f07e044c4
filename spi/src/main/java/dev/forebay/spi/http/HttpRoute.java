package dev.forebay.spi.http;

import io.vertx.core.Future;

/**
 * A route: what is answered to requests of a method and path.
 *
 * @param method in upper case, such as {@code GET}, which answers HEAD as well
 * @param path such as {@code /jobs/:id}: words between slashes, of letters, digits, {@code .},
 *     {@code _}, {@code ~} and {@code -}; one that begins with a colon names a parameter, which
 *     stands for any one word
 * @param maxBody bytes of a request's body at most, 0 to 1 GiB; callers' bodies are bounded by
 *     {@code http.max-body} as well
 * @param handler answers
 */
public record HttpRoute(String method, String path, long maxBody, Handler handler) {

  private static final long MOST_BODY = 1L << 30;

  /** Answers requests. */
  @FunctionalInterface
  public interface Handler {

    /**
     * Answers a request. On the gateway's timeline, one at a time, so it must not block: what takes
     * long is done elsewhere.
     *
     * @return the answer, within 60 s; a {@link dev.forebay.spi.Failure} becomes an error of its
     *     HTTP status, and any other failure a 500
     */
    Future<RouteAnswer> handle(RouteRequest request);
  }

  /** Checks. */
  public HttpRoute {
    if (!method.matches("[A-Z]{1,20}")) {
      throw new IllegalArgumentException("method: " + method + " (expected: such as GET)");
    }
    if (!path.matches("(/:?[\\w.~-]+)+")) {
      throw new IllegalArgumentException(
          "path: " + path + " (expected: such as /jobs/:id, without a slash at its end)");
    }
    if (maxBody < 0 || maxBody > MOST_BODY) {
      throw new IllegalArgumentException(
          "maxBody: " + maxBody + " (expected: 0 to " + MOST_BODY + " bytes)");
    }
  }

  /** A route of GET. */
  public static HttpRoute get(String path, Handler handler) {
    return new HttpRoute("GET", path, 0, handler);
  }

  /** A route of POST, for bodies of so many bytes at most. */
  public static HttpRoute post(String path, long maxBody, Handler handler) {
    return new HttpRoute("POST", path, maxBody, handler);
  }
}
