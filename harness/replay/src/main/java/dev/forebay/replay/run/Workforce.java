package dev.forebay.replay.run;

import dev.forebay.simulation.ServerParameters;
import dev.forebay.simulation.SimulatedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The servers of a run as someone who knows every fault sees them: what each can do, and when it is
 * how fast.
 *
 * @param servers each with its spans, in the order of time
 */
record Workforce(List<Server> servers) {

  /**
   * One server.
   *
   * @param pace how fast it is at best
   * @param spans times at which it works; none overlaps another
   */
  record Server(Pace pace, List<Span> spans) {}

  /**
   * A time of constant speed.
   *
   * @param from nanoseconds from the start of the run, included
   * @param to likewise, excluded
   * @param speed above 0, at most 1 unless a fault makes the server faster
   */
  record Span(long from, long to, double speed) {}

  /**
   * The servers of a fleet up to some time. One that leaves works for as long as callers wait for
   * what was sent to it before.
   */
  static Workforce of(Fleet fleet, List<Membership.Stay> stays, Duration patience, long until) {
    List<Server> servers = new ArrayList<>();
    for (Map.Entry<String, SimulatedServer> server : fleet.servers().entrySet()) {
      List<Membership.Stay> own =
          stays.stream().filter(stay -> stay.id().equals(server.getKey())).toList();
      long from = own.stream().mapToLong(stay -> stay.joins().toNanos()).min().orElse(0);
      long to = own.isEmpty() ? until : 0;
      for (Membership.Stay stay : own) {
        Duration leaves = stay.leaves();
        to =
            Math.max(to, leaves == null ? until : Math.min(until, leaves.plus(patience).toNanos()));
      }
      servers.add(
          new Server(new Pace(server.getValue().parameters()), spans(server.getValue(), from, to)));
    }
    return new Workforce(servers);
  }

  private static List<Span> spans(SimulatedServer server, long from, long to) {
    List<Span> spans = new ArrayList<>();
    for (long at = from; at < to; ) {
      long next = Math.min(to, server.nextChangeNanos(at));
      double speed = server.speedAt(at);
      if (speed > 0) {
        spans.add(new Span(at, next, speed));
      }
      at = next;
    }
    return spans;
  }

  /** The largest prompt that some server holds with the first token of its answer. */
  long longestPrompt() {
    return servers.stream().mapToLong(s -> parameters(s).kvTokens() - 1).max().orElse(0);
  }

  /** Whether some server remembers prefixes. */
  boolean remembersPrefixes() {
    return servers.stream().anyMatch(s -> parameters(s).prefixCacheBlocks() > 0);
  }

  private static ServerParameters parameters(Server server) {
    return server.pace().server();
  }
}
