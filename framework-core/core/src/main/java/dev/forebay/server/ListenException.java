package dev.forebay.server;

/** A port cannot be had: it is in use, not allowed, or its host is not of this machine. */
public final class ListenException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /**
   * With the place, and why.
   *
   * @param option that says the port, such as {@code http.port}
   */
  public ListenException(String option, String host, int port, Throwable cause) {
    super("cannot listen on " + host + ":" + port + " (" + option + "): " + why(cause), cause);
  }

  private static String why(Throwable cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
