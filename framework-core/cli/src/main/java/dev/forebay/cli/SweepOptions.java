package dev.forebay.cli;

import dev.forebay.replay.run.Sweep;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of {@code compare} that run a scenario for several values of it. */
final class SweepOptions {

  @Option(
      names = "--sweep",
      paramLabel = "PARAMETER=VALUES",
      description =
          "runs all for each of some values: load=0.5,1,2, or any value of the scenario by its"
              + " path, such as synthetic.rate-per-second=5,10 or fleet.*.server.slots=8,16; twice"
              + " for each pair of the values of two")
  private List<String> sweep = new ArrayList<>();

  @Option(
      names = "--region",
      paramLabel = "CONDITION",
      description =
          "with --sweep: tells for which values all such conditions hold, as"
              + " 'recommended.answeredOfOffered >= 0.9995'; repeatable")
  private List<String> region = new ArrayList<>();

  /** Whether nothing is swept. */
  boolean isEmpty() {
    return sweep.isEmpty();
  }

  /** What is swept: one parameter, or two. */
  List<Sweep> parameters() {
    return sweep.stream().map(Sweep::parse).toList();
  }

  /** The conditions of the region, as they were written. */
  List<String> region() {
    return region;
  }

  /**
   * Refuses what is wrong with them.
   *
   * @param paced whether arrivals have a speed or a load of their own
   */
  void check(boolean paced) {
    WrongInput.unless(sweep.size() <= 2, "--sweep", sweep, "at most two parameters");
    WrongInput.unless(region.isEmpty() || !sweep.isEmpty(), "--region", region, "--sweep with it");
    List<Sweep> parsed = parameters();
    long different = parsed.stream().map(Sweep::parameter).distinct().count();
    WrongInput.unless(different == parsed.size(), "--sweep", sweep, "two different parameters");
    boolean loaded = parsed.stream().anyMatch(Sweep::isLoad);
    WrongInput.unless(!loaded || !paced, "--sweep", sweep, "no --load or --speed");
  }

  @Override
  public String toString() {
    return sweep.toString();
  }
}
