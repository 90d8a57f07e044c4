package dev.forebay.core.balancing;

import java.time.Instant;

/** Times of a timeline as people read them. */
final class Since {

  private Since() {}

  /**
   * A moment in UTC, such as {@code 2026-11-22T22:00:00.123Z}.
   *
   * @param nanos the moment
   * @param now the present, on the same timeline
   * @param epochMillis the present, in milliseconds since 1970
   */
  static String text(long nanos, long now, long epochMillis) {
    return Instant.ofEpochMilli(epochMillis - (now - nanos) / 1_000_000).toString();
  }
}
