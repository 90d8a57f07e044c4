package dev.forebay.replay.trace;

import java.util.Arrays;

/** Ranks from 0 whose popularity falls as 1 / (rank + 1) to the power of an exponent. */
final class Zipf {
  private final double[] cumulative;

  Zipf(int ranks, double exponent) {
    cumulative = new double[ranks];
    double sum = 0;
    for (int rank = 0; rank < ranks; rank++) {
      sum += StrictMath.pow(rank + 1, -exponent);
      cumulative[rank] = sum;
    }
  }

  int draw(Draws draws) {
    double at = draws.unit() * cumulative[cumulative.length - 1];
    int found = Arrays.binarySearch(cumulative, at);
    return Math.min(found >= 0 ? found + 1 : -found - 1, cumulative.length - 1);
  }
}
