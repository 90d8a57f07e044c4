package dev.forebay.replay.page;

import dev.forebay.replay.run.Cell;
import dev.forebay.replay.run.Course;
import dev.forebay.replay.run.Course.Figure;
import dev.forebay.replay.run.Row;
import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Charts over time: one for each figure, with a line for each combination. */
final class CourseCharts {

  /** Moments in a table at most. */
  private static final int MOMENTS = 16;

  private static final String PER_SECOND = " a second";

  private CourseCharts() {}

  /** Charts of the figures that are not 0 all the time. */
  static List<Chart> of(Shown shown) {
    Map<Cell, Course> courses = new LinkedHashMap<>();
    shown.cells().forEach(cell -> courses.put(cell, course(cell)));
    List<Chart> charts = new ArrayList<>();
    for (Figure figure : Figure.values()) {
      if (courses.values().stream().anyMatch(course -> isThere(course, figure))) {
        charts.add(chart(shown, courses, figure));
      }
    }
    return charts;
  }

  private static Course course(Cell cell) {
    return Course.mean(cell.rows().stream().map(Row::course).toList());
  }

  private static boolean isThere(Course course, Figure figure) {
    return course.of(figure).stream().anyMatch(value -> value > 0);
  }

  private static Chart chart(Shown shown, Map<Cell, Course> courses, Figure figure) {
    // Arrivals are the same for all: a combination has no part in them.
    boolean one = figure == Figure.ARRIVALS;
    JsonArray series = new JsonArray();
    List<String> names = new ArrayList<>();
    List<List<Html.Cell>> lines = new ArrayList<>();
    int step = courses.values().stream().mapToInt(Course::stepSeconds).max().orElse(1);
    int moments = courses.values().stream().mapToInt(c -> c.of(figure).size()).max().orElse(0);
    int every = Math.max(1, (moments + MOMENTS - 1) / MOMENTS);
    courses.forEach(
        (cell, course) -> {
          if (!one || names.isEmpty()) {
            String name = one ? "all combinations" : cell.combination();
            names.add(name);
            series.add(
                Options.line(name, data(course, figure), one ? Options.GREY : shown.colour(cell))
                    .put("sampling", "lttb"));
            lines.add(Shown.line(name, texts(course, figure, moments, every)));
          }
        });
    List<String> header = new ArrayList<>(List.of("from second"));
    for (int i = 0; i < moments; i += every) {
      header.add(String.valueOf(i * step));
    }
    return new Chart(
        "over-time-" + figure.key(),
        title(figure),
        about(figure) + " In the mean of the seeds, by seconds from the first arrival.",
        Options.base()
            .put("grid", Options.grid(false))
            .put("tooltip", Options.tooltip("axis"))
            .put("legend", Options.hiddenLegend(names, one ? names : shown.first()))
            .put("xAxis", Options.values("seconds").put("max", "dataMax"))
            .put("yAxis", Options.upright(figure.counted() ? "a second" : "").put("scale", false))
            .put("series", series),
        260,
        Html.table(title(figure), header, lines));
  }

  private static JsonArray data(Course course, Figure figure) {
    JsonArray data = new JsonArray();
    List<Double> values = course.of(figure);
    for (int i = 0; i < values.size(); i++) {
      data.add(Options.point((double) i * course.stepSeconds(), value(course, figure, i)));
    }
    return data;
  }

  private static double value(Course course, Figure figure, int step) {
    double value = course.of(figure).get(step);
    return figure.counted() ? value / course.stepSeconds() : value;
  }

  private static List<String> texts(Course course, Figure figure, int moments, int every) {
    List<String> texts = new ArrayList<>();
    for (int from = 0; from < moments; from += every) {
      double sum = 0;
      int steps = Math.min(every, moments - from);
      for (int i = from; i < from + steps; i++) {
        sum += i < course.of(figure).size() ? value(course, figure, i) : 0;
      }
      texts.add(String.format(Locale.ROOT, "%.1f", sum / steps));
    }
    return texts;
  }

  private static String title(Figure figure) {
    return switch (figure) {
      case ARRIVALS -> "Arrivals" + PER_SECOND;
      case ANSWERS -> "Answers" + PER_SECOND;
      case HITS -> "Hits" + PER_SECOND;
      case REJECTIONS -> "Rejections" + PER_SECOND;
      case FAILURES -> "Failures" + PER_SECOND;
      case WAITING -> "Waiting in queues";
      case UNDER_WAY -> "In flight";
      case REPLICAS -> "Replicas";
    };
  }

  private static String about(Figure figure) {
    return switch (figure) {
      case ARRIVALS -> "Requests as they come.";
      case ANSWERS -> "Complete, correct answers in time.";
      case HITS -> "Answers from a cache, or of another's call.";
      case REJECTIONS -> "Requests that the gateway refused.";
      case FAILURES -> "Requests that were neither answered nor refused.";
      case WAITING -> "Requests in the gateway's queues.";
      case UNDER_WAY -> "Requests that have come and are not over.";
      case REPLICAS -> "Servers that are members of a pool.";
    };
  }
}
