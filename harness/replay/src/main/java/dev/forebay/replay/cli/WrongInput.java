package dev.forebay.replay.cli;

/** Arguments or a file are wrong: one clear line, exit code 2. */
public final class WrongInput extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With the line to show. */
  public WrongInput(String message) {
    super(message);
  }
}
