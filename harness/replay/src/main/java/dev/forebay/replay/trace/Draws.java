package dev.forebay.replay.trace;

import java.util.SplittableRandom;

/**
 * Seeded chance: the distributions that traces need. Only StrictMath, so that the same seed draws
 * the same numbers on every JVM and processor.
 */
final class Draws {
  private final SplittableRandom random;

  /** A stream of its own for a seed and a purpose. */
  Draws(long seed, String purpose) {
    this(mix(mix(seed) ^ hash(purpose)));
  }

  /** A stream of its own for a seed, a purpose, and a number such as a client's. */
  Draws(long seed, String purpose, long number) {
    this(mix(mix(mix(seed) ^ hash(purpose)) ^ number));
  }

  private Draws(long state) {
    this.random = new SplittableRandom(state);
  }

  /** Evenly from 0 to 1, 1 excluded. */
  double unit() {
    return random.nextDouble();
  }

  /** Evenly from 0 to {@code bound}, which is excluded. */
  long below(long bound) {
    return bound <= 1 ? 0 : random.nextLong(bound);
  }

  boolean chance(double share) {
    return unit() < share;
  }

  double exponential(double mean) {
    return -mean * StrictMath.log(1 - unit());
  }

  /** Mean 0, deviation 1; the polar method (Marsaglia and Bray, 1964). */
  double gaussian() {
    while (true) {
      double x = 2 * unit() - 1;
      double y = 2 * unit() - 1;
      double s = x * x + y * y;
      if (s > 0 && s < 1) {
        return x * StrictMath.sqrt(-2 * StrictMath.log(s) / s);
      }
    }
  }

  /** Marsaglia and Tsang (2000); for shapes below 1 with their boost. */
  double gamma(double shape, double scale) {
    if (shape < 1) {
      double boost = StrictMath.pow(1 - unit(), 1 / shape);
      return gamma(shape + 1, scale) * boost;
    }
    double d = shape - 1.0 / 3;
    double c = 1 / StrictMath.sqrt(9 * d);
    while (true) {
      double x = gaussian();
      double v = 1 + c * x;
      if (v > 0) {
        v = v * v * v;
        if (StrictMath.log(1 - unit()) < 0.5 * x * x + d - d * v + d * StrictMath.log(v)) {
          return d * v * scale;
        }
      }
    }
  }

  double weibull(double shape, double scale) {
    return scale * StrictMath.pow(-StrictMath.log(1 - unit()), 1 / shape);
  }

  /** How many trials up to the first success, from 1, with the given mean (at least 1). */
  int geometric(double mean) {
    if (mean <= 1) {
      return 1;
    }
    double trials = StrictMath.log(1 - unit()) / StrictMath.log(1 - 1 / mean);
    return 1 + (int) Math.min(trials, 1_000_000);
  }

  /** Lognormal tokens, at least 1, with the given mean and median, cut at {@code max}. */
  int tokens(double mean, double median, int max) {
    double sigma = StrictMath.sqrt(2 * StrictMath.log(Math.max(1, mean / median)));
    double drawn = median * StrictMath.exp(sigma * gaussian());
    return (int) Math.max(1, Math.min(max, Math.round(drawn)));
  }

  /** A well-mixed 64-bit value (SplittableRandom's finalizer, by Stafford). */
  static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** A 64-bit hash of a text. */
  static long hash(String text) {
    long hash = text.length();
    for (int i = 0; i < text.length(); i++) {
      hash = mix(hash ^ text.charAt(i));
    }
    return hash;
  }
}
