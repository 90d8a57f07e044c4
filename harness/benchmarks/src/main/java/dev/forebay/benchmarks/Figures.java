package dev.forebay.benchmarks;

import java.util.List;

/** What is said of several measurements of one thing. */
final class Figures {

  private Figures() {}

  /** The middle one; the mean of the two middle ones of an even number. At least one is needed. */
  static double median(List<Double> figures) {
    List<Double> sorted = figures.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
