package dev.forebay.spi;

/**
 * When a try began, first spoke, and ended, in nanoseconds of the {@link Timeline} that ran it.
 *
 * @param startedNanos when it was sent
 * @param firstContentNanos when the first content came; -1 where none did. A role, a blank line or
 *     a comment is no content.
 * @param endedNanos when it ended
 */
public record Timings(long startedNanos, long firstContentNanos, long endedNanos) {

  /** From sending to the first content, in nanoseconds; -1 where none came. */
  public long timeToFirstContentNanos() {
    return firstContentNanos < 0 ? -1 : firstContentNanos - startedNanos;
  }

  /** From sending to the end, in nanoseconds. */
  public long durationNanos() {
    return endedNanos - startedNanos;
  }
}
