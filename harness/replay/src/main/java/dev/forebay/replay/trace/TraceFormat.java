package dev.forebay.replay.trace;

/** A reader of one format of traces. */
interface TraceFormat {
  /** What stands before the colon, such as {@code azure}. */
  String name();

  /** One line: what the format is, and who publishes such traces. */
  String about();

  /**
   * Reads the first {@code limit} requests.
   *
   * @throws TraceException with one line, where the file is not such a trace
   */
  Trace read(String path, int limit, long seed);
}
