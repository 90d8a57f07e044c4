package dev.forebay.cli;

import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.trace.TraceFormats;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code compare} that say which requests arrive, and how fast. */
final class TrafficOptions {

  @Option(
      names = "--trace",
      paramLabel = "FORMAT:PATH",
      description =
          "replays this trace: azure, mooncake, servegen (RATES[,LENGTHS]), burstgpt, access-log or"
              + " jsonl; gzipped or not")
  private @Nullable String trace;

  @Option(
      names = {"--limit", "--requests"},
      paramLabel = "N",
      description = "replays N requests at most")
  private @Nullable Integer limit;

  @Option(names = "--speed", paramLabel = "X", description = "arrivals X times as fast")
  private @Nullable Double speed;

  @Option(
      names = "--load",
      paramLabel = "X",
      description = "scales arrivals so that they ask for X times what the fleet can do")
  private @Nullable Double load;

  /** Whether a trace is named. */
  boolean isTraced() {
    return trace != null;
  }

  /** Whether arrivals have a speed or a load of their own. */
  boolean isPaced() {
    return speed != null || load != null;
  }

  /** Requests at most; null for all. */
  @Nullable Integer limit() {
    return limit;
  }

  /** Refuses what is wrong with them. */
  void check() {
    WrongInput.unless(limit == null || limit >= 1, "--limit", limit, "at least 1");
    WrongInput.unless(
        speed == null || (speed > 0 && speed <= 1e6), "--speed", speed, "above 0, to 1000000");
    WrongInput.unless(
        load == null || (load > 0 && load <= 1000), "--load", load, "above 0, to 1000");
    WrongInput.unless(speed == null || load == null, "--speed", speed, "either --speed or --load");
  }

  /** The traffic of a scenario. */
  Workload workload(Scenario read) {
    return Workload.of(
        read, trace, limit == null ? TraceFormats.ALL : limit, speed == null ? 1 : speed);
  }

  /**
   * The load that arrivals are scaled to; 0 leaves them. Recorded traces are scaled to the
   * scenario's load, unless the caller says otherwise.
   */
  double load(Scenario read, Workload workload) {
    if (load != null) {
      return load;
    }
    return (workload.spec() != null || read.traceOptional()) && speed == null ? read.load() : 0;
  }
}
