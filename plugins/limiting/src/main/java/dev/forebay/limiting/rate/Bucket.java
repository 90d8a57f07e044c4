package dev.forebay.limiting.rate;

/** What a key has left. It begins full, and flows over when it is; what is owed is below 0. */
public class Bucket extends Meter<BucketSize> {

  private BucketSize size;
  private long level;
  private long rest;
  private long filledNanos;

  /** A full one. */
  public Bucket(BucketSize size, long now) {
    this.size = size;
    this.level = size.most();
    this.filledNanos = now;
  }

  /** A raised limit has the difference at once. */
  @Override
  public final void limit(BucketSize other, long now) {
    if (other != size) {
      fill(now);
      level += Math.max(0, other.most() - size.most());
      level = Math.min(level, other.most());
      rest = 0;
      size = other;
    }
  }

  @Override
  public final long most() {
    return size.most();
  }

  @Override
  public long waitFor(long amount, long now) {
    fill(now);
    return size.rate().nanosFor(amount - level, rest);
  }

  @Override
  public final long take(long amount, long now) {
    fill(now);
    level -= amount;
    return 0;
  }

  @Override
  public final void settle(long stamp, long taken, long used, long now) {
    fill(now);
    if (used <= taken) {
      level = Math.min(size.most(), level + taken - used);
      rest = level == size.most() ? 0 : rest;
    } else {
      level = Math.max(-MOST_DEBT, level - Math.min(MOST_DEBT, used - taken));
    }
  }

  @Override
  public final boolean untouched(long now) {
    fill(now);
    return level == size.most();
  }

  @Override
  public final long remaining(long now) {
    fill(now);
    return Math.max(0, level);
  }

  @Override
  public final long windowNanos() {
    return size.rate().nanosFor(size.most(), 0);
  }

  @Override
  public final long resetNanos(long now) {
    fill(now);
    return size.rate().nanosFor(size.most() - level, rest);
  }

  /** Compares times before it counts, so that a long absence cannot overflow. */
  private void fill(long now) {
    long elapsed = Math.max(0, now - filledNanos);
    if (elapsed == 0 || level == size.most()) {
      filledNanos += elapsed;
      return;
    }
    if (elapsed >= size.rate().nanosFor(size.most() - level, rest)) {
      level = size.most();
      rest = 0;
    } else {
      long came = size.rate().unitsIn(elapsed, rest);
      rest = size.rate().restOf(elapsed, rest, came);
      level += came;
    }
    filledNanos += elapsed;
  }
}
