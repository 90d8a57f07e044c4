package dev.forebay.replay.run;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The rows of one combination, one for each seed.
 *
 * @param combination whose rows they are
 * @param rows by seed, at least one
 */
public record Cell(String combination, List<Row> rows) {

  // Two-sided 95 % quantiles of Student's t distribution for 1 to 30 degrees of freedom.
  private static final double[] STUDENT = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042
  };

  /** Copies. */
  public Cell {
    rows = List.copyOf(rows);
  }

  /** Whether the bound on its answers is known. */
  public boolean isBounded() {
    return rows.stream().allMatch(row -> row.answerable() != null);
  }

  /**
   * The mean of a figure over the seeds that have it; NaN if none has, such as a latency if
   * nothing was answered.
   */
  public double mean(ToDoubleFunction<Row> figure) {
    return Arrays.stream(values(figure)).average().orElse(Double.NaN);
  }

  /**
   * Half the width of the 95 % confidence interval of the mean over the seeds, by Student's t; 0
   * for a single seed that has the figure, which has none.
   */
  public double interval(ToDoubleFunction<Row> figure) {
    return halfInterval(values(figure));
  }

  private double[] values(ToDoubleFunction<Row> figure) {
    return rows.stream().mapToDouble(figure).filter(value -> !Double.isNaN(value)).toArray();
  }

  /**
   * How much more than another combination, seed by seed: the pairs share their arrivals, lengths
   * and faults, so that their difference varies less than either.
   *
   * @param base with rows of the same seeds; of those that only one of the two has, or in which one
   *     of the two has no such figure, none counts
   */
  public Difference difference(Cell base, ToDoubleFunction<Row> figure) {
    Map<Long, Row> others = new HashMap<>();
    base.rows().forEach(row -> others.put(row.seed(), row));
    double[] differences =
        rows.stream()
            .filter(row -> others.containsKey(row.seed()))
            .mapToDouble(
                row -> figure.applyAsDouble(row) - figure.applyAsDouble(others.get(row.seed())))
            .filter(difference -> !Double.isNaN(difference))
            .toArray();
    return new Difference(
        Arrays.stream(differences).average().orElse(0),
        halfInterval(differences),
        differences.length);
  }

  /** Half the width of the 95 % confidence interval of the mean of some values; 0 for one. */
  public static double halfInterval(double[] values) {
    int n = values.length;
    if (n < 2) {
      return 0;
    }
    double mean = Arrays.stream(values).average().orElse(0);
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    return student(n - 1) * Math.sqrt(squares / (n - 1) / n);
  }

  /**
   * The two-sided 95 % quantile of Student's t. Above the table it is the expansion in powers of
   * 1/n about the normal quantile z (Abramowitz and Stegun, 26.7.5), right to 0.0001 there.
   *
   * @param freedom degrees of freedom, at least 1
   */
  public static double student(int freedom) {
    if (freedom <= STUDENT.length) {
      return STUDENT[freedom - 1];
    }
    double z = 1.959964;
    double first = (Math.pow(z, 3) + z) / 4;
    double second = (5 * Math.pow(z, 5) + 16 * Math.pow(z, 3) + 3 * z) / 96;
    return z + first / freedom + second / freedom / freedom;
  }

  /**
   * A difference between two combinations.
   *
   * @param mean over the seeds
   * @param interval half the width of its 95 % confidence interval; 0 for a single seed
   * @param seeds how many pairs there were
   */
  public record Difference(double mean, double interval, int seeds) {

    /** Whether it has an interval, and 0 is not in it. */
    public boolean isSure() {
      return seeds > 1 && Math.abs(mean) > interval;
    }
  }
}
