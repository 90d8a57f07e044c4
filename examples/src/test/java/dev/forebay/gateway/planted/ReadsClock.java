package dev.forebay.gateway.planted;

/** Breaks a rule: the gateway takes only its seed from the clock. */
public final class ReadsClock {
  private ReadsClock() {}

  /** Reads it. */
  public static long read() {
    return System.nanoTime();
  }
}
