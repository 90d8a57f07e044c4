package dev.forebay.dialect;

/**
 * The work that reading an answer may do in one turn of an event loop. What is read counts; if the
 * share is used up, the rest waits for a later turn, however many pieces this turn brings.
 */
final class Share {

  /** Events and blank lines, or as many times {@link #TOKENS} tokens. */
  static final int STEPS = 1000;

  /** Names, values and brackets of JSON that count as one step. */
  static final int TOKENS = 40;

  static final int BYTES = 1 << 20;

  private final Runnable again;
  private long tokens;
  private long bytes;
  private boolean waiting;

  /**
   * A share.
   *
   * @param again asks for a later turn
   */
  Share(Runnable again) {
    this.again = again;
  }

  /** Counts an event, or a blank line. */
  void step() {
    tokens += TOKENS;
  }

  /** Counts what was read. */
  void read(long moreTokens, int moreBytes) {
    tokens += moreTokens;
    bytes += moreBytes;
  }

  /** Whether to wait for a later turn, which has been asked for. */
  boolean usedUp() {
    if (!waiting && (tokens >= (long) STEPS * TOKENS || bytes >= BYTES)) {
      waiting = true;
      again.run();
    }
    return waiting;
  }

  /** The later turn that was asked for, if any, has begun. */
  void renew() {
    if (waiting) {
      waiting = false;
      tokens = 0;
      bytes = 0;
    }
  }
}
