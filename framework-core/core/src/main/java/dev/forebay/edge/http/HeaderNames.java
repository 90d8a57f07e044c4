package dev.forebay.edge.http;

import io.vertx.core.http.HttpHeaders;

/**
 * Names of headers of the gateway's own, with their hashes: looking one up is done for each
 * request.
 */
final class HeaderNames {

  static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  static final CharSequence BACKEND = HttpHeaders.createOptimized("x-forebay-backend");
  static final CharSequence SESSION = HttpHeaders.createOptimized("x-forebay-session");
  static final CharSequence PRIORITY = HttpHeaders.createOptimized("x-forebay-priority");
  static final CharSequence CACHE = HttpHeaders.createOptimized("x-forebay-cache");
  static final CharSequence DEADLINE = HttpHeaders.createOptimized("x-forebay-deadline-ms");

  private HeaderNames() {}
}
