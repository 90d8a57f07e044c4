package dev.forebay.limiting.quota;

import dev.forebay.limiting.rate.Meter;

/**
 * What was taken in the present period. What was taken before it ended and is given back after does
 * not count; what was used beyond counts when it is known. A clock that goes back goes on with the
 * period that it was in.
 */
final class Account extends Meter<Long> {

  private final Calendar calendar;
  private long limit;
  private long begins;
  private long taken;

  Account(Calendar calendar, long limit, long now) {
    this.calendar = calendar;
    this.limit = limit;
    this.begins = calendar.begins(now);
  }

  @Override
  public void limit(Long other, long now) {
    limit = other;
  }

  @Override
  public long most() {
    return limit;
  }

  @Override
  public long waitFor(long amount, long now) {
    turn(now);
    return taken + amount <= limit ? 0 : left(now);
  }

  @Override
  public long take(long amount, long now) {
    turn(now);
    taken += amount;
    return begins;
  }

  @Override
  public void settle(long stamp, long took, long used, long now) {
    turn(now);
    if (used > took) {
      taken += Math.min(MOST_DEBT - taken, used - took);
    } else if (stamp == begins) {
      taken -= took - used;
    }
  }

  @Override
  public boolean untouched(long now) {
    turn(now);
    return taken == 0;
  }

  @Override
  public long remaining(long now) {
    turn(now);
    return Math.max(0, limit - taken);
  }

  @Override
  public long windowNanos() {
    return calendar.ends(begins) - begins;
  }

  @Override
  public long resetNanos(long now) {
    turn(now);
    return taken == 0 ? 0 : left(now);
  }

  private long left(long now) {
    return calendar.ends(begins) - now;
  }

  private void turn(long now) {
    long present = calendar.begins(now);
    if (present > begins) {
      begins = present;
      taken = 0;
    }
  }
}
