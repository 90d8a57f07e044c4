package dev.forebay.edge;

import org.jspecify.annotations.Nullable;

/** A request that is answered with an error of the edge itself, before the chain sees it. */
final class BadRequest extends RuntimeException {

  private static final long serialVersionUID = 1;

  final int httpStatus;
  final String code;
  final @Nullable String param;
  final String text;

  BadRequest(int httpStatus, String code, @Nullable String param, String text) {
    super(text, null, false, false);
    this.httpStatus = httpStatus;
    this.code = code;
    this.param = param;
    this.text = text;
  }

  static BadRequest invalid(@Nullable String param, String text) {
    return new BadRequest(400, "invalid_request", param, text);
  }
}
