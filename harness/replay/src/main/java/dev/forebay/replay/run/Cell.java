package dev.forebay.replay.run;

import java.util.List;
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

  /** The mean of a figure over the seeds. */
  public double mean(ToDoubleFunction<Row> figure) {
    return rows.stream().mapToDouble(figure).average().orElse(0);
  }

  /**
   * Half the width of the 95 % confidence interval of the mean over the seeds, by Student's t; 0
   * for a single seed, which has none.
   */
  public double interval(ToDoubleFunction<Row> figure) {
    int n = rows.size();
    if (n < 2) {
      return 0;
    }
    double mean = mean(figure);
    double squares = 0;
    for (Row row : rows) {
      double distance = figure.applyAsDouble(row) - mean;
      squares += distance * distance;
    }
    double t = n - 1 <= STUDENT.length ? STUDENT[n - 2] : 1.96;
    return t * Math.sqrt(squares / (n - 1) / n);
  }
}
