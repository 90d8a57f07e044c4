package dev.forebay.scaling.predictive;

import java.util.Arrays;

/**
 * What was at each time of a cycle: the mean of each of its 288 parts (5 minutes of a day). The
 * last cycle counts half, the one before a quarter, and so on.
 */
final class Cycle {

  private static final int PARTS = 288;

  /** How far today may be from yesterday for yesterday to say anything. */
  private static final double MOST_RATIO = 2;

  private final long millis;
  private final double[] means = new double[PARTS];
  private int part = -1;
  private double sum;
  private int count;

  Cycle(long millis) {
    this.millis = millis;
    Arrays.fill(means, Double.NaN);
  }

  void add(long epochMillis, double value) {
    int now = part(epochMillis);
    if (now != part && count > 0) {
      double mean = sum / count;
      means[part] = Double.isNaN(means[part]) ? mean : (means[part] + mean) / 2;
      sum = 0;
      count = 0;
    }
    part = now;
    sum += value;
    count++;
  }

  /**
   * What is to be expected some time ahead: what was then a cycle ago, times now over what was now
   * a cycle ago; NaN if that is not known.
   */
  double ahead(long epochMillis, long aheadMillis, double now) {
    double before = means[part(epochMillis)];
    double then = means[part(epochMillis + aheadMillis)];
    if (Double.isNaN(before) || Double.isNaN(then) || before <= 0) {
      return Double.NaN;
    }
    return then * Math.clamp(now / before, 1 / MOST_RATIO, MOST_RATIO);
  }

  private int part(long epochMillis) {
    return (int) (Math.floorMod(epochMillis, millis) * PARTS / millis);
  }
}
