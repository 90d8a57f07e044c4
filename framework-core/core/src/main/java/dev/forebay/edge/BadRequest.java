package dev.forebay.edge;

import org.jspecify.annotations.Nullable;

/** A request that is answered with an error of the edge itself, before the chain sees it. */
public final class BadRequest extends RuntimeException {

  private static final long serialVersionUID = 1;

  public final int httpStatus;
  public final String code;
  public final @Nullable String param;
  public final String text;

  public BadRequest(int httpStatus, String code, @Nullable String param, String text) {
    super(text, null, false, false);
    this.httpStatus = httpStatus;
    this.code = code;
    this.param = param;
    this.text = text;
  }

  public static BadRequest invalid(@Nullable String param, String text) {
    return new BadRequest(400, "invalid_request", param, text);
  }
}
