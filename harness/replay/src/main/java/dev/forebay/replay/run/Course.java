package dev.forebay.replay.run;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How a run went: figures of equal steps of time, from its first arrival.
 *
 * @param stepSeconds length of a step, a power of two
 * @param steps by figure, one value for each step; all of the same length, at most {@link #MOST}
 */
public record Course(int stepSeconds, Map<Figure, List<Double>> steps) {

  /** Steps at most: a run that is longer has longer ones. */
  public static final int MOST = 128;

  /** Without a step. */
  static final Course NONE = new Course(1, Map.of());

  /** What is followed. */
  public enum Figure {
    /** Requests that came in a step. */
    ARRIVALS("arrivals", true),
    /** Requests that were answered completely, correctly and in time. */
    ANSWERS("answers", true),
    /** Those of them that came from a cache, or of another's call. */
    HITS("hits", true),
    /** Requests that the gateway refused. */
    REJECTIONS("rejections", true),
    /** Requests that ended in another way. */
    FAILURES("failures", true),
    /** Requests that wait in the gateway's queues, in the mean of a step. */
    WAITING("waiting", false),
    /** Requests that have come and are not over, in the mean of a step. */
    UNDER_WAY("underWay", false),
    /** Servers that are members of a pool, in the mean of a step. */
    REPLICAS("replicas", false);

    private final String key;
    private final boolean counted;

    Figure(String key, boolean counted) {
      this.key = key;
      this.counted = counted;
    }

    /** Its name in {@code report.json}. */
    public String key() {
      return key;
    }

    /** Whether it is a count of what happened, and not a level. */
    public boolean counted() {
      return counted;
    }
  }

  /** Copies. */
  public Course {
    Map<Figure, List<Double>> copy = new EnumMap<>(Figure.class);
    steps.forEach((figure, values) -> copy.put(figure, List.copyOf(values)));
    steps = copy;
  }

  /** The values of a figure; those of steps that it has not reached are 0. */
  public List<Double> of(Figure figure) {
    return steps.getOrDefault(figure, List.of());
  }

  /**
   * The same in longer steps.
   *
   * @param seconds of a step, {@link #stepSeconds} or a power of two times that
   */
  Course inStepsOf(int seconds) {
    int times = seconds / stepSeconds;
    Map<Figure, List<Double>> longer = new EnumMap<>(Figure.class);
    steps.forEach(
        (figure, values) -> {
          List<Double> joined = new ArrayList<>();
          for (int i = 0; i < values.size(); i += times) {
            List<Double> part = values.subList(i, Math.min(values.size(), i + times));
            double sum = part.stream().mapToDouble(Double::doubleValue).sum();
            joined.add(figure.counted() ? sum : sum / part.size());
          }
          longer.put(figure, joined);
        });
    return new Course(seconds, longer);
  }

  /**
   * The mean of some runs, in steps of the longest of theirs. Nothing happens any more in a run
   * that was over earlier; its levels no longer count.
   *
   * @param courses at least one
   */
  public static Course mean(List<Course> courses) {
    int seconds = courses.stream().mapToInt(Course::stepSeconds).max().orElse(1);
    List<Course> alike = courses.stream().map(course -> course.inStepsOf(seconds)).toList();
    Map<Figure, List<Double>> means = new EnumMap<>(Figure.class);
    for (Figure figure : Figure.values()) {
      int length = alike.stream().mapToInt(course -> course.of(figure).size()).max().orElse(0);
      List<Double> mean = new ArrayList<>();
      for (int i = 0; i < length; i++) {
        int step = i;
        List<Double> there =
            alike.stream()
                .map(course -> course.of(figure))
                .filter(values -> step < values.size())
                .map(values -> values.get(step))
                .toList();
        double sum = there.stream().mapToDouble(Double::doubleValue).sum();
        mean.add(sum / (figure.counted() ? alike.size() : there.size()));
      }
      means.put(figure, mean);
    }
    return new Course(seconds, means);
  }
}
