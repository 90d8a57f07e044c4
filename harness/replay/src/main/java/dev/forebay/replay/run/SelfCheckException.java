package dev.forebay.replay.run;

/** A run whose books do not balance: its figures are worth nothing. */
public final class SelfCheckException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** A failed check, in one line. */
  public SelfCheckException(String message) {
    super(message);
  }
}
