package dev.forebay.replay.run;

import dev.forebay.replay.trace.Trace;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a comparison found.
 *
 * @param scenario name of the scenario
 * @param about what the scenario shows; empty if it does not say
 * @param trace the trace under the first seed
 * @param cells by combination, in the order of the scenario
 * @param load how much it asks of the fleet
 * @param skipped combinations that were left out, and why
 * @param failed combinations whose run failed, and why: a plugin threw or hangs, or the books do
 *     not balance
 * @param notes what a reader has to know, one sentence each
 */
public record Report(
    String scenario,
    String about,
    Trace trace,
    List<Cell> cells,
    Load load,
    Map<String, String> skipped,
    Map<String, String> failed,
    List<String> notes) {

  /** The combination that the others are measured against; empty if it was not run, or failed. */
  public Optional<Cell> baseline() {
    return cells.stream()
        .filter(cell -> cell.combination().equals(ScenarioReader.BASELINE))
        .findFirst();
  }
}
