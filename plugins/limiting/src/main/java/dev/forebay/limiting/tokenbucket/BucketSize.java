package dev.forebay.limiting.tokenbucket;

/**
 * Rate and burst in integers, so that nothing drifts: a request is 10¹² units, and a rate of {@code
 * n} thousandths of a request per second is {@code n} units per nanosecond.
 *
 * @param unitsPerNano how fast a bucket fills
 * @param units what a bucket holds; at most 10¹⁸, which leaves room in a long
 */
record BucketSize(long unitsPerNano, long units) {

  static final long REQUEST = 1_000_000_000_000L;

  static BucketSize of(double rate, int burst) {
    double thousandths = rate * 1000;
    long whole = Math.round(thousandths);
    if (whole < 1 || Math.abs(thousandths - whole) > 1e-6 * Math.max(1, whole)) {
      throw new IllegalArgumentException(
          "rate: " + rate + " (expected: a multiple of 0.001 requests/s, above 0)");
    }
    return new BucketSize(whole, Math.multiplyExact(REQUEST, burst));
  }

  /** Nanoseconds in which so many units flow in, rounded up. */
  long nanosFor(long missing) {
    return (missing + unitsPerNano - 1) / unitsPerNano;
  }
}
