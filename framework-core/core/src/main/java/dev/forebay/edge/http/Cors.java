package dev.forebay.edge.http;

import dev.forebay.edge.BadRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells browsers which pages of other origins may ask (CORS, WHATWG Fetch), answers what they ask
 * beforehand, and refuses all other pages what costs something: a browser sends a {@code POST} of a
 * "simple" content type without asking beforehand, and keeps only its answer from the page. All
 * request headers are allowed, for clients send many of their own; cookies never.
 */
final class Cors {

  private static final String EXPOSED =
      "x-request-id, x-forebay-backend, x-forebay-model, x-forebay-cache, x-forebay-attempts,"
          + " x-forebay-cost, x-forebay-reason, retry-after, retry-after-ms, x-should-retry";
  private static final Pattern NAMES = Pattern.compile("[A-Za-z0-9_-]+(?:, ?[A-Za-z0-9_-]+){0,99}");

  private final @Nullable CorsOptions options;

  /** By options; without any, no page is named. */
  Cors(@Nullable CorsOptions options) {
    this.options = options;
  }

  /** Adds headers to the answer, and says whether the request is answered with that. */
  boolean answers(HttpServerRequest request) {
    CorsOptions named = options;
    String origin = WebPages.origin(request);
    boolean allowed = named != null && allowed(named, origin);
    if (named != null) {
      request.response().putHeader("vary", "origin");
    }
    if (named != null && allowed && origin != null) {
      HttpServerResponse response = request.response();
      response.putHeader("access-control-allow-origin", origin);
      response.putHeader("access-control-expose-headers", EXPOSED);
      if (request.method() == HttpMethod.OPTIONS
          && request.getHeader("access-control-request-method") != null) {
        before(request, response, named);
        return true;
      }
    }
    boolean refused = !allowed && WebPages.acts(request.method()) && isForeign(request);
    if (refused) {
      refuse(request, origin);
    }
    return refused;
  }

  private static boolean isForeign(HttpServerRequest request) {
    return WebPages.foreign(request, WebPages.hostIsSure(request));
  }

  private static boolean allowed(CorsOptions options, @Nullable String origin) {
    return options.origins().contains("*")
        ? !"".equals(origin)
        : origin != null && options.origins().contains(origin);
  }

  private static void refuse(HttpServerRequest request, @Nullable String origin) {
    String page = origin == null || origin.isEmpty() ? "another origin" : Json.shown(origin);
    String text =
        "Origin: a page of "
            + page
            + " may not ask (expected: a program, or an origin in http.cors.origins)";
    Errors.write(request.response(), new BadRequest(403, "origin_not_allowed", null, text));
  }

  private static void before(
      HttpServerRequest request, HttpServerResponse response, CorsOptions options) {
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
