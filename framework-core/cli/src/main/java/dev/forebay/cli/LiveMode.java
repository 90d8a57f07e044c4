package dev.forebay.cli;

import dev.forebay.net.HttpAddress;
import dev.forebay.replay.live.Fidelity;
import dev.forebay.replay.live.LiveComparison;
import dev.forebay.replay.live.LiveOptions;
import dev.forebay.replay.live.LiveReport;
import dev.forebay.replay.page.ReportPage;
import dev.forebay.replay.run.Combination;
import dev.forebay.replay.run.Comparison;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.run.VllmReport;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceFormats;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** The options of {@code compare} that are about live runs, and what they do. */
final class LiveMode {

  private static final int LONGEST_SECONDS = 86_400;
  private static final int LONGEST_WARM_UP = 600;
  private static final int LONGEST_CONNECT_MILLIS = 5_000;

  /** What says nothing of a run in virtual time. */
  private static final List<String> LIVE_ONLY =
      List.of("--duration", "--warm-up", "--model", "--keep");

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "virtual",
      description =
          "virtual; live: gateway, upstream and client as processes, over HTTP, in real time; or"
              + " both, with the difference per column; default: ${DEFAULT-VALUE}")
  private String mode = "virtual";

  @Option(
      names = "--duration",
      paramLabel = "SECONDS",
      defaultValue = "20",
      description =
          "live: arrivals until then only; default: ${DEFAULT-VALUE}; --requests bounds them, too")
  private int seconds = 20;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      defaultValue = "6",
      description =
          "live: so long traffic comes before that does not count; default: ${DEFAULT-VALUE}")
  private int warmUp = 6;

  @Option(
      names = "--upstream",
      paramLabel = "URL",
      description =
          "live: a real upstream instead of emulators of the scenario's servers; its key is read"
              + " from FOREBAY_UPSTREAM_KEY")
  private @Nullable String upstream;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "live: the model that every request asks for, for a real upstream")
  private @Nullable String model;

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description = "live: keeps what became of each request, a line of JSON for each, in DIR")
  private @Nullable Path keep;

  /** Whether processes are run. */
  boolean isLive() {
    return !mode.equals("virtual");
  }

  /**
   * Refuses what is wrong with them, before any work is done.
   *
   * @param given what the caller wrote
   */
  void check(ParseResult given) {
    WrongInput.unless(
        List.of("virtual", "live", "both").contains(mode), "--mode", mode, "virtual, live or both");
    for (String option : LIVE_ONLY) {
      WrongInput.unless(
          isLive() || !given.hasMatchedOption(option),
          option,
          "with --mode " + mode,
          "--mode live or both");
    }
    WrongInput.unless(
        seconds >= 1 && seconds <= LONGEST_SECONDS,
        "--duration",
        seconds,
        "1 to " + LONGEST_SECONDS);
    WrongInput.unless(
        warmUp >= 0 && warmUp <= LONGEST_WARM_UP, "--warm-up", warmUp, "0 to " + LONGEST_WARM_UP);
    WrongInput.unless(
        model == null || upstream != null, "--model", model, "--upstream, whose model it is");
    if (upstream != null) {
      WrongInput.unless(mode.equals("live"), "--upstream", "with --mode " + mode, "--mode live");
      reach(upstream);
    }
    if (keep != null) {
      ReportFolder.at("--keep", keep);
    }
  }

  /** Refuses an upstream that nobody can connect to: all requests would fail, a minute later. */
  private static void reach(String url) {
    HttpAddress address;
    try {
      address = HttpAddress.parse(url);
    } catch (IllegalArgumentException e) {
      throw new WrongInput(String.valueOf(e.getMessage()).replaceFirst("^url", "--upstream"));
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address.host(), address.port()), LONGEST_CONNECT_MILLIS);
    } catch (IOException e) {
      throw new WrongInput(
          "--upstream: no connection to "
              + address.name()
              + ":"
              + address.port()
              + ": "
              + (e instanceof UnknownHostException ? "unknown host" : e.getMessage())
              + " (expected: a server that listens there)");
    }
  }

  /**
   * What a comparison found.
   *
   * @param live the live runs
   * @param fidelity the same in virtual time beside it, if that was asked for
   */
  record Found(LiveReport live, Optional<Fidelity> fidelity) {

    /** As {@code report.json}. */
    JsonObject json() {
      return fidelity.map(Fidelity::json).orElseGet(live::json);
    }

    /** As {@code index.html}. */
    String page(String command) {
      return ReportPage.of(live, fidelity, command);
    }

    /** As it is shown: {@code table}, {@code json} or {@code vllm}. */
    String text(String format, boolean wide) {
      boolean colour = Terminal.colour();
      return switch (format) {
        case "json" -> json().encodePrettily() + "\n";
        case "vllm" -> VllmReport.of(live.report());
        default ->
            fidelity
                .map(both -> both.table(wide, colour))
                .orElseGet(() -> live.table(wide, colour));
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
      Comparison.Progress progress) {
    LiveOptions options =
        new LiveOptions(
            Main.class.getName(),
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
    List<Combination> ran = new ArrayList<>(chosen);
    ran.removeIf(
        each ->
            live.report().cells().stream()
                .noneMatch(cell -> cell.combination().equals(each.name())));
    if (mode.equals("live") || ran.isEmpty()) {
      return new Found(live, Optional.empty());
    }
    Report virtual =
        new Comparison(scenario, ran)
            .run(seed -> Objects.requireNonNull(traces.get(seed)), 0, seeds, jobs, progress);
    return new Found(live, Optional.of(new Fidelity(live, virtual)));
  }
}
