package dev.forebay.simulation;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.Usage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model of an inference server that is easily overloaded: continuous batching, chunked prefill,
 * bounded memory for keys and values (KV), a bounded waiting line, a prefix cache, and faults. The
 * same model runs in virtual time, behind the {@code simulated} backend, and behind HTTP. Used on
 * its timeline only; deterministic for a seed and an order of calls.
 *
 * <p><b>The algorithm.</b> The server works in steps, like Orca and vLLM do. A step first grows the
 * memory of each decoding request by a token; where that does not fit, the request that was
 * admitted last loses its memory and goes back to the head of the line, to be computed anew (vLLM's
 * preemption by recomputation). Then the line is admitted in order, as far as slots and memory for
 * prompt and answer so far reach, never past its head. Blocks of the prompt that are in the prefix
 * cache need no prefill. Then prompt tokens are planned, oldest request first, up to {@code
 * prefillTokensPerStep} less the tokens of decoding requests (chunked prefill, Sarathi-Serve). The
 * step takes
 *
 * <pre>
 *   the longer of decoding and prefill + (1 − overlap) × the shorter,   all × the slow factor
 *   decoding = decodeStepMillis + decodeStepMillisPerRequest × requests
 *              + decodeNanosPerContextToken × their tokens of context; 0 if none decodes
 *   prefill  = Σ (1 + tokens before ÷ quadraticTokens) ÷ prefillTokensPerSecond over prompt tokens
 * </pre>
 *
 * and at its end each decoding request, and each whose prefill is complete, has one more token. One
 * event on the timeline serves the whole batch, and an idle server has none: crashes are looked up
 * when the next request comes.
 *
 * <p><b>What was rejected.</b> Reserving memory for prompt and bound at admission: it never
 * preempts, but that is not how today's servers fail under load. A closed formula for each
 * request's latency: no batch, no memory, no feedback. An event for each token: a heap operation
 * where a loop will do. Memory shared between requests of a common prefix: the prefix cache is
 * modelled as memory of its own, as DeepSeek's is (on disk), so that a hit saves time only; or, by
 * {@code cacheInMemory}, as what running requests leave.
 */
public final class SimulatedServer {

  private final Timeline timeline;
  private final ServerParameters parameters;
  private final AnswerLength lengths;
  private final FaultPlan plan;
  private final List<Fault> faults;
  private final long seed;
  private final CrashWatch crashWatch;
  private final Batch batch;

  private final LinkedHashSet<Work> line = new LinkedHashSet<>();
  private final LinkedHashSet<Work> parked = new LinkedHashSet<>();

  private boolean stepping;
  private Registration step = Registration.NONE;

  /** When the step under way ends; -1 where there is none. */
  private long stepEnd = -1;

  private long submitted;
  private long refused;
  private long throttled;
  private long finished;
  private long failed;
  private long cancelled;
  private long talliedNanos;
  private long busyNanos;
  private long busySlotNanos;
  private double workNanos;

  /** {@link #workNanos} of the step under way. */
  private double stepWorkNanos;

  private long crashes;

  /**
   * A server that is up, and idle.
   *
   * @param timeline where it runs
   * @param parameters what it can do
   * @param faults what goes wrong, from now on
   * @param seed of the chance in its faults
   * @param lengths how long answers are
   */
  public SimulatedServer(
      Timeline timeline,
      ServerParameters parameters,
      List<Fault> faults,
      long seed,
      AnswerLength lengths) {
    this.timeline = timeline;
    this.parameters = parameters;
    this.faults = List.copyOf(faults);
    this.seed = seed;
    this.lengths = lengths;
    long now = timeline.nanos();
    this.talliedNanos = now;
    this.plan = new FaultPlan(faults, seed, now, parameters.coldStart());
    this.batch = new Batch(parameters, lengths.blockTokens());
    this.crashWatch = new CrashWatch(timeline, plan, this::crash);
  }

  /** A server like this one, new and idle, whose faults count from now. */
  public SimulatedServer again(Timeline where) {
    return new SimulatedServer(where, parameters, faults, seed, lengths);
  }

  /** A server like this one, new and idle, with which nothing goes wrong. */
  public SimulatedServer withoutFaults(Timeline where) {
    return new SimulatedServer(where, parameters, List.of(), seed, lengths);
  }

  /** Where it runs. */
  public Timeline timeline() {
    return timeline;
  }

  /** Tells somebody of the tokens that it works on from now on. */
  public void meter(TokenMeter told) {
    batch.meter(told);
  }

  /** What its answers are. */
  public AnswerLength answers() {
    return lengths;
  }

  /** What it can do. */
  public ServerParameters parameters() {
    return parameters;
  }

  /**
   * Sends a request.
   *
   * @param answer is told what happens; where the request is refused, inside this call
   * @return gives the request up when it is cancelled
   */
  public Registration submit(InferenceRequest request, Answer answer) {
    long now = timeline.nanos();
    crashWatch.catchUp();
    submitted++;
    FaultPlan.Fate fate = plan.fate(request, now);
    long expires = now + parameters.maxQueueTime().toNanos();
    Work work = new Work(this, request, answer, left(request), fate, expires);
    Ending refusal = refusal(work, fate, now);
    if (refusal != Ending.STOP) {
      refused++;
      throttled += refusal == Ending.THROTTLED ? 1 : 0;
      work.state = Work.State.OVER;
      answer.ended(refusal, Usage.NONE);
      return work;
    }
    if (fate != null && fate.kind() == Fault.Kind.SILENT) {
      work.state = Work.State.PARKED;
      parked.add(work);
    } else {
      line.add(work);
    }
    crashWatch.begin();
    answer.accepted();
    if (stepEnd < 0 && !stepping && work.state == Work.State.WAITING) {
      beginStep(now);
    }
    if (work.state == Work.State.WAITING || work.state == Work.State.PARKED) {
      keepAlive(work, now);
    }
    return work;
  }

  /** Tokens of the answer that its caller does not have yet; 0 if only its end is missing. */
  private int left(InferenceRequest request) {
    return Math.max(0, lengths.tokens(request) - request.attempt().given());
  }

  /**
   * An oracle's answer: when a request would end if it were sent now and nothing came after it. It
   * foresees answer lengths and the batch, but no faults.
   *
   * @return on the server's timeline; {@link Long#MAX_VALUE} where it would be refused
   */
  public long estimatedFinishNanos(InferenceRequest request) {
    long now = timeline.nanos();
    crashWatch.catchUp();
    Work own = new Work(this, request, Nobody.INSTANCE, left(request), null, now);
    if (refusal(own, null, now) != Ending.STOP) {
      return Long.MAX_VALUE;
    }
    FinishEstimate estimate =
        new FinishEstimate(parameters, plan.slowFactor(now), Math.max(now, stepEnd));
    for (Work work : batch.requests()) {
      if (work.state == Work.State.RUNNING) {
        estimate.running(work);
      }
    }
    for (Work work : line) {
      estimate.waiting(work, batch.cachedTokensOf(work));
    }
    return estimate.finish(own, batch.cachedTokensOf(own));
  }

  /** How full it is: requests under way over slots, 0 (idle) to 1 (full) and above. */
  public double load() {
    return (double) (batch.running() + line.size() + parked.size()) / parameters.slots();
  }

  /** Whether it is down or starting now. */
  public boolean down() {
    return plan.down(timeline.nanos());
  }

  /**
   * The share of its speed that a step has if it begins at a time, by the faults that are planned:
   * 0 while the server is down or starting, 1 if nothing slows it.
   *
   * @param nanos on its timeline, past or future
   */
  public double speedAt(long nanos) {
    return plan.down(nanos) ? 0 : 1 / plan.slowFactor(nanos);
  }

  /** When its speed may change next after a time; {@link Long#MAX_VALUE} if it never does. */
  public long nextChangeNanos(long after) {
    return plan.nextChange(after);
  }

  /** When the outage of now is over, cold start included; now where there is none. */
  public long upAgainNanos() {
    return plan.upAgain(timeline.nanos());
  }

  /** When the next crash begins; {@link Long#MAX_VALUE} where none does. */
  public long nextCrashNanos() {
    return plan.nextCrash(timeline.nanos());
  }

  /** What it has done, and has under way, now: catches up on a crash that is due. */
  public ServerStats stats() {
    crashWatch.catchUp();
    tally();
    return new ServerStats(
        submitted,
        refused,
        throttled,
        finished,
        failed,
        cancelled,
        line.size() + parked.size(),
        batch.running(),
        batch.kvUsed(),
        busyNanos,
        busySlotNanos,
        (long) workNanos,
        talliedNanos,
        parameters.kvTokens(),
        batch.prefilledTokens(),
        batch.cachedTokens(),
        batch.decodedTokens(),
        batch.preemptions(),
        crashes);
  }

  /** Gives a request up; without effect where it is over. */
  void cancel(Work work) {
    if (work.state != Work.State.OVER) {
      cancelled++;
      remove(work);
    }
  }

  /** Why a request is not taken; {@link Ending#STOP} where it is. */
  private Ending refusal(Work work, FaultPlan.@Nullable Fate fate, long now) {
    int under = line.size() + parked.size() + batch.running();
    int limit = parameters.accountConcurrency();
    if (plan.down(now)) {
      return Ending.REFUSED;
    }
    boolean byFault = fate != null && fate.kind() == Fault.Kind.THROTTLE;
    if (byFault || (limit > 0 && under >= limit)) {
      return Ending.THROTTLED;
    }
    if (fate != null && fate.kind() == Fault.Kind.FAIL) {
      return Ending.FAILED;
    }
    if (work.promptTokens + 1L > parameters.kvTokens()) {
      return Ending.TOO_LONG;
    }
    return under >= (long) parameters.slots() + parameters.queueCapacity()
        ? Ending.FULL
        : Ending.STOP;
  }

  private void keepAlive(Work work, long now) {
    long delay = Math.min(parameters.keepAlive().toNanos(), work.expiresNanos - now);
    work.timer = timeline.after(delay, () -> stillWaiting(work));
  }

  private void stillWaiting(Work work) {
    long now = timeline.nanos();
    if (now >= work.expiresNanos) {
      end(work, Ending.EXPIRED);
      return;
    }
    work.answer.waiting();
    if (work.state == Work.State.WAITING || work.state == Work.State.PARKED) {
      keepAlive(work, now);
    }
  }

  private void beginStep(long start) {
    stepEnd = -1;
    tally();
    batch.begin(line, this::endFull);
    if (batch.running() == 0) {
      return;
    }
    Batch.StepTime time = batch.plan();
    double slow = plan.slowFactor(start);
    double nanos = time.nanos() * slow;
    stepWorkNanos = Math.min(nanos, time.work() * slow);
    stepEnd = start + Math.max(1, (long) nanos);
    step = timeline.after(stepEnd - timeline.nanos(), this::endStep);
  }

  /** One that has all the memory ends at the bound of its context. */
  private void endFull(Work work) {
    stepping = true; // a caller that hears of the end may send another request
    try {
      end(work, Ending.LENGTH);
    } finally {
      stepping = false;
    }
  }

  private void endStep() {
    long end = stepEnd;
    workNanos += stepWorkNanos;
    stepping = true;
    try {
      // by index: answers that end may send further requests, which join the line only
      List<Work> requests = batch.requests();
      for (int i = 0; i < requests.size(); i++) {
        Work work = requests.get(i);
        if (work.state == Work.State.RUNNING && batch.prefilled(work)) {
          token(work);
        }
      }
    } finally {
      stepping = false;
      beginStep(end);
    }
  }

  private void token(Work work) {
    if (work.early != null && work.generated >= work.earlyAt) {
      endAfterTokens(work, work.early);
      return;
    }
    if (work.target > 0) {
      batch.decoded(work);
    }
    if (work.early == Ending.CUT && work.generated >= work.earlyAt) {
      endAfterTokens(work, work.early);
    } else if (work.generated >= work.target) {
      endAfterTokens(work, work.bounded ? Ending.LENGTH : Ending.STOP);
    } else if (work.held >= parameters.tokensPerChunk()) {
      handOn(work);
    }
  }

  private void endAfterTokens(Work work, Ending how) {
    if (work.held > 0) {
      handOn(work);
    }
    if (work.state != Work.State.OVER) {
      end(work, how);
    }
  }

  private static void handOn(Work work) {
    int count = work.held;
    work.held = 0;
    work.answer.tokens(count);
  }

  private void end(Work work, Ending how) {
    if (how.ok()) {
      finished++;
    } else {
      failed++;
    }
    remove(work);
    work.answer.ended(how, work.usage());
  }

  private void remove(Work work) {
    Work.State before = work.state;
    work.state = Work.State.OVER;
    work.timer.cancel();
    switch (before) {
      case WAITING -> line.remove(work);
      case PARKED -> parked.remove(work);
      case RUNNING -> {
        tally();
        batch.left(work);
      }
      case OVER -> {}
    }
    if (batch.running() + line.size() + parked.size() == 0) {
      crashWatch.end();
    }
    if (batch.running() == 0 && stepEnd >= 0 && !stepping) {
      step.cancel();
      beginStep(timeline.nanos());
    }
  }

  /** Counts the time since the batch last changed. */
  private void tally() {
    long now = timeline.nanos();
    long nanos = now - talliedNanos;
    talliedNanos = now;
    busyNanos += batch.running() == 0 ? 0 : nanos;
    busySlotNanos += nanos * batch.running();
  }

  /** Forgets the prompts that its cache has, as a new process of it would. */
  public void forget() {
    batch.forget();
  }

  private void crash() {
    crashes++;
    batch.forget();
    crashWatch.end();
    List<Work> lost = new ArrayList<>(batch.requests());
    lost.addAll(line);
    lost.addAll(parked);
    boolean outside = !stepping;
    stepping = true;
    try {
      for (Work work : lost) {
        if (work.state != Work.State.OVER) {
          end(work, Ending.RESET);
        }
      }
    } finally {
      if (outside) {
        stepping = false;
        step.cancel();
        beginStep(timeline.nanos());
      }
    }
  }

  /** Listens for the oracle, whose requests are never sent. */
  private enum Nobody implements Answer {
    INSTANCE;

    @Override
    public void accepted() {}

    @Override
    public void waiting() {}

    @Override
    public void tokens(int count) {}

    @Override
    public void ended(Ending how, Usage usage) {}
  }
}
