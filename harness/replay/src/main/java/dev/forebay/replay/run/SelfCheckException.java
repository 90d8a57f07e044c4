package dev.forebay.replay.run;

/**
 * A run that failed: its books do not balance, or a plugin threw. Its figures are worth nothing.
 */
public final class SelfCheckException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** A failed check, in one line. */
  public SelfCheckException(String message) {
    super(message);
  }

  /** A failed run, in one line, with what failed it. */
  public SelfCheckException(String message, Throwable cause) {
    super(message, cause);
  }
}
