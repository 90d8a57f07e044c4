package dev.forebay.cli;

import dev.forebay.replay.run.Combination;
import dev.forebay.replay.run.Scenario;
import java.io.PrintWriter;

/** A scenario in words, as {@code compare --list} shows it. */
final class ScenarioText {

  private ScenarioText() {}

  /** Prints its name and what it is about, and a line for each of its combinations. */
  static void print(Scenario scenario, PrintWriter to) {
    to.println(scenario.name() + (scenario.about().isEmpty() ? "" : ": " + scenario.about()));
    for (Combination combination : scenario.combinations()) {
      String about = combination.about();
      to.println("  " + combination.name() + (about.isEmpty() ? "" : ": " + about));
    }
  }
}
