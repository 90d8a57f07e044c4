package dev.forebay.limiting.partitioned;

/**
 * How many permits of a limit are guaranteed to each of some shares: whole numbers, by the method
 * of the largest remainder (T. Hare, The Election of Representatives, 1859), so that together they
 * are what the shares are together, and never more than the limit. A share that would have none
 * gets one, as long as those without a share are left one.
 */
final class Guarantees {

  /** What sums of shares such as 0.1 are wrong by. */
  private static final double ROUNDING = 1e-9;

  private Guarantees() {}

  /**
   * The permits of each share.
   *
   * @param shares each above 0; 1 at most together
   * @param limit at least 0
   */
  static int[] of(double[] shares, int limit) {
    int[] permits = new int[shares.length];
    double sum = 0;
    int given = 0;
    for (int i = 0; i < shares.length; i++) {
      sum += shares[i];
      permits[i] = whole(shares[i] * limit);
      given += permits[i];
    }
    int most = sum > 1 - ROUNDING ? limit : limit - 1;
    for (int i = 0; i < shares.length && given < most; i++) {
      if (permits[i] == 0) {
        permits[i] = 1;
        given++;
      }
    }
    for (int rest = whole(sum * limit) - given; rest > 0; rest--) {
      permits[largestRemainder(shares, limit, permits)]++;
    }
    return permits;
  }

  private static int whole(double permits) {
    return (int) (permits + ROUNDING);
  }

  private static int largestRemainder(double[] shares, int limit, int[] permits) {
    int largest = 0;
    for (int i = 1; i < shares.length; i++) {
      if (shares[i] * limit - permits[i] > shares[largest] * limit - permits[largest] + ROUNDING) {
        largest = i;
      }
    }
    return largest;
  }
}
