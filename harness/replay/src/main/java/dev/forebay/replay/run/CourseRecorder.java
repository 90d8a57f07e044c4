package dev.forebay.replay.run;

import dev.forebay.replay.run.Course.Figure;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Records the course of a run of unknown length within a bound: when all steps are taken, two
 * neighbours become one, and steps are twice as long from then on.
 */
final class CourseRecorder {

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final Map<Figure, double[]> sums = new EnumMap<>(Figure.class);
  private double[] looks = new double[Course.MOST];
  private int stepSeconds = 1;
  private int used;

  CourseRecorder() {
    for (Figure figure : Figure.values()) {
      sums.put(figure, new double[Course.MOST]);
    }
  }

  /**
   * Something happened.
   *
   * @param nanos since the first arrival; what came before it is not counted
   */
  void count(Figure figure, long nanos) {
    if (nanos >= 0) {
      add(figure, step(nanos), 1);
    }
  }

  /**
   * A look at levels, at equal intervals.
   *
   * @param nanos likewise
   */
  void level(long nanos, double waiting, double underWay, double replicas) {
    if (nanos >= 0) {
      int step = step(nanos);
      looks[step]++;
      add(Figure.WAITING, step, waiting);
      add(Figure.UNDER_WAY, step, underWay);
      add(Figure.REPLICAS, step, replicas);
    }
  }

  /** The course so far. */
  Course course() {
    Map<Figure, List<Double>> steps = new EnumMap<>(Figure.class);
    sums.forEach(
        (figure, values) -> {
          List<Double> told = new ArrayList<>();
          for (int i = 0; i < used; i++) {
            told.add(figure.counted() ? values[i] : values[i] / Math.max(1, looks[i]));
          }
          steps.put(figure, told);
        });
    return new Course(stepSeconds, steps);
  }

  private void add(Figure figure, int step, double value) {
    double[] values = sums.get(figure);
    if (values != null) {
      values[step] += value;
    }
  }

  private int step(long nanos) {
    while (nanos / NANOS_PER_SECOND / stepSeconds >= Course.MOST) {
      sums.replaceAll((figure, values) -> halved(values));
      looks = halved(looks);
      stepSeconds *= 2;
      used = (used + 1) / 2;
    }
    int step = (int) (nanos / NANOS_PER_SECOND / stepSeconds);
    used = Math.max(used, step + 1);
    return step;
  }

  private static double[] halved(double[] values) {
    double[] half = new double[Course.MOST];
    for (int i = 0; i < Course.MOST; i++) {
      half[i / 2] += values[i];
    }
    return half;
  }
}
