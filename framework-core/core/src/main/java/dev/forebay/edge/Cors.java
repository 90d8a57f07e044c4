package dev.forebay.edge;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.regex.Pattern;

/**
 * Tells browsers which pages of other origins may ask (CORS, WHATWG Fetch), and answers what they
 * ask beforehand. All request headers are allowed, for clients send many of their own; cookies
 * never.
 */
final class Cors {

  private static final String EXPOSED =
      "x-request-id, x-forebay-backend, x-forebay-model, x-forebay-cache, x-forebay-attempts,"
          + " x-forebay-cost, x-forebay-reason, retry-after, retry-after-ms, x-should-retry";
  private static final Pattern NAMES = Pattern.compile("[A-Za-z0-9_-]+(?:, ?[A-Za-z0-9_-]+){0,99}");

  private final CorsOptions options;

  Cors(CorsOptions options) {
    this.options = options;
  }

  /** Adds headers to the answer, and says whether the request is answered with that. */
  boolean answers(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    response.putHeader("vary", "origin");
    String origin = request.getHeader("origin");
    if (origin != null && allowed(origin)) {
      response.putHeader("access-control-allow-origin", origin);
      response.putHeader("access-control-expose-headers", EXPOSED);
      if (request.method() == HttpMethod.OPTIONS
          && request.getHeader("access-control-request-method") != null) {
        before(request, response);
        return true;
      }
    }
    return false;
  }

  private boolean allowed(String origin) {
    return options.origins().contains(origin) || options.origins().contains("*");
  }

  private void before(HttpServerRequest request, HttpServerResponse response) {
    String names = request.getHeader("access-control-request-headers");
    if (names != null && NAMES.matcher(names).matches()) {
      response.putHeader("access-control-allow-headers", names);
    }
    response
        .putHeader("access-control-allow-methods", "GET, POST")
        .putHeader("access-control-max-age", Long.toString(options.maxAge().toSeconds()))
        .setStatusCode(204)
        .end();
  }
}
