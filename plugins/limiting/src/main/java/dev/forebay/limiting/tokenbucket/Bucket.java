package dev.forebay.limiting.tokenbucket;

/** What one caller has left. It begins full, and flows over when it is. */
final class Bucket {

  private final BucketSize size;
  private long units;
  private long filledNanos;

  Bucket(BucketSize size, long now) {
    this.size = size;
    this.units = size.units();
    this.filledNanos = now;
  }

  /** Takes a request out: 0 where it was there, else the nanoseconds until it will be. */
  long take(long now) {
    fill(now);
    if (units < BucketSize.REQUEST) {
      return size.nanosFor(BucketSize.REQUEST - units);
    }
    units -= BucketSize.REQUEST;
    return 0;
  }

  boolean full(long now) {
    fill(now);
    return units == size.units();
  }

  /** Compares times before it multiplies, so that a long absence cannot overflow. */
  private void fill(long now) {
    long elapsed = Math.max(0, now - filledNanos);
    boolean over = elapsed >= size.nanosFor(size.units() - units);
    units = over ? size.units() : units + elapsed * size.unitsPerNano();
    filledNanos += elapsed;
  }
}
