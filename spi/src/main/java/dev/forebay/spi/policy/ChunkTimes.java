package dev.forebay.spi.policy;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * When the chunks of a recorded answer came: what a replay at the recorded pace needs. A value;
 * four bytes for each chunk.
 */
public final class ChunkTimes {

  /** Nothing is known: the answer is replayed at once. */
  public static final ChunkTimes UNKNOWN = new ChunkTimes(new int[0]);

  private final int[] millis;

  private ChunkTimes(int[] millis) {
    this.millis = millis;
  }

  /**
   * Times of all chunks, in order.
   *
   * @param millis milliseconds after the answer's head, each at least 0 and at least the one before
   * @throws IllegalArgumentException if one is less than the one before
   */
  public static ChunkTimes of(int... millis) {
    int before = 0;
    for (int time : millis) {
      if (time < before) {
        throw new IllegalArgumentException(
            "millis: " + time + " after " + before + " (expected: none goes back, none below 0)");
      }
      before = time;
    }
    return millis.length == 0 ? UNKNOWN : new ChunkTimes(millis.clone());
  }

  /** How many chunks have a time: all, or 0 if no times are known. */
  public int size() {
    return millis.length;
  }

  /** When a chunk came, in milliseconds after the answer's head. */
  public int millis(int chunk) {
    return millis[chunk];
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ChunkTimes times && Arrays.equals(times.millis, millis);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(millis);
  }

  @Override
  public String toString() {
    return millis.length == 0 ? "unknown" : Arrays.toString(millis);
  }
}
