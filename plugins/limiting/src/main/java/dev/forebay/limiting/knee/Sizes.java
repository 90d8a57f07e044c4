package dev.forebay.limiting.knee;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.Usage;

/**
 * What answers are like of late: how long the first content takes by the length of the prompt, and
 * how long answers are. Prompts are of comparable length if what the server had to compute of them,
 * its cached part left out, has as many binary digits.
 */
final class Sizes {

  private static final int LENGTHS = 33;
  private static final double SMOOTHING = 0.05;

  private final double[] firstContent = new double[LENGTHS];
  private final int[] known = new int[LENGTHS];
  private double usualFirstContent;
  private double tokens;
  private int answers;

  /** Which prompts an answer's is comparable with. */
  static int length(Outcome outcome) {
    Usage usage = outcome.usage();
    return 32
        - Integer.numberOfLeadingZeros(Math.max(0, usage.promptTokens() - usage.cachedTokens()));
  }

  /** Learns from an answer with a time to first content in nanoseconds; below 0 for none. */
  void learn(int length, double firstContentNanos, int completionTokens) {
    answers++;
    tokens += (completionTokens - tokens) * share(answers);
    if (firstContentNanos >= 0) {
      known[length]++;
      firstContent[length] += (firstContentNanos - firstContent[length]) * share(known[length]);
      usualFirstContent += (firstContentNanos - usualFirstContent) * share(answers);
    }
  }

  private static double share(int seen) {
    return Math.max(SMOOTHING, 1.0 / seen);
  }

  /** The usual time to first content of comparable prompts, in nanoseconds. */
  double firstContent(int length) {
    return firstContent[length];
  }

  /** The same of all prompts. */
  double firstContent() {
    return usualFirstContent;
  }

  /** The usual length of an answer, in tokens. */
  double tokens() {
    return tokens;
  }
}
