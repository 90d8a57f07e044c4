package dev.forebay.spi;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which try of a request this is, and which endpoints to avoid: a value, so that retries need no
 * mutable bag.
 *
 * @param number 1 for the first try
 * @param avoid ids of endpoints that failed earlier tries; they are used again only where no other
 *     is left
 */
public record Attempt(int number, List<String> avoid) {

  /** The first try. */
  public static final Attempt FIRST = new Attempt(1, List.of());

  /** Checks and copies. */
  public Attempt {
    if (number < 1) {
      throw new IllegalArgumentException("number: " + number + " (expected: >= 1)");
    }
    avoid = List.copyOf(avoid);
  }

  /**
   * The next try.
   *
   * @param failedAt the endpoint that failed this one, or null where none was reached
   */
  public Attempt next(@Nullable String failedAt) {
    if (failedAt == null || avoid.contains(failedAt)) {
      return new Attempt(number + 1, avoid);
    }
    List<String> more = new ArrayList<>(avoid);
    more.add(failedAt);
    return new Attempt(number + 1, more);
  }
}
