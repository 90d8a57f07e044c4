package dev.forebay.replay.run;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Jain's index (Jain, Chiu, Hawe 1984) of what tenants get: (sum x)<sup>2</sup> / (n sum
 * x<sup>2</sup>). It is 1 if all get the same, 1/n if one gets everything, and 0 if nobody gets
 * anything.
 */
final class Fairness {

  private Fairness() {}

  /** Where x is the share of a tenant's requests that were answered. */
  static double ofShares(Collection<Served> tenants) {
    return jain(tenants.stream().mapToDouble(Served::share).toArray());
  }

  /**
   * Where x is what a tenant got, as a multiple of its max-min fair share: the same number of
   * answers, shared out so that nobody gets more than it asked for, and nobody could get more
   * without somebody who has no more than it getting less. So a tenant that asks for more than
   * there is does not lower the index by getting less of it.
   */
  static double ofMaxMin(Collection<Served> tenants) {
    List<Served> least =
        tenants.stream().sorted((a, b) -> Long.compare(a.requests(), b.requests())).toList();
    double left = least.stream().mapToLong(Served::ok).sum();
    double[] multiples = new double[least.size()];
    for (int i = 0; left > 0 && i < multiples.length; i++) {
      double fair = Math.min(least.get(i).requests(), left / (multiples.length - i));
      multiples[i] = least.get(i).ok() / fair;
      left -= fair;
    }
    return jain(multiples);
  }

  private static double jain(double[] values) {
    double sum = Arrays.stream(values).sum();
    double squares = Arrays.stream(values).map(value -> value * value).sum();
    return squares == 0 ? 0 : sum * sum / (values.length * squares);
  }
}
