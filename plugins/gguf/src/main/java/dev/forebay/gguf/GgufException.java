package dev.forebay.gguf;

import java.io.IOException;

/**
 * A file that is no GGUF, or a broken one: one line with the file, the place and what was expected.
 */
public final class GgufException extends IOException {

  private static final long serialVersionUID = 1;

  /** With the line to show. */
  public GgufException(String message) {
    super(message);
  }
}
