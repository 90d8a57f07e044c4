package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Tables in a terminal. */
class GridTest {

  @Test
  void namesThatAreCutStayDifferent() {
    Grid grid =
        new Grid(
            List.of(
                List.of("combination", "answered"),
                List.of("least-connections-health", "1"),
                List.of("least-connections-slow-start", "2"),
                List.of("a-very-long-name-of-its-own", "3"),
                List.of("short", "4")));
    assertEquals(
        """
        combination         answered
        least-con\u2026s-health         1
        least-con\u2026ow-start         2
        a-very-long-name-\u2026         3
        short                      4
        """,
        grid.text(28, false));
  }
}
