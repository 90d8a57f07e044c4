package dev.forebay.simulation;

import java.util.PriorityQueue;

/**
 * When a request would end at a server, if nothing came after it: the server's steps, run ahead
 * from one change of the batch to the next instead of one by one. It leaves out preemption, rounds
 * prefill to its share of a step, and takes contexts as they are when it starts.
 */
final class FinishEstimate {

  private final ServerParameters parameters;
  private final double slowFactor;
  private final PriorityQueue<Change> changes = new PriorityQueue<>();
  private double nanos;
  private double steps;
  private double prefillFree;
  private int running;
  private int decoding;
  private long context;
  private double prefillWork;
  private double prefillTokens;
  private long kv;

  /** An estimate from the end of the step under way. */
  FinishEstimate(ServerParameters parameters, double slowFactor, long startNanos) {
    this.parameters = parameters;
    this.slowFactor = slowFactor;
    this.nanos = startNanos;
  }

  /** Adds a request of the batch. */
  void running(Work work) {
    // the step under way is about to end: what it does for this request is done
    int left = work.prefillLeft - work.prefillNow;
    boolean token = left == 0;
    start(left, work.target - work.generated - (token ? 1 : 0), work.kv);
  }

  /** Adds the next request of the line. */
  void waiting(Work work, int cached) {
    admit(work, cached);
  }

  /** When a request after all of those ends, in nanoseconds. */
  long finish(Work own, int cached) {
    Change last = admit(own, cached);
    while (!changes.isEmpty()) {
      if (advance() == last) {
        break;
      }
    }
    return (long) nanos;
  }

  private Change admit(Work work, int cached) {
    while (!changes.isEmpty()
        && (running >= parameters.slots() || kv + work.context() > parameters.kvTokens())) {
      advance();
    }
    return start(work.context() - cached, work.target - work.generated, work.context());
  }

  /** Puts a request into the batch; its last change. */
  private Change start(int prefill, int answer, int memory) {
    running++;
    kv += memory;
    double first = steps;
    context += memory;
    if (prefill > 0) {
      prefillTokens += prefill;
      prefillWork += parameters.effects().prefillWork(memory - prefill, prefill);
      double begin = Math.max(steps, prefillFree);
      prefillFree = begin + prefill / budget();
      first = prefillFree;
      changes.add(new Change(first, true, 0));
    } else {
      decoding++;
    }
    // the end of prefill gives a token, so one step less is left
    double left = Math.max(0, answer - (prefill > 0 ? 1 : 0));
    Change last = new Change(first + left, false, memory);
    changes.add(last);
    return last;
  }

  private Change advance() {
    Change change = changes.remove();
    double from = steps;
    steps = Math.max(steps, change.step);
    double prefillSteps = Math.max(0, Math.min(steps, prefillFree) - from);
    double taken = steps - from;
    double perStep = prefillTokens == 0 ? 0 : prefillWork / prefillTokens * budget();
    double mixed = parameters.stepNanos(decoding, decodingContext(), perStep);
    double plain = parameters.stepNanos(decoding, decodingContext(), 0);
    nanos += (prefillSteps * mixed + (taken - prefillSteps) * plain) * slowFactor;
    if (change.prefillDone) {
      decoding++;
    } else {
      decoding--;
      running--;
      kv -= change.memory;
      context -= change.memory;
    }
    return change;
  }

  private double budget() {
    int decoded = parameters.effects().decodeInBudget() ? decoding : 0;
    return Math.max(1, parameters.prefillTokensPerStep() - decoded);
  }

  /** Of those that decode: about their share of all. */
  private double decodingContext() {
    return running == 0 ? 0 : (double) context * decoding / running;
  }

  /** A change of the batch, at a number of steps from now. */
  private static final class Change implements Comparable<Change> {
    private final double step;
    private final boolean prefillDone;
    private final int memory;

    Change(double step, boolean prefillDone, int memory) {
      this.step = step;
      this.prefillDone = prefillDone;
      this.memory = memory;
    }

    @Override
    public int compareTo(Change other) {
      int order = Double.compare(step, other.step);
      return order != 0 ? order : Boolean.compare(other.prefillDone, prefillDone);
    }
  }
}
