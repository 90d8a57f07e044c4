package dev.forebay.replay.run;

import dev.forebay.gateway.Blueprint;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.simulation.AnswerLength;
import dev.forebay.simulation.SimulatedServer;
import dev.forebay.simulation.VirtualTimeline;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One run: a trace through one gateway in virtual time, on the calling thread. Requests come when
 * the trace says, but a later turn of a session waits for the answer to the turn before, as its
 * user would.
 */
final class Replay {

  private final Trace trace;
  private final Lengths lengths;
  private final Objective objective;
  private final VirtualTimeline timeline = new VirtualTimeline();
  private final Fleet fleet = new Fleet();
  private final Tally tally;
  private final Gateway gateway;
  private final Map<String, Session> sessions = new HashMap<>();
  private int next;

  Replay(Trace trace, Lengths lengths, Blueprint blueprint, Objective objective, long seed) {
    this.trace = trace;
    this.lengths = lengths;
    this.objective = objective;
    this.tally = new Tally(objective);
    this.gateway =
        Gateway.of(
            blueprint,
            new Host(timeline, seed).lend(AnswerLength.class, lengths).lend(Fleet.class, fleet));
    fleet.join(gateway.backends());
  }

  /**
   * Runs to the end.
   *
   * @throws SelfCheckException where the books do not balance
   */
  Row run(String combination, long seed, Prices prices) {
    schedule();
    timeline.run();
    long nanos = Math.max(1, timeline.nanos());
    gateway.close();
    check();
    double seconds = Math.max(trace.spanSeconds(), 1e-9);
    return tally.row(
        combination,
        seed,
        seconds,
        fleet.cost(prices),
        fleet.utilisation(nanos),
        byBackend(),
        gateway.counters());
  }

  private void schedule() {
    List<TraceRequest> requests = trace.requests();
    if (next < requests.size()) {
      TraceRequest request = requests.get(next++);
      timeline.after(
          request.arrivalNanos() - timeline.nanos(),
          () -> {
            schedule();
            arrive(request);
          });
    }
  }

  private void arrive(TraceRequest request) {
    String id = request.session();
    if (id == null) {
      send(request, () -> {});
      return;
    }
    Session session = sessions.computeIfAbsent(id, absent -> new Session());
    if (session.busy) {
      session.later.add(request);
    } else {
      turn(session, request);
    }
  }

  private void turn(Session session, TraceRequest request) {
    session.busy = true;
    send(
        request,
        () -> {
          TraceRequest later = session.later.poll();
          if (later == null) {
            session.busy = false;
          } else {
            timeline.after(later.thinkNanos(), () -> turn(session, later));
          }
        });
  }

  private void send(TraceRequest request, Runnable over) {
    new Client(
            timeline,
            request,
            lengths.of(request.index()),
            objective.patience().toNanos(),
            tally,
            over)
        .send(gateway);
  }

  private Map<String, Long> byBackend() {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (String pool : gateway.pools()) {
      counts.putAll(gateway.pool(pool).dispatched());
    }
    return counts;
  }

  private void check() {
    expect("requests arrived", trace.requests().size(), tally.requests());
    expect("requests over", tally.requests(), tally.over());
    expect("requests open in the gateway", 0, gateway.open());
    expect("events left on the timeline", 0, timeline.pending());
    for (String pool : gateway.pools()) {
      expect("requests under way in pool " + pool, 0, gateway.pool(pool).inFlight());
    }
    long sent = byBackend().values().stream().mapToLong(Long::longValue).sum();
    long picks = 0;
    for (Map.Entry<String, Long> counter : gateway.counters().entrySet()) {
      if (counter.getKey().endsWith("balance.picks")) {
        picks += counter.getValue();
      }
    }
    expect("dispatched, summed over endpoints", picks, sent);
    gateway
        .gauges()
        .forEach(
            (name, value) -> {
              if (name.endsWith(".in_flight") || name.endsWith(".queue_length")) {
                expect(name, 0, Math.round(value));
              }
            });
    for (Map.Entry<String, SimulatedServer> server : fleet.servers().entrySet()) {
      if (!server.getValue().stats().settled()) {
        throw new SelfCheckException(
            "self-check: server " + server.getKey() + ": " + server.getValue().stats());
      }
    }
    long errors = gateway.counters().getOrDefault("plugin.errors", 0L);
    expect("exceptions thrown by plugins", 0, errors);
  }

  private static void expect(String what, long expected, long found) {
    if (expected != found) {
      throw new SelfCheckException(
          "self-check: " + what + ": " + found + " (expected: " + expected + ")");
    }
  }

  private static final class Session {
    private final ArrayDeque<TraceRequest> later = new ArrayDeque<>();
    private boolean busy;
  }
}
