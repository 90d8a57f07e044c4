package dev.forebay.limiting.knee;

import java.util.Arrays;

/**
 * Times of answers that began at about the same number of requests at once. Medians are what
 * counts, so that one slow server of many, or one long stall, decides nothing.
 */
final class Answers {

  private static final int MOST = 128;

  private final double[] firstContent = new double[MOST];
  private final int[] lengths = new int[MOST];
  private final double[] perToken = new double[MOST];
  private int firsts;
  private int tokens;
  private int count;
  private double requests;

  /** None. */
  void clear() {
    firsts = 0;
    tokens = 0;
    count = 0;
    requests = 0;
  }

  /** How many. */
  int count() {
    return count;
  }

  /** How many requests were under way when they began, in the mean. */
  double requests() {
    return requests / count;
  }

  /**
   * Adds an answer; the last ones are kept.
   *
   * @param firstContentNanos below 0 for none
   * @param perTokenNanos of each further token; below 0 for none
   * @param atOnce requests under way when it began
   */
  void add(int length, double firstContentNanos, double perTokenNanos, int atOnce) {
    count++;
    requests += atOnce;
    if (firstContentNanos >= 0) {
      lengths[firsts % MOST] = length;
      firstContent[firsts++ % MOST] = firstContentNanos;
    }
    if (perTokenNanos >= 0) {
      perToken[tokens++ % MOST] = perTokenNanos;
    }
  }

  /** How long an answer of the usual size takes, in nanoseconds, at least 1. */
  double usualNanos(Sizes sizes) {
    double[] late = new double[Math.min(firsts, MOST)];
    for (int i = 0; i < late.length; i++) {
      late[i] = firstContent[i] - sizes.firstContent(lengths[i]);
    }
    double first = late.length == 0 ? 0 : sizes.firstContent() + median(late);
    double rest = sizes.tokens() * median(Arrays.copyOf(perToken, Math.min(tokens, MOST)));
    return Math.max(1, Math.max(0, first) + rest);
  }

  private static double median(double[] values) {
    if (values.length == 0) {
      return 0;
    }
    Arrays.sort(values);
    return (values[values.length / 2] + values[(values.length - 1) / 2]) / 2;
  }
}
