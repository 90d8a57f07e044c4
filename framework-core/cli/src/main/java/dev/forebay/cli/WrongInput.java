package dev.forebay.cli;

import org.jspecify.annotations.Nullable;

/** Arguments or a file are wrong: one clear line, exit code 2. */
final class WrongInput extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With the line to show. */
  public WrongInput(String message) {
    super(message);
  }

  /**
   * Refuses a value of an option.
   *
   * @param holds whether it is right
   * @param expected what it must be
   * @throws WrongInput if it is wrong
   */
  static void unless(boolean holds, String option, @Nullable Object value, String expected) {
    if (!holds) {
      throw new WrongInput(option + ": " + value + " (expected: " + expected + ")");
    }
  }
}
