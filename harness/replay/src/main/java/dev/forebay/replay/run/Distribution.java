package dev.forebay.replay.run;

/**
 * Durations of answered requests, in milliseconds.
 *
 * @param mean arithmetic mean
 * @param p50 median
 * @param p90 nine tenths are at most this
 * @param p99 99 of 100 are at most this
 */
public record Distribution(double mean, double p50, double p90, double p99) {

  /** Of no request. */
  public static final Distribution NONE = new Distribution(0, 0, 0, 0);
}
