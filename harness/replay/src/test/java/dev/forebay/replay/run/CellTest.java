package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Means, intervals and paired differences. */
class CellTest {

  private static final Duration DAY = Duration.ofDays(1);

  /** Quantiles of published tables. */
  @Test
  void studentsTIsRightForAnyNumberOfSeeds() {
    assertEquals(12.706, Cell.student(1), 1e-3);
    assertEquals(2.776, Cell.student(4), 1e-3);
    assertEquals(2.042, Cell.student(30), 1e-3);
    assertEquals(2.0395, Cell.student(31), 1e-4);
    assertEquals(2.0211, Cell.student(40), 1e-4);
    assertEquals(1.9842, Cell.student(99), 2e-4);
    assertEquals(1.9600, Cell.student(1_000_000), 1e-4);
  }

  /** 10, 20 and 30 beside 11, 21 and 32: 1, 1 and 2 more, however much the seeds differ. */
  @Test
  void aDifferenceIsTakenSeedBySeed() {
    Cell.Difference difference = cell(11, 21, 32).difference(cell(10, 20, 30), Row::cost);
    assertEquals(4 / 3.0, difference.mean(), 1e-9);
    assertEquals(4.303 * Math.sqrt(1 / 3.0 / 3), difference.interval(), 1e-9);
    assertEquals(3, difference.seeds());
    assertFalse(difference.isSure());
    assertTrue(cell(12, 22, 32.1).difference(cell(10, 20, 30), Row::cost).isSure());
  }

  @Test
  void oneSeedHasNoInterval() {
    Cell.Difference difference = cell(5).difference(cell(3), Row::cost);
    assertEquals(2, difference.mean(), 1e-9);
    assertEquals(0, difference.interval());
    assertFalse(difference.isSure());
  }

  /** A latency of no answer is no 0, which would be the best of all. */
  @Test
  void seedsWithoutAFigureDoNotCount() {
    Cell some = cell(4, Double.NaN, 6);
    assertEquals(5, some.mean(Row::cost), 1e-9);
    assertEquals(12.706, some.interval(Row::cost), 1e-9);
    assertEquals(1, some.difference(cell(3, 4, Double.NaN), Row::cost).seeds());
    Cell none = cell(Double.NaN, Double.NaN);
    assertTrue(Double.isNaN(none.mean(Row::cost)));
    assertEquals("-", Column.Unit.MILLIS.text(none.mean(Row::cost)));
  }

  private static Cell cell(double... costs) {
    List<Row> rows = new ArrayList<>();
    for (double cost : costs) {
      rows.add(
          new Tally(new Objective(DAY, DAY, DAY))
              .row(
                  "x",
                  rows.size(),
                  "",
                  null,
                  new Spent(cost, 0, 0, 0, 0, 0, 0),
                  new TreeMap<>(),
                  new TreeMap<>(),
                  new TreeMap<>()));
    }
    return new Cell("x", rows);
  }
}
