package dev.forebay.replay.warm;

import java.io.IOException;

/** What a warm-up warms. */
interface Target {

  /** How it answered. */
  enum Answer {
    /** It has the answer now. */
    STORED,
    /** It had it already. */
    HIT,
    /**
     * It answered, and keeps nothing of it: its rules pass such requests by, or it has no cache.
     */
    BYPASSED,
    /** It has no room for this now: to be asked again later. */
    BUSY,
    /** It will not answer this. */
    FAILED
  }

  /** The id of its start: what it holds in memory is gone with the next one. */
  String start() throws IOException, InterruptedException;

  /**
   * How much of its capacity is in use.
   *
   * @return share of its limits, 1 or more where requests wait
   */
  double load() throws IOException, InterruptedException;

  /** Asks, and reads the answer to its end. */
  Answer ask(WarmupRequest request) throws IOException, InterruptedException;

  /** Waits. */
  void pause(long millis) throws InterruptedException;

  /** Milliseconds that have passed, from an arbitrary origin. */
  long nowMillis();
}
