package dev.forebay.conformance;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A balancer that breaks each rule. */
final class BrokenBalancers {

  private BrokenBalancers() {}

  /** Chooses among the members, not among the candidates, once in a while. */
  static final class B1 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                private List<Endpoint> members = List.of();

                @Override
                public void members(List<Endpoint> all) {
                  members = all;
                }

                @Override
                public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
                  return candidates.size() == 5
                      ? members.getFirst()
                      : super.choose(request, candidates);
                }
              });
    }
  }

  /** Overflows on a figure at its end. */
  static final class B2 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                @Override
                double score(Endpoint endpoint) {
                  return super.score(endpoint) + 0 * Math.addExact(endpoint.inFlight(), 1);
                }
              });
    }
  }

  /** Shares its turn with every other balancer. */
  @AlsoFails({"B6", "P8"})
  static final class B3 implements BalancerContract {
    private static int turn;

    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                @Override
                int tie(RequestInfo request, int count) {
                  turn++;
                  return Math.floorMod(turn, count);
                }
              });
    }
  }

  /** Sorts the candidates in place. */
  static final class B4 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                @Override
                public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
                  if (candidates instanceof ArrayList<Endpoint> list) {
                    list.sort(Comparator.comparing(Endpoint::id).reversed());
                  }
                  return super.choose(request, candidates);
                }
              });
    }
  }

  /** Keeps counts of endpoints that left. */
  static final class B5 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                private final Map<String, Integer> picks = new HashMap<>();

                @Override
                public void dispatched(Endpoint endpoint, RequestInfo request) {
                  picks.merge(endpoint.id(), 1, Integer::sum);
                }
              });
    }
  }

  /** Believes reports of any age. */
  static final class B6 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                @Override
                double score(Endpoint endpoint) {
                  double load = endpoint.reportedLoad();
                  return super.score(endpoint) + (Double.isNaN(load) ? 0 : load);
                }
              });
    }
  }

  /** Takes an endpoint that has not answered for a very fast one. */
  static final class B7 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                @Override
                double score(Endpoint endpoint) {
                  return super.score(endpoint) * (endpoint.firstContentNanos() == 0 ? 0.01 : 1);
                }
              });
    }
  }

  /** Keeps counts of its own, which it expects to find. */
  static final class B8 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                private final Map<Endpoint, int[]> open = new HashMap<>();

                @Override
                public void dispatched(Endpoint endpoint, RequestInfo request) {
                  open.computeIfAbsent(endpoint, key -> new int[1])[0]++;
                }

                @Override
                @SuppressWarnings("NullAway") // the mistake that the rule is about
                public void finished(Endpoint endpoint, RequestInfo request, Outcome outcome) {
                  open.get(endpoint)[0]--;
                }

                @Override
                public void members(List<Endpoint> all) {
                  open.keySet().retainAll(all);
                }
              });
    }
  }

  /** Counts a cancelled request as load for ever. */
  static final class B9 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                private final Map<Endpoint, Integer> stuck = new HashMap<>();

                @Override
                double score(Endpoint endpoint) {
                  return super.score(endpoint) + stuck.getOrDefault(endpoint, 0);
                }

                @Override
                public void finished(Endpoint endpoint, RequestInfo request, Outcome outcome) {
                  if (outcome.status() == Status.CANCELLED) {
                    stuck.merge(endpoint, 1, Integer::sum);
                  }
                }

                @Override
                public void members(List<Endpoint> all) {
                  stuck.keySet().retainAll(all);
                }
              });
    }
  }

  /** Prefers one of equals. */
  @AlsoFails({"B9", "B11", "B15"})
  static final class B10 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                @Override
                public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
                  Endpoint last = candidates.getLast();
                  return last.inFlight() < 20 ? last : super.choose(request, candidates);
                }
              });
    }
  }

  /** Ignores weights. */
  static final class B11 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                @Override
                double score(Endpoint endpoint) {
                  return super.score(endpoint) * endpoint.weight();
                }
              });
    }
  }

  /** Ignores errors. */
  static final class B12 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                @Override
                double score(Endpoint endpoint) {
                  return endpoint.inFlight() / endpoint.weight();
                }
              });
    }
  }

  /** Keeps a caller's requests together whatever the load. */
  static final class B13 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                @Override
                public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
                  String session = request.caller().session();
                  return session.equals("session-1")
                      ? candidates.getFirst()
                      : super.choose(request, candidates);
                }
              });
    }
  }

  /** Takes the least time to the first content that it heard of, and -1 for a very short one. */
  static final class B14 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                private final Map<String, Long> times = new HashMap<>();

                @Override
                double score(Endpoint endpoint) {
                  double silent = times.getOrDefault(endpoint.id(), 0L) < 0 ? 0.01 : 1;
                  return super.score(endpoint) * silent;
                }

                @Override
                public void finished(Endpoint endpoint, RequestInfo request, Outcome outcome) {
                  if (outcome.status() == Status.STALLED || outcome.status() == Status.OK) {
                    times.replace(endpoint.id(), outcome.timings().timeToFirstContentNanos());
                  }
                }

                @Override
                public void members(List<Endpoint> all) {
                  times.clear();
                  all.forEach(endpoint -> times.put(endpoint.id(), 0L));
                }
              });
    }
  }

  /** Takes turns by a counter that becomes negative. */
  static final class B15 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                private int turn;

                @Override
                int tie(RequestInfo request, int count) {
                  return turn++ % count;
                }
              });
    }
  }

  /** Remembers every prompt. */
  @AlsoFails({"P11"})
  static final class B16 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                private final Map<String, Boolean> prompts = new HashMap<>();

                @Override
                public void dispatched(Endpoint endpoint, RequestInfo request) {
                  prompts.put(String.valueOf(request.promptKey()), true);
                }
              });
    }
  }

  /** A balancer that holds every rule. */
  static final class Good implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.DEFAULTS;
    }
  }
}
