package dev.forebay.net;

/** An answer that could be read in two ways, or that answers no request: its connection closes. */
public final class InvalidAnswerException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final boolean unsent;

  InvalidAnswerException(String message) {
    this(message, false);
  }

  /**
   * An answer that is not used.
   *
   * @param message what is wrong with it, without anything of its text
   * @param unsent see {@link #unsent()}
   */
  InvalidAnswerException(String message, boolean unsent) {
    super(message, null, false, false);
    this.unsent = unsent;
  }

  /**
   * Whether the request was not wholly sent when its connection turned out to be unusable: nobody
   * has processed it, so it can be sent again.
   */
  public boolean unsent() {
    return unsent;
  }
}
