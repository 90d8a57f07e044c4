package dev.forebay.replay.run;

import dev.forebay.replay.run.Demand.Job;
import dev.forebay.replay.trace.Trace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many requests of a trace any gateway could answer with a fleet, at most. It is computed for a
 * relaxation, in which everything that limits a gateway is left out but the work itself: work is
 * divisible among servers and in time, no request waits to be placed, batches are always full,
 * every fault is known before, a question is computed once for all who ask it, and so is a block of
 * a prompt.
 *
 * <p><b>Why no run is above it.</b> Time is cut into equal slices. A server that works for t
 * seconds at a speed v does work of at most v t, measured in its seconds in full batches ({@link
 * Pace}), full by its slots or by its memory, and its prefill beside its decoding; a step that
 * began before the server became slower keeps its speed, so the speed of a slice is the highest
 * since the longest step before it. Seconds of different servers are made comparable by a rate for
 * each, and a request is charged what it takes at the server at which that is least; both can only
 * add to what seems possible. Each answered request was worked on between its release and the end
 * of its caller's patience ({@link Demand}), so the work y of the answered ones fulfils: for all
 * slices c to d, the sum of y over the requests whose whole time is in c to d is at most the work
 * that all servers can do in c to d. All such y, also with parts of requests, form a polymatroid:
 * they are the flows from requests to the slices of their time. A request that needs w counts as
 * y/w, at most 1. The largest value of a linear function over a polymatroid is found by the greedy
 * algorithm (Edmonds, "Submodular functions, matroids, and certain polyhedra", 1970): the smallest
 * w first, each as far as the tightest c to d around its time allows. That sum is at least what any
 * run answers.
 */
final class Bound {

  private static final int MOST_SLICES = 400;
  private static final int LEAST_SLICES = 32;

  /** Steps of the inner loops for all requests together; they take about a tenth of a second. */
  private static final double EFFORT = 1.5e8;

  private static final double NOTHING = 1e-12;

  private final Map<List<Object>, Double> known = new ConcurrentHashMap<>();
  private final Map<List<Object>, List<Job>> demands = new ConcurrentHashMap<>();

  /**
   * The most answers; found once for each seed and fleet.
   *
   * @param seed of the trace
   * @return at most the number of requests
   */
  double answers(
      long seed,
      Trace trace,
      Lengths lengths,
      Fleet fleet,
      List<Membership.Stay> stays,
      Objective objective) {
    List<Job> jobs = demand(seed, trace, lengths, objective, true);
    long end = jobs.stream().mapToLong(Job::dueNanos).max().orElse(0) + 1;
    long longest = jobs.stream().mapToLong(Job::patienceNanos).max().orElse(0);
    Workforce workforce = Workforce.of(fleet, stays, Duration.ofNanos(longest), end);
    return known.computeIfAbsent(
        List.of(seed, workforce),
        key ->
            answers(
                demand(seed, trace, lengths, objective, workforce.remembersPrefixes()),
                workforce,
                end));
  }

  private List<Job> demand(
      long seed, Trace trace, Lengths lengths, Objective objective, boolean prefixes) {
    return demands.computeIfAbsent(
        List.of(seed, prefixes), key -> Demand.of(trace, lengths, objective, prefixes));
  }

  private static double answers(List<Job> jobs, Workforce workforce, long endNanos) {
    if (jobs.isEmpty() || workforce.servers().isEmpty()) {
      return 0;
    }
    int slices =
        (int) Math.max(LEAST_SLICES, Math.min(MOST_SLICES, Math.sqrt(3 * EFFORT / jobs.size())));
    Job mean = mean(jobs);
    Slices time = new Slices(slices, (double) endNanos / slices);
    List<Rated> rated = new ArrayList<>();
    for (Workforce.Server server : workforce.servers()) {
      Rated one = Rated.of(server.pace(), mean);
      rated.add(one);
      time.add(server, one.rate());
    }
    time.sum();
    List<Sized> sized =
        jobs.stream()
            .filter(job -> isPossible(job, workforce))
            .map(job -> new Sized(job, least(job, rated)))
            .toList();
    return time.hold(sized)
        ? sized.size()
        : sized.stream()
            .sorted(Comparator.comparingDouble(Sized::work))
            .mapToDouble(one -> time.take(one.job(), one.work()))
            .sum();
  }

  /** A job, and the work that it is at least. */
  private record Sized(Job job, double work) {}

  private static double least(Job job, List<Rated> servers) {
    return servers.stream().mapToDouble(server -> server.work(job)).min().orElseThrow()
        / job.sharers();
  }

  private static Job mean(List<Job> jobs) {
    return new Job(
        0,
        0,
        0,
        jobs.stream().mapToDouble(Job::context).average().orElse(0),
        1,
        jobs.stream().mapToDouble(Job::prefill).average().orElse(0),
        (int) Math.round(jobs.stream().mapToInt(Job::steps).average().orElse(0)),
        1);
  }

  /**
   * A server beside the others: one unit of work is a request of the mean size at any of them.
   *
   * @param limit what limits it if all requests are of the mean size
   * @param rate units in a second
   */
  private record Rated(Pace pace, Pace.Limit limit, double rate) {

    static Rated of(Pace pace, Job mean) {
      Pace.Limit limit = pace.limit(mean.prefill(), mean.steps(), mean.context());
      return new Rated(pace, limit, 1 / seconds(pace, limit, mean));
    }

    double work(Job job) {
      return seconds(pace, limit, job) * rate;
    }

    private static double seconds(Pace pace, Pace.Limit limit, Job job) {
      return pace.seconds(limit, job.prefill(), job.steps(), job.context());
    }
  }

  /** Whether some server could answer it in time if there were nobody else. */
  private static boolean isPossible(Job job, Workforce workforce) {
    return job.own() <= workforce.longestPrompt()
        && (job.sharers() > 1
            || workforce.servers().stream()
                .anyMatch(server -> fits(job, server, job.patienceNanos() / 1e9)));
  }

  private static boolean fits(Job job, Workforce.Server server, double seconds) {
    double fastest = server.spans().stream().mapToDouble(Workforce.Span::speed).max().orElse(0);
    return fastest > 0
        && server.pace().aloneSeconds(job.own(), job.steps(), job.context()) / fastest <= seconds;
  }

  /** Work that can be done in slices of time, and how much of it is free. */
  private static final class Slices {
    private final double nanos;
    private final double[] work;
    private final double[][] free;

    Slices(int count, double nanos) {
      this.nanos = nanos;
      this.work = new double[count];
      this.free = new double[count][count];
    }

    /** Adds what a server can do. */
    void add(Workforce.Server server, double rate) {
      double slowest = server.spans().stream().mapToDouble(Workforce.Span::speed).min().orElse(1);
      double hold = server.pace().longestStepSeconds() * 1e9 / slowest;
      for (int slice = 0; slice < work.length; slice++) {
        double begin = slice * nanos;
        double end = begin + nanos;
        double up = 0;
        double fastest = 0;
        for (Workforce.Span span : server.spans()) {
          up += Math.max(0, Math.min(end, span.to()) - Math.max(begin, span.from()));
          if (span.from() < end && span.to() + hold > begin) {
            fastest = Math.max(fastest, span.speed());
          }
        }
        work[slice] += up / 1e9 * fastest * rate;
      }
    }

    /** All that was added is free. */
    void sum() {
      for (int from = 0; from < work.length; from++) {
        double sum = 0;
        for (int to = from; to < work.length; to++) {
          sum += work[to];
          free[from][to] = sum;
        }
      }
    }

    /** Whether there is room for all of some jobs, so that none has to be chosen. */
    boolean hold(List<Sized> jobs) {
      double[][] asked = new double[work.length][work.length];
      for (Sized sized : jobs) {
        asked[slice(sized.job().releasedNanos())][slice(sized.job().dueNanos())] += sized.work();
      }
      for (int from = work.length - 1; from >= 0; from--) {
        double own = 0;
        for (int to = from; to < work.length; to++) {
          own += asked[from][to];
          asked[from][to] = own + (from + 1 < work.length ? asked[from + 1][to] : 0);
          if (asked[from][to] > free[from][to]) {
            return false;
          }
        }
      }
      return true;
    }

    /** Takes as much of a job as there is room for; the share of it, 0 to 1. */
    double take(Job job, double needed) {
      if (needed <= NOTHING) {
        return 1;
      }
      int first = slice(job.releasedNanos());
      int last = slice(job.dueNanos());
      double taken = Math.min(needed, least(first, last));
      if (taken <= NOTHING) {
        return 0;
      }
      for (int from = 0; from <= first; from++) {
        double[] row = free[from];
        for (int to = last; to < row.length; to++) {
          row[to] -= taken;
        }
      }
      return taken / needed;
    }

    private double least(int first, int last) {
      double least = Double.POSITIVE_INFINITY;
      for (int from = 0; from <= first; from++) {
        double[] row = free[from];
        for (int to = last; to < row.length; to++) {
          least = Math.min(least, row[to]);
        }
        if (least <= NOTHING) {
          return 0;
        }
      }
      return least;
    }

    private int slice(long at) {
      return (int) Math.min(work.length - 1, at / nanos);
    }
  }
}
