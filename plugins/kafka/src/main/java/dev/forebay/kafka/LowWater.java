package dev.forebay.kafka;

import java.util.TreeSet;

/**
 * Up to which offset a partition is settled, while its records are settled in any order. Only what
 * lies below the first unsettled record may be committed.
 */
final class LowWater {

  private static final long NONE = -1;

  private final TreeSet<Long> unsettled = new TreeSet<>();
  private long next = NONE;

  /** A record was read. Offsets grow, and may have gaps. */
  void read(long offset) {
    unsettled.add(offset);
    next = offset + 1;
  }

  /** A record is settled; again makes no difference. */
  void settled(long offset) {
    unsettled.remove(offset);
  }

  /** The offset to commit: that of the first record that is not settled; -1 if none was read. */
  long mark() {
    return unsettled.isEmpty() ? next : unsettled.first();
  }

  /** Offsets from the mark to the last record that was read. */
  long span() {
    return unsettled.isEmpty() ? 0 : next - unsettled.first();
  }

  /** Records that are not settled. */
  int open() {
    return unsettled.size();
  }
}
