package dev.forebay.replay.cli;

import dev.forebay.replay.live.Fidelity;
import dev.forebay.replay.live.LiveComparison;
import dev.forebay.replay.live.LiveOptions;
import dev.forebay.replay.live.LiveReport;
import dev.forebay.replay.run.Combination;
import dev.forebay.replay.run.Comparison;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.run.VllmReport;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceFormats;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code compare} that are about live runs, and what they do. */
final class LiveMode {

  private static final int LONGEST_SECONDS = 86_400;
  private static final int LONGEST_WARM_UP = 600;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "virtual",
      description =
          "virtual; live: gateway, upstream and client as processes, over HTTP, in real time; or"
              + " both, with the difference per column. Default: ${DEFAULT-VALUE}.")
  private String mode = "virtual";

  @Option(
      names = "--duration",
      paramLabel = "SECONDS",
      defaultValue = "20",
      description =
          "Live: arrivals until then only; default: ${DEFAULT-VALUE}. --requests bounds them, too.")
  private int seconds = 20;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      defaultValue = "6",
      description =
          "Live: so long traffic comes before that does not count; default: ${DEFAULT-VALUE}.")
  private int warmUp = 6;

  @Option(
      names = "--upstream",
      paramLabel = "URL",
      description =
          "Live: a real upstream instead of emulators of the scenario's servers; its key is read"
              + " from FOREBAY_UPSTREAM_KEY.")
  private @Nullable String upstream;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "Live: the model that every request asks for, for a real upstream.")
  private @Nullable String model;

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description = "Live: keeps what became of each request, a line of JSON for each, in DIR.")
  private @Nullable Path keep;

  /** Whether processes are run. */
  boolean isLive() {
    return !mode.equals("virtual");
  }

  /** What is wrong with them; null if nothing is. */
  @Nullable String mistake() {
    if (!List.of("virtual", "live", "both").contains(mode)) {
      return "--mode: " + mode + " (expected: virtual, live or both)";
    }
    if (seconds < 1 || seconds > LONGEST_SECONDS) {
      return "--duration: " + seconds + " (expected: 1 to " + LONGEST_SECONDS + ")";
    }
    if (warmUp < 0 || warmUp > LONGEST_WARM_UP) {
      return "--warm-up: " + warmUp + " (expected: 0 to " + LONGEST_WARM_UP + ")";
    }
    if (upstream != null && !upstream.matches("https?://.+")) {
      return "--upstream: " + upstream + " (expected: a URL, such as http://127.0.0.1:8000)";
    }
    return upstream != null && !mode.equals("live")
        ? "--upstream: with --mode " + mode + " (expected: --mode live)"
        : null;
  }

  /**
   * What a comparison found.
   *
   * @param report its columns
   * @param json as {@code report.json}
   * @param table for a terminal
   * @param warnings why its figures cannot be believed; empty if they can
   */
  record Found(Report report, JsonObject json, String table, List<String> warnings) {

    /** As it is shown: {@code table}, {@code json} or {@code vllm}. */
    String text(String format) {
      return switch (format) {
        case "json" -> json.encodePrettily() + "\n";
        case "vllm" -> VllmReport.of(report);
        default -> table;
      };
    }
  }

  /**
   * Runs a comparison.
   *
   * @param source name or file of the scenario
   * @param chosen combinations to run
   * @param workload the trace of each seed
   * @param load share of the fleet's capacity that arrivals are scaled to; 0 leaves them
   * @param limit requests at most; null for all
   * @param jobs runs in virtual time at a time
   */
  Found run(
      Scenario scenario,
      String source,
      List<Combination> chosen,
      LongFunction<Trace> workload,
      double load,
      List<Long> seeds,
      @Nullable Integer limit,
      @Nullable Path plugins,
      int jobs,
      boolean wide,
      Comparison.Progress progress) {
    LiveOptions options =
        new LiveOptions(
            limit == null ? TraceFormats.ALL : limit,
            Duration.ofSeconds(seconds),
            Duration.ofSeconds(warmUp),
            upstream,
            model,
            plugins,
            keep);
    LiveComparison comparison = new LiveComparison(scenario, source, chosen, options);
    Map<Long, Trace> traces = comparison.traces(workload, load, seeds);
    LiveReport live = comparison.run(traces, progress);
    if (mode.equals("live")) {
      return new Found(
          live.report(), live.json(), live.table(wide, Terminal.colour()), live.warnings());
    }
    List<Combination> ran = new ArrayList<>(chosen);
    ran.removeIf(
        each ->
            live.report().cells().stream()
                .noneMatch(cell -> cell.combination().equals(each.name())));
    Report virtual =
        new Comparison(scenario, ran)
            .run(seed -> Objects.requireNonNull(traces.get(seed)), 0, seeds, jobs, progress);
    Fidelity fidelity = new Fidelity(live, virtual);
    return new Found(
        live.report(), fidelity.json(), fidelity.table(wide, Terminal.colour()), live.warnings());
  }
}
