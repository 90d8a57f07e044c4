package dev.forebay.cli;

import dev.forebay.config.Registry;
import dev.forebay.replay.run.Combination;
import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.run.ScenarioReader;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Scenarios and their combinations, each with what it is about. */
final class ScenarioList {

  private ScenarioList() {}

  /**
   * Prints them.
   *
   * @param scenario a name or a file; null for those that come with Forebay
   */
  static void print(@Nullable String scenario, Registry registry, PrintWriter out) {
    List<String> names = scenario == null ? ScenarioReader.builtIn() : List.of(scenario);
    for (String name : names) {
      Scenario read = ScenarioReader.read(name, registry, System::getenv);
      out.println(read.name() + (read.about().isEmpty() ? "" : ": " + read.about()));
      for (Combination combination : read.combinations()) {
        String about = combination.about();
        out.println("  " + combination.name() + (about.isEmpty() ? "" : ": " + about));
      }
    }
  }
}
