package dev.forebay.replay.run;

import dev.forebay.config.Node;
import dev.forebay.spi.options.Names;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What each strategy of a combination is worth: each stage of its pipeline, and its balancer, alone
 * before round robin ({@code only-NAME}), and the combination without it ({@code without-NAME}).
 */
public final class Ablation {

  private static final String ORIGIN = "--ablate";
  private static final String BALANCE = "balance";
  private static final Map<String, Object> ROUND_ROBIN = Map.of(BALANCE, "round-robin");

  private final String base;
  private final Map<String, Node> strategies = new LinkedHashMap<>();

  /**
   * An ablation.
   *
   * @param base the name of a combination of the scenario
   */
  public Ablation(String base) {
    this.base = base;
  }

  /**
   * The scenario whose combinations are the baseline, the combination, and its parts.
   *
   * @throws IllegalArgumentException if the scenario has no such combination, or it has no pipeline
   */
  public Node document(Node scenario) {
    Node all = scenario.get("combinations");
    Node combination = all == null ? null : all.get(base);
    if (all == null || combination == null) {
      throw new IllegalArgumentException(
          ORIGIN
              + ": combination '"
              + base
              + "' (expected: "
              + Names.oneOf(all == null ? List.of() : all.keys(), base)
              + ")");
    }
    note(pipeline(scenario.get("gateway"), combination.get("gateway")));
    Map<String, Object> kept = new LinkedHashMap<>();
    Node baseline = all.get(ScenarioReader.BASELINE);
    if (baseline != null) {
      kept.put(ScenarioReader.BASELINE, baseline);
    }
    kept.put(base, combination);
    strategies.forEach(
        (name, stage) -> {
          kept.put("only-" + name, combination.merge(patch(name + " alone", only(name, stage))));
          kept.put("without-" + name, combination.merge(patch("without " + name, without(name))));
        });
    return scenario.without("combinations").merge(Node.of(Map.of("combinations", kept), ORIGIN));
  }

  /** The names of the combinations that belong to it. */
  public List<String> names() {
    List<String> names = new ArrayList<>(List.of(ScenarioReader.BASELINE, base));
    for (String name : strategies.keySet()) {
      names.add("only-" + name);
      names.add("without-" + name);
    }
    return names;
  }

  /** The combination that is taken apart. */
  public String base() {
    return base;
  }

  /** Names of its strategies, once the scenario was read. */
  public List<String> strategies() {
    return List.copyOf(strategies.keySet());
  }

  /** A sentence for each strategy, in lines that fit a terminal. */
  public String text(Report report) {
    StringBuilder text = new StringBuilder();
    Map<String, Cell> cells = new LinkedHashMap<>();
    report.cells().forEach(cell -> cells.put(cell.combination(), cell));
    Cell baseline = cells.get(ScenarioReader.BASELINE);
    Cell whole = cells.get(base);
    for (String name : strategies.keySet()) {
      Cell only = cells.get("only-" + name);
      Cell without = cells.get("without-" + name);
      if (baseline != null && whole != null && only != null && without != null) {
        text.append(
            TableReport.wrapped(
                name
                    + ": alone "
                    + points(only.difference(baseline, Column.ANSWERED.figure()))
                    + " beside the baseline; without it "
                    + points(without.difference(whole, Column.ANSWERED.figure()))
                    + " beside "
                    + base));
      }
    }
    return text.toString();
  }

  private static String points(Cell.Difference difference) {
    double mean = difference.mean() * 100;
    double half = difference.interval() * 100;
    return String.format(Locale.ROOT, "%+.1f points", mean)
        + (difference.seeds() < 2
            ? ""
            : String.format(Locale.ROOT, " (%+.1f to %+.1f)", mean - half, mean + half));
  }

  private static Node pipeline(@Nullable Node shared, @Nullable Node own) {
    Node pipeline = own == null ? null : own.get("pipeline");
    if (pipeline == null && shared != null) {
      pipeline = shared.get("pipeline");
    }
    if (pipeline == null || pipeline.items().isEmpty()) {
      throw new IllegalArgumentException(
          ORIGIN + ": a combination without a pipeline (expected: stages to leave out)");
    }
    return pipeline;
  }

  private void note(Node pipeline) {
    for (Node stage : pipeline.items()) {
      String kind = stage.keys().isEmpty() ? stage.text() : stage.keys().get(0);
      String name = kind;
      for (int i = 2; strategies.containsKey(name); i++) {
        name = kind + "-" + i;
      }
      strategies.put(name, stage);
    }
  }

  private static List<Object> only(String name, Node stage) {
    return name.equals(BALANCE) ? List.of(stage) : List.of(stage, ROUND_ROBIN);
  }

  private List<Object> without(String left) {
    List<Object> stages = new ArrayList<>();
    strategies.forEach(
        (name, stage) -> {
          if (!name.equals(left)) {
            stages.add(stage);
          } else if (name.equals(BALANCE)) {
            stages.add(ROUND_ROBIN);
          }
        });
    return stages;
  }

  private static Node patch(String about, List<Object> pipeline) {
    return Node.of(Map.of("about", about, "gateway", Map.of("pipeline", pipeline)), ORIGIN);
  }
}
