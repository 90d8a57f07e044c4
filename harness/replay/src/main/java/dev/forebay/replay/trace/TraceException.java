package dev.forebay.replay.trace;

/**
 * A trace that cannot be read; the message is one line that names the place and what was expected.
 */
public final class TraceException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 60;

  /** With one clear line. */
  public TraceException(String message) {
    super(message);
  }

  /** A value as an error shows it: on one line, quoted, cut after 60 characters. */
  static String quoted(String value) {
    String cut = value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…";
    return "'" + cut.replaceAll("\\p{Cntrl}", "?") + "'";
  }
}
