package dev.forebay.replay.run;

import dev.forebay.config.Registry;
import dev.forebay.core.cost.Prices;
import dev.forebay.core.kernel.VertxTimeline;
import dev.forebay.gateway.Blueprint;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.replay.trace.SyntheticTrace;
import dev.forebay.replay.trace.Trace;
import dev.forebay.simulation.AnswerLength;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.MemoryBudget;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Vertx;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether virtual time tells the truth: the same chain of plugins, arrivals and simulated servers,
 * once in virtual time and once on a Vert.x event loop, side by side.
 */
public final class Fidelity {

  private static final long TICK_NANOS = 5_000_000;

  private final Blueprint blueprint;
  private final Objective objective;
  private final Callers callers;
  private final Trace trace;
  private final long seed;

  private Fidelity(
      Blueprint blueprint, Objective objective, Callers callers, Trace trace, long seed) {
    this.blueprint = blueprint;
    this.objective = objective;
    this.callers = callers;
    this.trace = trace;
    this.seed = seed;
  }

  /**
   * What was found.
   *
   * @param virtual latencies in virtual time, in milliseconds
   * @param real latencies on an event loop, in milliseconds
   * @param answered requests answered in virtual time, and in real time
   * @param lateness how late timers of the event loop were: what the machine adds to each step
   */
  public record Figures(
      Distribution virtual, Distribution real, Answered answered, Distribution lateness) {

    /** How far the larger of the differences of mean and p90 is, as a share of virtual time's. */
    public double difference() {
      return Math.max(
          Math.abs(real.mean() / virtual.mean() - 1), Math.abs(real.p90() / virtual.p90() - 1));
    }

    /** One line for each of the two. */
    public String text() {
      return String.format(
          Locale.ROOT,
          "virtual: %d answered, mean %.1f ms, p90 %.1f ms%n"
              + "real:    %d answered, mean %.1f ms (%+.1f %%), p90 %.1f ms (%+.1f %%);"
              + " timers late by %.2f ms in the mean, p99 %.2f ms",
          answered.virtual(),
          virtual.mean(),
          virtual.p90(),
          answered.real(),
          real.mean(),
          100 * (real.mean() / virtual.mean() - 1),
          real.p90(),
          100 * (real.p90() / virtual.p90() - 1),
          lateness.mean(),
          lateness.p99());
    }
  }

  /** Requests that were answered. */
  public record Answered(long virtual, long real) {}

  /**
   * Runs both; takes as long as the generated trace, and a little more.
   *
   * @param scenario with generated traffic of a few seconds
   * @param combination which of its combinations
   * @throws SelfCheckException where the real run does not end
   */
  public static Figures measure(Scenario scenario, String combination, long seed)
      throws InterruptedException {
    Combination chosen =
        scenario.combinations().stream()
            .filter(known -> known.name().equals(combination))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("combination: " + combination));
    Trace trace = SyntheticTrace.generate(scenario.synthetic(), seed);
    return new Fidelity(chosen.blueprint(), scenario.objective(), scenario.callers(), trace, seed)
        .measure(scenario.prices());
  }

  private Figures measure(Prices prices) throws InterruptedException {
    VirtualTimeline timeline = new VirtualTimeline();
    Row virtual =
        new Replay(
                trace,
                new Lengths(trace),
                blueprint,
                objective,
                Duration.ZERO,
                callers,
                List.of(),
                timeline,
                List.of(new Host(timeline.beside("the gateway's timeline"), seed)),
                seed,
                new Bound())
            .run("", prices, 0);
    Samples lateness = new Samples();
    Tally real = real(lateness);
    return new Figures(
        virtual.latency(),
        real.latency(),
        new Answered(virtual.ok(), real.ok()),
        lateness.distribution());
  }

  private Tally real(Samples lateness) throws InterruptedException {
    Vertx vertx = Vertx.vertx();
    try {
      CompletableFuture<Tally> over = new CompletableFuture<>();
      Timeline timeline = VertxTimeline.of(vertx);
      timeline.execute(() -> begin(timeline, over, lateness));
      long seconds = (long) trace.spanSeconds() + objective.patience().toSeconds() + 30;
      return over.get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new SelfCheckException("the run in real time does not end: " + e, e);
    } finally {
      vertx.close();
    }
  }

  private void begin(Timeline timeline, CompletableFuture<Tally> over, Samples lateness) {
    Lengths lengths = new Lengths(trace);
    Fleet fleet = new Fleet();
    Gateway gateway =
        Gateway.of(
            blueprint,
            new Host(timeline, seed)
                .lend(AnswerLength.class, lengths)
                .lend(Fleet.class, fleet)
                .lend(MemoryBudget.class, new MemoryBudget(Replay.MEMORY_BYTES)));
    fleet.join(gateway.backends());
    gateway.start();
    Tally tally = new Tally(objective);
    Gateways one = new Gateways(List.of(gateway));
    new Traffic(timeline, trace, lengths, objective, Duration.ZERO, callers, tally, one, fleet)
        .start(
            () -> {
              gateway.close();
              over.complete(tally);
            });
    tick(timeline, over, lateness);
  }

  /** Measures how late timers are, beside the run and on its event loop. */
  private static void tick(Timeline timeline, CompletableFuture<Tally> over, Samples lateness) {
    long due = timeline.nanos() + TICK_NANOS;
    timeline.after(
        TICK_NANOS,
        () -> {
          lateness.add(timeline.nanos() - due);
          if (!over.isDone()) {
            tick(timeline, over, lateness);
          }
        });
  }

  /**
   * Prints both for a scenario.
   *
   * @param arguments a scenario, a combination, and a seed; without them, {@code fidelity
   *     everything 1}
   */
  public static void main(String[] arguments) throws InterruptedException {
    String scenario = arguments.length > 0 ? arguments[0] : "fidelity";
    String combination = arguments.length > 1 ? arguments[1] : "everything";
    long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : 1;
    Registry registry = Registry.load(Fidelity.class.getClassLoader());
    Scenario read = ScenarioReader.read(scenario, registry, System::getenv);
    PrintStream out = System.out;
    out.println(measure(read, combination, seed).text());
  }
}
