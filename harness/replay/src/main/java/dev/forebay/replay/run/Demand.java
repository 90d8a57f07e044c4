package dev.forebay.replay.run;

import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.simulation.AnswerIdentity;
import dev.forebay.spi.PrefixHashes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The least that each request of a trace asks of a fleet, and the longest time in which it can be
 * done. What requests share is charged in equal parts: however few of them are answered, their
 * parts are no more than what was computed once for all of them.
 */
final class Demand {

  /** A block that more requests share is charged to nobody: the part of each would be small. */
  private static final int MOST_SHARERS = 8;

  /**
   * What one request asks.
   *
   * @param releasedNanos when some of its work can begin: at the first request that shares it
   * @param dueNanos when its caller leaves at the latest
   * @param patienceNanos of its caller, from its arrival
   * @param context tokens that it holds while it decodes, in the mean of its steps
   * @param own prompt tokens that no other question shares, at least 1
   * @param prefill prompt tokens that are charged to its question, at least 1
   * @param steps steps of decoding that its question needs
   * @param sharers requests with the same question, at least 1
   */
  record Job(
      long releasedNanos,
      long dueNanos,
      long patienceNanos,
      double context,
      int own,
      double prefill,
      int steps,
      int sharers) {}

  private final List<TraceRequest> requests;
  private final Lengths lengths;
  private final boolean prefixes;
  private final Map<AnswerIdentity, Question> questions = new HashMap<>();
  private final Map<Long, Block> blocks = new HashMap<>();

  private Demand(Trace trace, Lengths lengths, boolean prefixes) {
    this.requests = trace.requests();
    this.lengths = lengths;
    this.prefixes = prefixes;
  }

  /**
   * A job for each request, in the order of the trace.
   *
   * @param objective what callers expect
   * @param prefixes whether servers remember prefixes of prompts
   */
  static List<Job> of(Trace trace, Lengths lengths, Objective objective, boolean prefixes) {
    Demand demand = new Demand(trace, lengths, prefixes);
    demand.requests.forEach(demand::note);
    Map<String, Long> sessions = new HashMap<>();
    List<Job> jobs = new ArrayList<>();
    for (TraceRequest request : demand.requests) {
      long patience = objective.patienceNanos(request);
      jobs.add(demand.job(request, latest(request, sessions, patience) + patience, patience));
    }
    return jobs;
  }

  /** A later turn comes after its think time, which begins when the turn before ends or fails. */
  private static long latest(TraceRequest request, Map<String, Long> sessions, long patience) {
    String session = request.session();
    if (session == null) {
      return request.arrivalNanos();
    }
    Long before = sessions.get(session);
    long latest =
        before == null
            ? request.arrivalNanos()
            : Math.max(request.arrivalNanos(), before + 1 + request.thinkNanos());
    sessions.put(session, latest + patience);
    return latest;
  }

  private void note(TraceRequest request) {
    AnswerIdentity identity = lengths.identity(request.index());
    Question question =
        questions.computeIfAbsent(identity, key -> new Question(request.arrivalNanos()));
    question.sharers++;
    question.prompt = Math.min(question.prompt, request.promptTokens());
    PrefixHashes prefix = request.prefix();
    for (int i = 0; prefixes && i < prefix.size(); i++) {
      Block block = blocks.computeIfAbsent(prefix.get(i), key -> new Block(request.arrivalNanos()));
      block.questions.add(identity);
      block.tokens = Math.min(block.tokens, tokens(request.promptTokens(), i));
    }
  }

  private int tokens(int prompt, int block) {
    long begin = (long) block * lengths.blockTokens();
    return (int) Math.max(0, Math.min(lengths.blockTokens(), prompt - begin));
  }

  private Job job(TraceRequest request, long due, long patience) {
    Question question = questions.get(lengths.identity(request.index()));
    int sharers = question == null ? 1 : question.sharers;
    long released = question == null ? request.arrivalNanos() : question.firstNanos;
    int prompt = question == null ? request.promptTokens() : question.prompt;
    int steps = lengths.of(request.index()) - 1;
    int own = prompt;
    double shared = 0;
    for (int i = 0; prefixes && i < request.prefix().size(); i++) {
      Block block = blocks.get(request.prefix().get(i));
      int among = block == null ? 1 : block.questions.size();
      if (block == null || among == 1) {
        continue;
      }
      own -= tokens(prompt, i);
      if (among <= MOST_SHARERS) {
        shared += (double) block.tokens / among;
        released = Math.min(released, block.firstNanos);
      }
    }
    own = Math.max(1, own);
    return new Job(
        released, due, patience, prompt + steps / 2.0, own, own + shared, steps, sharers);
  }

  private static final class Question {
    private final long firstNanos;
    private int sharers;
    private int prompt = Integer.MAX_VALUE;

    Question(long firstNanos) {
      this.firstNanos = firstNanos;
    }
  }

  private static final class Block {
    private final long firstNanos;
    private final Set<AnswerIdentity> questions = new HashSet<>();
    private int tokens = Integer.MAX_VALUE;

    Block(long firstNanos) {
      this.firstNanos = firstNanos;
    }
  }
}
