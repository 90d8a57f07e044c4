package dev.forebay.replay.run;

import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.spi.Timeline;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The callers of a trace. Requests come when the trace says, but sessions are closed loops: a later
 * turn comes no earlier than its think time after the end of the turn before, however that ended.
 */
final class Traffic {

  private final Timeline timeline;
  private final List<TraceRequest> requests;
  private final Lengths lengths;
  private final Objective objective;
  private final Duration overhead;
  private final Callers callers;
  private final Tally tally;
  private final Gateways gateways;
  private final Fleet fleet;
  private final Map<String, Session> sessions = new HashMap<>();
  private Runnable done = () -> {};
  private long origin;
  private int next;

  Traffic(
      Timeline timeline,
      Trace trace,
      Lengths lengths,
      Objective objective,
      Duration overhead,
      Callers callers,
      Tally tally,
      Gateways gateways,
      Fleet fleet) {
    this.timeline = timeline;
    this.requests = trace.requests();
    this.lengths = lengths;
    this.objective = objective;
    this.overhead = overhead;
    this.callers = callers;
    this.tally = tally;
    this.gateways = gateways;
    this.fleet = fleet;
  }

  /** Begins now, on the timeline; {@code whenOver} is run there when all requests are over. */
  void start(Runnable whenOver) {
    origin = timeline.nanos();
    done = whenOver;
    schedule();
  }

  /** Whether every request of the trace has ended. */
  boolean over() {
    return tally.over() >= requests.size();
  }

  private void schedule() {
    if (next < requests.size()) {
      TraceRequest request = requests.get(next++);
      timeline.after(
          origin + request.arrivalNanos() - timeline.nanos(),
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
    } else {
      sessions.computeIfAbsent(id, absent -> new Session()).arrive(request);
    }
  }

  private void send(TraceRequest request, Runnable answered) {
    new Client(
            timeline,
            request,
            lengths.of(request.index()),
            lengths.identity(request.index()),
            objective.patienceNanos(request),
            callers,
            tally,
            fleet,
            () -> {
              answered.run();
              if (over()) {
                done.run();
              }
            })
        .send(gateways, overhead.toNanos());
  }

  /** One conversation: a turn at a time. */
  private final class Session {
    private final ArrayDeque<TraceRequest> later = new ArrayDeque<>();
    private boolean busy;
    private boolean begun;
    private long endedNanos;

    void arrive(TraceRequest request) {
      later.add(request);
      if (!busy) {
        nextTurn();
      }
    }

    private void nextTurn() {
      TraceRequest turn = later.poll();
      busy = turn != null;
      if (turn == null) {
        return;
      }
      long wait = begun ? endedNanos + turn.thinkNanos() - timeline.nanos() : 0;
      begun = true;
      if (wait > 0) {
        timeline.after(wait, () -> send(turn, this::ended));
      } else {
        send(turn, this::ended);
      }
    }

    private void ended() {
      endedNanos = timeline.nanos();
      // Not from inside the end of the turn before: turns that fail at once would nest.
      timeline.after(0, this::nextTurn);
    }
  }
}
