package dev.forebay.replay.page;

import dev.forebay.replay.run.Cell;
import dev.forebay.replay.run.Row;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The combinations that no other beats: none is cheaper and as good, or better and as cheap. */
final class Pareto {

  private Pareto() {}

  /**
   * The front, the cheapest first.
   *
   * @param more whether higher figures are better
   */
  static List<Cell> front(
      List<Cell> cells, ToDoubleFunction<Row> cost, ToDoubleFunction<Row> figure, boolean more) {
    ToDoubleFunction<Row> loss = more ? row -> -figure.applyAsDouble(row) : figure;
    return cells.stream()
        .filter(cell -> cells.stream().noneMatch(other -> beats(other, cell, cost, loss)))
        .sorted(Comparator.comparingDouble(cell -> cell.mean(cost)))
        .toList();
  }

  private static boolean beats(
      Cell one, Cell other, ToDoubleFunction<Row> cost, ToDoubleFunction<Row> loss) {
    double cheaper = other.mean(cost) - one.mean(cost);
    double better = other.mean(loss) - one.mean(loss);
    return cheaper >= 0 && better >= 0 && (cheaper > 0 || better > 0);
  }
}
