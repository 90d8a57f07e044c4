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

  /** What nginx obeys, and other proxies: pass each event on at once, keep none. */
  static final CharSequence BUFFERING = HttpHeaders.createOptimized("x-accel-buffering");

  static final CharSequence NO = HttpHeaders.createOptimized("no");
  static final CharSequence NO_CACHE = HttpHeaders.createOptimized("no-cache");

  private HeaderNames() {}
}
