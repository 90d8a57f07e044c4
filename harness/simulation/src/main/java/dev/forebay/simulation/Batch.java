package dev.forebay.simulation;

import dev.forebay.simulation.Work.State;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedSet;
import java.util.function.Consumer;

/**
 * The requests that a simulated server works on, its memory for keys and values, and its prefix
 * cache. The server says when a step begins and ends.
 */
final class Batch {

  private final ServerParameters parameters;
  private final ServerEffects effects;
  private final PrefixCache prefixCache;

  /** Tokens that a block of the prompts' hashes covers. */
  private final int blockTokens;

  /** In the order of admission; what is over stays in it until the step ends. */
  private final List<Work> requests = new ArrayList<>();

  private TokenMeter meter = TokenMeter.NONE;
  private int running;
  private long kvUsed;
  private long prefilledTokens;
  private long cachedTokens;
  private long decodedTokens;
  private long preemptions;

  Batch(ServerParameters parameters, int blockTokens) {
    this.parameters = parameters;
    this.effects = parameters.effects();
    this.blockTokens = blockTokens;
    long blocks = (long) parameters.prefixCacheBlocks() * ServerParameters.BLOCK_TOKENS;
    this.prefixCache = new PrefixCache((int) Math.min(Integer.MAX_VALUE, blocks / blockTokens));
  }

  /** Tells somebody of the tokens that are worked on from now on. */
  void meter(TokenMeter told) {
    meter = told;
  }

  /** Those that are in it, with those that are over since the step began. */
  List<Work> requests() {
    return requests;
  }

  /** How many are not over. */
  int running() {
    return running;
  }

  /** Memory that they hold, in tokens. */
  long kvUsed() {
    return kvUsed;
  }

  long prefilledTokens() {
    return prefilledTokens;
  }

  long cachedTokens() {
    return cachedTokens;
  }

  long decodedTokens() {
    return decodedTokens;
  }

  long preemptions() {
    return preemptions;
  }

  /**
   * A step begins: makes room for one more token of each decoding request, then admits the line, if
   * nobody had to go.
   *
   * @param tooLong ends a request that has all the memory and needs more
   */
  void begin(SequencedSet<Work> line, Consumer<Work> tooLong) {
    requests.removeIf(work -> work.state != State.RUNNING);
    if (grow(line, tooLong)) {
      admit(line);
    }
    if (effects.cacheInMemory()) {
      prefixCache.keep((parameters.kvTokens() - kvUsed) / blockTokens);
    }
  }

  /** Makes room for one more token of each decoding request; false if some had to go. */
  private boolean grow(SequencedSet<Work> line, Consumer<Work> tooLong) {
    boolean enough = true;
    for (int i = 0; i < requests.size(); i++) {
      Work work = requests.get(i);
      if (work.prefillLeft > 0) {
        continue;
      }
      while (kvUsed == parameters.kvTokens() && requests.size() > i + 1) {
        preempt(requests.remove(requests.size() - 1), line);
        enough = false;
      }
      if (kvUsed < parameters.kvTokens()) {
        kvUsed++;
        work.kv++;
      } else if (i > 0) {
        requests.remove(i);
        preempt(work, line);
        enough = false;
      } else {
        requests.remove(i);
        tooLong.accept(work);
        i--;
      }
    }
    return enough;
  }

  private void preempt(Work work, SequencedSet<Work> line) {
    preemptions++;
    left(work);
    work.prefillLeft = 0;
    work.prefillNow = 0;
    work.state = State.WAITING;
    line.addFirst(work);
  }

  private void admit(SequencedSet<Work> line) {
    while (running < parameters.slots() && !line.isEmpty()) {
      Work work = line.getFirst();
      // each request in the batch will want a token soon: leave room, or it preempts at once
      if (kvUsed + work.context() + (running == 0 ? 0 : running + 1) > parameters.kvTokens()) {
        return;
      }
      line.removeFirst();
      work.timer.cancel();
      work.state = State.RUNNING;
      work.kv = work.context();
      kvUsed += work.kv;
      running++;
      requests.add(work);
      int hit = cachedTokensOf(work);
      prefixCache.touch(work.prefix, hit / blockTokens);
      work.prefillLeft = work.context() - hit;
      if (!work.begun) {
        work.begun = true;
        work.cached = hit;
        cachedTokens += hit;
        meter.worked(work.model, hit, 0, 0);
      }
    }
  }

  /** Prompt tokens that need no prefill: whole blocks, and never the last token. */
  int cachedTokensOf(Work work) {
    long tokens = (long) prefixCache.matching(work.prefix) * blockTokens;
    long most = work.promptTokens - 1L;
    return (int) Math.min(tokens, most);
  }

  /** What the step that begins takes. */
  StepTime plan() {
    int decoding = 0;
    long context = 0;
    for (int i = 0; i < requests.size(); i++) {
      Work work = requests.get(i);
      if (work.prefillLeft == 0) {
        decoding++;
        context += work.kv;
      }
    }
    double prefill = decoding == requests.size() ? 0 : planPrefill(decoding);
    return new StepTime(
        parameters.stepNanos(decoding, context, prefill),
        parameters.workNanos(decoding, context, prefill));
  }

  /**
   * How long a step takes on a server that nothing slows, in nanoseconds.
   *
   * @param work the part that is work
   */
  record StepTime(double nanos, double work) {}

  /** Plans what the step computes of prompts; its work, as of {@link ServerEffects#prefillWork}. */
  private double planPrefill(int decoding) {
    int taken = effects.decodeInBudget() ? decoding : 0;
    int left = Math.max(1, parameters.prefillTokensPerStep() - taken);
    double work = 0;
    for (int i = 0; i < requests.size(); i++) {
      Work one = requests.get(i);
      if (one.prefillLeft > 0) {
        one.prefillNow = Math.min(one.prefillLeft, left);
        left -= one.prefillNow;
        work += effects.prefillWork(one.context() - one.prefillLeft, one.prefillNow);
      }
    }
    return work;
  }

  /** The step ends: takes note of prompt tokens; whether the request has its next token. */
  boolean prefilled(Work work) {
    if (work.prefillLeft == 0) {
      return true;
    }
    prefilledTokens += work.prefillNow;
    meter.worked(work.model, 0, work.prefillNow, 0);
    work.prefillLeft -= work.prefillNow;
    work.prefillNow = 0;
    if (work.prefillLeft > 0) {
      return false;
    }
    prefixCache.touch(work.prefix, work.prefix.size());
    return true;
  }

  /** A request has one more token. */
  void decoded(Work work) {
    work.generated++;
    work.held++;
    decodedTokens++;
    meter.worked(work.model, 0, 0, 1);
  }

  /** A request that ran gives its slot and its memory back. */
  void left(Work work) {
    running--;
    kvUsed -= work.kv;
    work.kv = 0;
  }

  /** Forgets the prompts that the cache has. */
  void forget() {
    prefixCache.clear();
  }
}
