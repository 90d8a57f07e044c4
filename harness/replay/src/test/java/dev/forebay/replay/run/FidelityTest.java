package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.Test;

/** Virtual time against an event loop; about six seconds of real time for each try. */
class FidelityTest {

  private static final int TRIES = 3;
  private static final double TOLERANCE = 0.1;

  /** Above this, the machine and not the chain decides: each step of a server ends in a timer. */
  private static final double LATE_MILLIS = 1.5;

  @Test
  void theSameChainIsAsFastInVirtualTimeAsInReal() throws InterruptedException {
    Scenario scenario = ScenarioReader.read("fidelity", Bench.REGISTRY, name -> null);
    Fidelity.Figures figures = Fidelity.measure(scenario, "everything", 1);
    System.out.println(figures.text());
    for (int i = 1; i < TRIES && figures.difference() > TOLERANCE; i++) {
      figures = Fidelity.measure(scenario, "everything", 1);
      System.out.println(figures.text());
    }
    if (figures.difference() > TOLERANCE && figures.lateness().mean() > LATE_MILLIS) {
      abort("the machine is overloaded: " + figures.text());
    }
    assertTrue(figures.answered().virtual() > 200, figures.text());
    assertEquals(figures.answered().virtual(), figures.answered().real(), figures.text());
    assertTrue(figures.difference() <= TOLERANCE, figures.text());
  }
}
