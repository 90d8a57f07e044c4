package dev.forebay.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.forebay.config.Registry;
import dev.forebay.replay.run.Combination;
import dev.forebay.replay.run.Comparison;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.Row;
import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.run.ScenarioReader;
import dev.forebay.replay.trace.Overlay;
import dev.forebay.replay.trace.SyntheticTrace;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceFormats;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The speed of virtual time: content chunks per second through the whole chain, on one thread. An
 * event is a chunk that reached its caller; what went on between chunks (arrivals, timers, steps of
 * servers) is not counted, but takes its time.
 */
final class VirtualSpeed {

  private static final int MAX_ROUNDS = 100;

  private final Scenario scenario;
  private final Trace trace;
  private final PrintStream out;

  private VirtualSpeed(Scenario scenario, Trace trace, PrintStream out) {
    this.scenario = scenario;
    this.trace = trace;
    this.out = out;
  }

  /**
   * Generated traffic, several times over in one JVM; the first rounds warm it up.
   *
   * @param requests of each round, above 0
   * @param rounds 1 to 100
   * @return the median of events per second of wall time, over the later half of the rounds
   */
  static double throughput(int requests, int rounds, PrintStream out) {
    if (rounds < 1 || rounds > MAX_ROUNDS) {
      throw new IllegalArgumentException("rounds: " + rounds + " (expected: 1 to 100)");
    }
    Scenario scenario = scenario();
    Trace all = SyntheticTrace.generate(scenario.synthetic(), 1);
    if (requests < 1 || requests > all.requests().size()) {
      throw new IllegalArgumentException(
          "requests: " + requests + " (expected: 1 to " + all.requests().size() + ")");
    }
    VirtualSpeed speed = new VirtualSpeed(scenario, first(all, requests), out);
    List<Double> figures = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      double figure = speed.round(round);
      if (round > rounds / 2) {
        figures.add(figure);
      }
    }
    double median = Figures.median(figures);
    out.printf(Locale.ROOT, "median of the later half: %,.0f events/s%n", median);
    return median;
  }

  /**
   * A recorded trace, once, in a JVM that has just begun.
   *
   * @param spec {@code FORMAT:PATH}
   * @return seconds since the JVM began
   */
  static double recorded(String spec, int limit, PrintStream out) {
    Scenario scenario = scenario();
    Trace read = Overlay.apply(TraceFormats.open(spec, limit, 1), scenario.overlay(), 1);
    out.printf(
        Locale.ROOT, "%s: %,d requests, read by %.2f s%n", spec, read.requests().size(), uptime());
    new VirtualSpeed(scenario, read, out).round(1);
    double seconds = uptime();
    out.printf(
        Locale.ROOT,
        "from the start of the JVM to the end of the run: %.2f s, in a heap of at most %d MB%n",
        seconds,
        Runtime.getRuntime().maxMemory() >> 20);
    return seconds;
  }

  private double round(int round) {
    Combination chain =
        scenario.combinations().stream()
            .filter(combination -> combination.name().equals("chain"))
            .findFirst()
            .orElseThrow();
    Comparison comparison = new Comparison(scenario, List.of(chain));
    long cpu = cpuNanos();
    long began = System.nanoTime();
    Report report = comparison.run(seed -> trace, 0, List.of(1L), 1, (runs, of, row) -> {});
    double seconds = (System.nanoTime() - began) / 1e9;
    double cpuSeconds = (cpuNanos() - cpu) / 1e9;
    Row row = report.cells().get(0).rows().get(0);
    if (row.ok() < row.requests() * 0.99) {
      throw new IllegalStateException("answered: " + row.ok() + " of " + row.requests());
    }
    double perSecond = row.events() / seconds;
    out.printf(
        Locale.ROOT,
        "round %d: %,d requests, %,d events in %.2f s: %,.0f events/s (%,.0f per CPU second of all"
            + " threads); answered %d, digest %s%n",
        round,
        row.requests(),
        row.events(),
        seconds,
        perSecond,
        row.events() / cpuSeconds,
        row.ok(),
        row.digest());
    return perSecond;
  }

  private static Scenario scenario() {
    try (InputStream in = VirtualSpeed.class.getResourceAsStream("chain.yaml")) {
      if (in == null) {
        throw new IllegalStateException("chain.yaml");
      }
      Path file = Files.createTempFile("forebay-chain", ".yaml");
      try {
        Files.write(file, in.readAllBytes());
        return ScenarioReader.read(
            file.toString(),
            Registry.load(VirtualSpeed.class.getClassLoader()),
            VirtualSpeed::nothing);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable String nothing(String environmentVariable) {
    return null;
  }

  private static Trace first(Trace trace, int count) {
    return new Trace(
        trace.format(),
        trace.path(),
        trace.requests().subList(0, count),
        trace.carries(),
        trace.synthetic(),
        trace.blockTokens(),
        trace.recordedNanos(),
        trace.notes());
  }

  private static double uptime() {
    return ManagementFactory.getRuntimeMXBean().getUptime() / 1e3;
  }

  private static long cpuNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }
}
