package dev.forebay.core.kernel.planted;

/** Breaks a rule: time comes by one door. */
public final class ReadsClock {
  private ReadsClock() {}

  /** Reads it. */
  public static long read() {
    return System.nanoTime();
  }
}
