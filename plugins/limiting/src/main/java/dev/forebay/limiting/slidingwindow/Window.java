package dev.forebay.limiting.slidingwindow;

import dev.forebay.limiting.rate.Meter;

/**
 * What was taken in the last window, in slots of a sixty-fourth of it. A slot counts for as long as
 * any part of it is in the window, so that no window of any phase is over the limit. What is given
 * back goes to the slot that it came from, if that counts still; what was used beyond is taken now.
 */
final class Window extends Meter<WindowSize> {

  private final long[] taken = new long[WindowSize.SLOTS + 1];
  private WindowSize size;
  private long sum;
  private long newest;

  Window(WindowSize size, long now) {
    this.size = size;
    this.newest = size.slot(now);
  }

  @Override
  public void limit(WindowSize other, long now) {
    size = other; // the slots are those of one option
  }

  @Override
  public long most() {
    return size.limit();
  }

  @Override
  public long waitFor(long amount, long now) {
    slide(now);
    long missing = sum + amount - size.limit();
    for (long slot = newest - WindowSize.SLOTS; missing > 0 && slot <= newest; slot++) {
      missing -= taken[place(slot)];
      if (missing <= 0) {
        return size.gone(slot) - now;
      }
    }
    return 0;
  }

  @Override
  public long take(long amount, long now) {
    slide(now);
    add(amount);
    return newest;
  }

  @Override
  public void settle(long stamp, long took, long used, long now) {
    slide(now);
    if (used > took) {
      add(Math.min(MOST_DEBT - sum, used - took));
    } else if (stamp >= newest - WindowSize.SLOTS) {
      taken[place(stamp)] -= took - used;
      sum -= took - used;
    }
  }

  @Override
  public boolean untouched(long now) {
    slide(now);
    return sum == 0;
  }

  @Override
  public long remaining(long now) {
    slide(now);
    return Math.max(0, size.limit() - sum);
  }

  @Override
  public long windowNanos() {
    return size.slotNanos() * WindowSize.SLOTS;
  }

  @Override
  public long resetNanos(long now) {
    slide(now);
    for (long slot = newest; slot >= newest - WindowSize.SLOTS; slot--) {
      if (taken[place(slot)] > 0) {
        return size.gone(slot) - now;
      }
    }
    return 0;
  }

  private void add(long amount) {
    taken[place(newest)] += amount;
    sum += amount;
  }

  private void slide(long now) {
    long slot = size.slot(now);
    for (int i = 0; newest < slot && i <= WindowSize.SLOTS; i++) {
      newest++;
      sum -= taken[place(newest)];
      taken[place(newest)] = 0;
    }
    newest = Math.max(newest, slot);
  }

  private static int place(long slot) {
    return (int) Math.floorMod(slot, WindowSize.SLOTS + 1L);
  }
}
