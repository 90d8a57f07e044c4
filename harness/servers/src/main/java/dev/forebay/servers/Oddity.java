package dev.forebay.servers;

/** What can be wrong with the text of a scripted answer. */
public enum Oddity {
  /** An error status with an error in JSON, in HTML, or nothing. */
  ERROR_STATUS,
  /** Status 200 and {@code {"error": …}}, whole or as the first event. */
  ERROR_INSTEAD,
  /** Status 200 and {@code {"code": …, "message": …}}, whole or as the first event. */
  CODE_INSTEAD,
  /** An event {@code {"error": …}} after content. */
  ERROR_AFTER_CONTENT,
  /** An event without {@code choices} after content, which tells of an error. */
  CODE_AFTER_CONTENT,
  /** An event named {@code error}. */
  NAMED_ERROR,
  /** A finish reason that tells of an overload. */
  OVERLOADED,
  /** The same in the first of two choices; the second one is complete. */
  ONE_OVERLOADED,
  /** A finish reason that nobody knows. */
  UNKNOWN_REASON,
  /** Content and {@code [DONE]}, without a finish reason. */
  NO_REASON,
  /** Two choices of which one has no end, whether {@code [DONE]} follows or not. */
  ONE_UNFINISHED,
  /** A stream that ends after its finish reason, without {@code [DONE]}. */
  NO_DONE,
  /** JSON with a piece cut out. */
  MALFORMED,
  /** Another content type than that of the text, or none. */
  WRONG_LABEL,
  /** A whole answer for a stream, or the other way round. */
  OTHER_FORM,
  /** Nothing. */
  EMPTY
}
