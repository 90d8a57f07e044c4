package dev.forebay.replay.run;

/**
 * Durations of answered requests, in milliseconds; each is NaN if there are none.
 *
 * @param mean arithmetic mean
 * @param p50 median
 * @param p90 nine tenths are at most this
 * @param p99 99 of 100 are at most this
 */
public record Distribution(double mean, double p50, double p90, double p99) {

  /** Of no request: it has no figures, since 0 would be the best of all. */
  public static final Distribution NONE =
      new Distribution(Double.NaN, Double.NaN, Double.NaN, Double.NaN);
}
