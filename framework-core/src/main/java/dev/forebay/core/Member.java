package dev.forebay.core;

import dev.forebay.spi.Backend;

/**
 * A backend in a pool.
 *
 * @param backend what answers
 * @param weight its share of the work, relative to others; above 0
 * @param group its priority group: 0 serves first, higher ones only when lower ones cannot
 */
public record Member(Backend backend, double weight, int group) {

  /** Checks bounds. */
  public Member {
    if (!(weight > 0) || weight > 1e6) {
      throw new IllegalArgumentException("weight: " + weight + " (expected: > 0, <= 1000000)");
    }
    if (group < 0 || group > 100) {
      throw new IllegalArgumentException("group: " + group + " (expected: 0 to 100)");
    }
  }

  /** A member of the first group, of weight 1. */
  public static Member of(Backend backend) {
    return new Member(backend, 1, 0);
  }
}
