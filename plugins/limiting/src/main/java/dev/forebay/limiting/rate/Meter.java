package dev.forebay.limiting.rate;

import io.vertx.core.Future;

/**
 * What one key has taken of one limit. Amounts are whole units of what the limit counts, times are
 * nanoseconds of the limiter's clock, which does not go back.
 *
 * @param <L> what describes the limit
 */
public abstract class Meter<L> {

  /** What a key that takes without an end would owe at most. */
  protected static final long MOST_DEBT = 1L << 60;

  /** What is known. */
  protected static final Future<Void> READY = Future.succeededFuture();

  private int held;

  /** The limit that holds from now on. */
  public abstract void limit(L limit, long now);

  /**
   * Completes when {@link #waitFor} and {@link #take} know of so much: at once, unless what is left
   * is kept elsewhere. Does not fail.
   */
  public Future<Void> ready(long amount, long now) {
    return READY;
  }

  /** The most that one request takes: what is there when nothing is taken. */
  public abstract long most();

  /** Nanoseconds until so much, of {@link #most} at most, could be taken; 0 if it can be now. */
  public abstract long waitFor(long amount, long now);

  /**
   * Takes it.
   *
   * @return a stamp that tells from what it was taken
   */
  public abstract long take(long amount, long now);

  /**
   * Takes more, or gives back.
   *
   * @param stamp that of {@link #take}
   * @param taken what was taken
   * @param used what was used, at least 0
   */
  public abstract void settle(long stamp, long taken, long used, long now);

  /** Whether nothing is taken: such a meter is as good as a new one. */
  public abstract boolean untouched(long now);

  /** What could be taken now, at least 0. */
  public abstract long remaining(long now);

  /** Nanoseconds in which all of the limit comes back. */
  public abstract long windowNanos();

  /** Nanoseconds until nothing is taken. */
  public abstract long resetNanos(long now);

  /** Notes a reservation that is to be settled here. */
  final void hold() {
    held++;
  }

  /** Notes that one was settled. */
  final void release() {
    held--;
  }

  /** Whether a new one can take its place. */
  final boolean dispensable(long now) {
    return held == 0 && untouched(now);
  }
}
