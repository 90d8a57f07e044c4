package dev.forebay.edge;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** Checks of a request's head, before anything is made of its body. */
final class RequestHead {

  private RequestHead() {}

  /**
   * Requires a body that is sent as it is. A compressed one is refused, not unpacked: a few bytes
   * can stand for gigabytes, and bodies are handed on byte for byte.
   *
   * @throws BadRequest 415 where the body is encoded
   */
  static void requirePlainBody(HttpServerRequest request) {
    boolean plain =
        request.headers().getAll(HttpHeaders.CONTENT_ENCODING).stream()
            .allMatch(encoding -> encoding.trim().equalsIgnoreCase("identity"));
    if (!plain) {
      request.response().putHeader("accept-encoding", "identity");
      throw new BadRequest(
          415,
          "unsupported_content_encoding",
          null,
          "Content-Encoding: this gateway takes no encoded bodies (expected: none, or identity)");
    }
  }
}
