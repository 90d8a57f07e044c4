package dev.forebay.redis.limits;

/** How fast a key uses up its credit, from one question to the next. */
final class Demand {

  private static final long LEAST_NANOS = 1_000_000;

  private long spent;
  private long sinceNanos = -1;
  private double perNano;

  void spent(long units) {
    spent += units;
  }

  /** A question is asked: half of what is known is what was spent since the last one. */
  void asked(long now, long lifeNanos) {
    long elapsed = now - sinceNanos;
    if (sinceNanos >= 0 && elapsed < LEAST_NANOS) {
      return;
    }
    if (sinceNanos >= 0) {
      double lately = (double) spent / elapsed;
      perNano = elapsed >= lifeNanos ? lately : (perNano + lately) / 2;
    }
    sinceNanos = now;
    spent = 0;
  }

  /** Units that will be used within a time; 0 if that is less than one. */
  long within(long nanos) {
    return (long) Math.min(1e18, perNano * nanos);
  }
}
