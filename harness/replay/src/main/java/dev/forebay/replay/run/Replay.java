package dev.forebay.replay.run;

import dev.forebay.core.cost.Price;
import dev.forebay.core.cost.Prices;
import dev.forebay.gateway.Blueprint;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.redis.RedisStore;
import dev.forebay.redis.twin.TwinModel;
import dev.forebay.redis.twin.TwinServer;
import dev.forebay.replay.trace.Trace;
import dev.forebay.simulation.AnswerLength;
import dev.forebay.simulation.SharedServers;
import dev.forebay.simulation.SimulatedServer;
import dev.forebay.spi.host.MemoryBudget;
import dev.forebay.timeline.VirtualTimeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One run: a trace through one gateway in virtual time, on the calling thread. */
final class Replay {

  private static final long STEP_NANOS = Duration.ofSeconds(1).toNanos();

  /** A bound that is the same on every machine, so that a run is, too. */
  static final long MEMORY_BYTES = 64 << 20;

  /** By how much sums of rounded figures may differ, in requests. */
  private static final double ROUNDING = 1e-3;

  /** How long what callers left behind may take to come to rest. */
  private static final long REST_NANOS = Duration.ofMinutes(1).toNanos();

  private final Trace trace;
  private final VirtualTimeline timeline;
  private final long seed;
  private final Fleet fleet = new Fleet();
  private final Tally tally;
  private final Gateways gateways;
  private final List<Membership> memberships;
  private final @Nullable Double answerable;
  private final Traffic traffic;
  private Runnable look = () -> {};
  private long steps;

  /**
   * A run.
   *
   * @param timeline of the requests, new; those of the hosts are beside it
   * @param hosts one for each gateway, at least one
   * @param seed of the trace and of all chance
   * @param bound finds out what is possible
   * @throws IllegalArgumentException if options of the blueprint contradict each other
   */
  Replay(
      Trace trace,
      Lengths lengths,
      Blueprint blueprint,
      Objective objective,
      Duration overhead,
      Callers callers,
      List<Membership.Stay> stays,
      VirtualTimeline timeline,
      List<Host> hosts,
      long seed,
      Bound bound) {
    this.trace = trace;
    this.timeline = timeline;
    this.seed = seed;
    this.tally = new Tally(objective);
    this.gateways = gateways(blueprint, hosts, lengths);
    Gateway first = gateways.all().get(0);
    fleet.join(first.backends());
    this.memberships =
        gateways.all().stream()
            .map(one -> new Membership(one.timeline(), one, blueprint, fleet, stays))
            .toList();
    boolean simulated = first.backends().size() == fleet.simulated();
    this.answerable =
        simulated ? bound.answers(seed, trace, lengths, fleet, stays, objective) : null;
    this.traffic =
        new Traffic(timeline, trace, lengths, objective, overhead, callers, tally, gateways, fleet);
  }

  private Gateways gateways(Blueprint blueprint, List<Host> hosts, Lengths lengths) {
    TwinServer redis = new TwinServer(TwinModel.defaults());
    SharedServers servers = new SharedServers();
    List<Gateway> all = new ArrayList<>();
    for (Host host : hosts) {
      host.lend(AnswerLength.class, lengths)
          .lend(Fleet.class, fleet)
          .lend(MemoryBudget.class, new MemoryBudget(MEMORY_BYTES))
          .lend(RedisStore.Connector.class, redis);
      if (hosts.size() > 1) {
        host.lend(SharedServers.class, servers);
      }
      all.add(Gateway.of(blueprint, host));
    }
    return new Gateways(all);
  }

  /**
   * Has the run observed, under the name of its combination.
   *
   * @throws IllegalArgumentException if there are several gateways
   */
  Replay observed(@Nullable RunObserver observer, String combination) {
    if (observer != null) {
      List<Gateway> all = gateways.all();
      if (all.size() > 1) {
        throw new IllegalArgumentException(
            "--rules: %s has %d gateways (expected: a combination with one)"
                .formatted(combination, all.size()));
      }
      look = () -> observer.observe(combination, seed, all.get(0).stateNow());
    }
    return this;
  }

  /**
   * Runs to the end.
   *
   * @throws SelfCheckException where the books do not balance, or a plugin threw
   */
  Row run(String combination, Prices prices, double replicaPrice) {
    gateways.start();
    CostMeter meter = new CostMeter(prices, timeline);
    if (!prices.flat()) {
      fleet.meter(meter);
    }
    memberships.forEach(Membership::start);
    traffic.start(() -> {});
    look.run();
    while (!traffic.over() && timeline.pending() > 0 && gateways.pluginError() == null) {
      step();
    }
    checkPlugins();
    double hours = memberships.get(0).replicaHours(tally.nanos());
    Spent spent =
        new Spent(
            prices.flat() ? fleet.cost(prices.of("", 0)) : meter.usd(),
            saved(prices),
            fleet.utilisation(tally.nanos()),
            fleet.work(hours),
            hours,
            hours * replicaPrice,
            fleet.throttled());
    // Plugins may have timers that never end, so the timeline need not run empty.
    for (long rest = 0; rest < REST_NANOS; rest += STEP_NANOS) {
      step();
    }
    check();
    gateways.close();
    return tally.row(
        combination,
        seed,
        Digest.of(trace),
        answerable,
        spent,
        fleet.dispatched(gateways),
        counters(),
        gateways.histograms());
  }

  /** Those of stages and plugins and, if callers tried again, how often. */
  private SortedMap<String, Long> counters() {
    SortedMap<String, Long> all = new TreeMap<>(gateways.counters());
    if (tally.retries() > 0) {
      all.put("callers.retries", tally.retries());
    }
    return all;
  }

  private double saved(Prices prices) {
    Price now = prices.of("", timeline.epochMillis());
    return now.of(0, tally.savedPromptTokens(), tally.savedOutputTokens());
  }

  private void step() {
    if (Thread.currentThread().isInterrupted()) {
      throw new SelfCheckException("interrupted");
    }
    timeline.runUntil(timeline.nanos() + STEP_NANOS);
    steps++;
    if (!traffic.over()) {
      tally.looked(gateways.waiting(), fleet.present(), timeline.nanos());
    }
    if (steps % RunObserver.EVERY.toSeconds() == 0) {
      look.run();
    }
  }

  private void checkPlugins() {
    String broken = gateways.pluginError();
    if (broken != null) {
      throw new SelfCheckException("self-check: plugin " + broken);
    }
  }

  private void check() {
    checkPlugins();
    expect("requests arrived", trace.requests().size(), tally.requests());
    checkBound(tally.ok(), answerable);
    expect("requests over", tally.requests(), tally.over());
    expect("requests that outlived their callers", 0, tally.stuck());
    expect("requests open in the gateway", 0, gateways.open());
    checkGauges();
    checkPicks();
    for (Map.Entry<String, SimulatedServer> server : fleet.servers().entrySet()) {
      if (!server.getValue().stats().settled()) {
        throw new SelfCheckException(
            "self-check: server " + server.getKey() + ": " + server.getValue().stats());
      }
    }
  }

  /** An answer too many is a fault of the run, or of the bound. */
  static void checkBound(long ok, @Nullable Double most) {
    if (most != null && ok > most + ROUNDING) {
      throw new SelfCheckException(
          "self-check: answered requests: "
              + ok
              + String.format(Locale.ROOT, " (expected: at most %.1f, the computed bound)", most));
    }
  }

  /** Permits, leases and places in queues: nobody is under way, so all must be back. */
  private void checkGauges() {
    gateways
        .gauges()
        .forEach(
            (name, value) -> {
              if (name.endsWith(".in_flight") || name.endsWith(Gateways.QUEUE_LENGTH)) {
                expect(name, 0, Math.round(value));
              }
            });
  }

  private long countersOf(String suffix) {
    return gateways.counters().entrySet().stream()
        .filter(counter -> counter.getKey().endsWith(suffix))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private void checkPicks() {
    long picks = countersOf("balance.picks");
    long probes = countersOf(".probes"); // those that ask for a token are requests, too
    Map<String, Long> sent = new LinkedHashMap<>(fleet.dispatched(gateways));
    expect("dispatched", picks, sent.values().stream().mapToLong(Long::longValue).sum());
    for (Map.Entry<String, SimulatedServer> server : fleet.servers().entrySet()) {
      long submitted = server.getValue().stats().submitted();
      long most = sent.getOrDefault(server.getKey(), 0L) + probes;
      if (submitted > most) {
        expect("requests at server " + server.getKey(), most, submitted);
      }
    }
  }

  private static void expect(String what, long expected, long found) {
    if (expected != found) {
      throw new SelfCheckException(
          "self-check: " + what + ": " + found + " (expected: " + expected + ")");
    }
  }
}
