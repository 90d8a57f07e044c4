package dev.forebay.net;

import io.netty.handler.codec.http2.Http2Exception;

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

  /** What is wrong with an answer, without the exception of its HTTP/2 stream around it. */
  public static Throwable unwrapped(Throwable broken) {
    Throwable cause = broken instanceof Http2Exception ? broken.getCause() : null;
    return cause == null ? broken : cause;
  }

  /**
   * Whether the request was not wholly sent when its connection turned out to be unusable: nobody
   * has processed it, so it can be sent again.
   */
  public boolean unsent() {
    return unsent;
  }
}
