package dev.forebay.core.balancing;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.state.EndpointFigures;
import dev.forebay.spi.state.EndpointFigures.State;
import dev.forebay.spi.state.ProbeFigures;
import java.net.URI;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An endpoint with the figures that the framework keeps of it. */
final class EndpointState implements Endpoint {

  private static final double SMOOTHING = 0.1;
  private static final double DECAY_NANOS = 10e9;
  private static final double NO_ERRORS = 1e-6;

  private final String id;
  private final PluginErrors errors;
  private final Timeline timeline;
  private final SlowStart slowStart;
  private Member member;
  private Lease lease;
  private Accounts.Account account;
  private int inFlight;
  private long inFlightTokens;
  private double firstContentNanos;
  private double errorRate;
  private long errorRateAt;
  private final Health health;
  private boolean removed;
  private boolean draining;
  private long drainingSinceNanos;
  private List<EndpointState> listedIn = List.of();
  private long dispatched;
  private long finished;

  /** A member's backend while requests run on it: it may be replaced before they are over. */
  static final class Lease {
    private final Backend backend;
    private final Backend.Facts facts;
    private final Accounts.Account account;
    private int inFlight;
    private @Nullable Consumer<Backend> left;

    Lease(Backend backend, Accounts.Account account) {
      this.backend = backend;
      this.facts = backend.facts();
      this.account = account;
    }

    Backend backend() {
      return backend;
    }

    Backend.Facts facts() {
      return facts;
    }

    private void begin() {
      inFlight++;
      account.dispatched();
    }

    void leave(Consumer<Backend> told) {
      left = told;
      tellIfLeft();
    }

    private void over() {
      inFlight--;
      account.over();
      tellIfLeft();
    }

    private void tellIfLeft() {
      Consumer<Backend> told = left;
      if (told != null && inFlight == 0) {
        left = null;
        told.accept(backend);
      }
    }
  }

  EndpointState(
      Member member,
      Accounts.Account account,
      PluginErrors errors,
      SlowStart slowStart,
      Timeline timeline) {
    this.errors = errors;
    this.timeline = timeline;
    this.health = new Health(timeline.nanos());
    this.slowStart = slowStart;
    this.member = member;
    this.lease = new Lease(member.backend(), account);
    this.id = lease.facts.id();
    this.account = account;
  }

  /** Whether it takes some requests only. */
  boolean selective() {
    return lease.facts.fitting() != Backend.Facts.ANY || !member.terms().any();
  }

  /** Whether its backend can write the rest of an answer. */
  boolean continues() {
    return lease.facts.continues();
  }

  /** Whether its backend could answer a request; what throws could. */
  boolean fits(RequestInfo request) {
    try {
      return lease.facts.fitting().test(request);
    } catch (Exception | Error e) {
      errors.note(id, e);
      return true;
    }
  }

  /** Whether a backend of the same id is somewhere else: then it is another endpoint. */
  boolean hasMovedTo(Backend.Facts other) {
    URI here = lease.facts.address();
    URI there = other.address();
    return here != null && there != null && !here.equals(there);
  }

  /** Takes another place in the pool, perhaps another backend of the same id. */
  void become(Member other, Accounts.Account spent, Consumer<Backend> left) {
    member = other;
    account = spent;
    if (lease.backend != other.backend()) {
      lease.leave(left);
      lease = new Lease(other.backend(), spent);
    }
  }

  /** Which requests it may take. */
  Restrictions terms() {
    return member.terms();
  }

  void remove(Consumer<Backend> left) {
    removed = true;
    listedIn = List.of();
    lease.leave(left);
  }

  boolean removed() {
    return removed;
  }

  /** Whether it is to get no new work, while what it has is finished. */
  boolean draining() {
    return draining;
  }

  void drain(boolean begin, long now) {
    if (begin && !draining) {
      drainingSinceNanos = now;
    }
    draining = begin;
  }

  /** Whether it may be given work, and why not. */
  Health health() {
    return health;
  }

  /** The backend that serves it now. */
  Backend backend() {
    return lease.backend;
  }

  /** What is known of that backend. */
  Backend.Facts facts() {
    return lease.facts;
  }

  /** Whether it offers a model; for the empty name: whether it takes any. */
  boolean offers(String model) {
    List<String> models = lease.facts.models();
    return models.isEmpty() || models.contains(model);
  }

  /** It joined, or is back: its weight grows from now, or from a later time. */
  void warmUp(long fromNanos) {
    slowStart.begin(fromNanos);
  }

  /** Remembers the list of candidates that it is in. */
  void listedIn(List<EndpointState> list) {
    listedIn = list;
  }

  boolean isListedIn(List<EndpointState> list) {
    return listedIn == list;
  }

  /** Counts a request, and says on which backend it is to run. */
  Lease dispatch(RequestInfo request) {
    inFlight++;
    lease.begin();
    dispatched++;
    inFlightTokens += tokens(request);
    return lease;
  }

  void finish(Lease used, RequestInfo request, Outcome outcome, long now) {
    inFlight--;
    used.over();
    finished++;
    inFlightTokens -= tokens(request);
    learnLatency(outcome);
    decay(now);
    if (outcome.status() == Status.OK || outcome.status().unhealthy()) {
      errorRate += SMOOTHING * ((outcome.status().unhealthy() ? 1 : 0) - errorRate);
    }
  }

  /** A request that never spoke is a lower bound on the time it would have taken. */
  private void learnLatency(Outcome outcome) {
    long sample = outcome.timings().timeToFirstContentNanos();
    if (sample < 0) {
      long silent = outcome.timings().durationNanos();
      boolean slow = outcome.status() == Status.STALLED || outcome.status() == Status.TIMED_OUT;
      if (!slow || silent <= firstContentNanos) {
        return;
      }
      sample = silent;
    }
    firstContentNanos =
        firstContentNanos == 0
            ? Math.max(1, sample)
            : firstContentNanos + SMOOTHING * (sample - firstContentNanos);
  }

  private void decay(long now) {
    if (errorRate > 0 && now != errorRateAt) {
      errorRate *= Math.exp((errorRateAt - now) / DECAY_NANOS);
      errorRate = errorRate < NO_ERRORS ? 0 : errorRate;
    }
    errorRateAt = now;
  }

  long dispatched() {
    return dispatched;
  }

  long finished() {
    return finished;
  }

  /**
   * Its figures.
   *
   * @param out why its account is out; null if it is not
   * @param missing models that it said it does not have
   * @param probe what probes have found; null if it is not probed
   */
  EndpointFigures figures(
      long now,
      long epochMillis,
      @Nullable String out,
      List<String> missing,
      @Nullable ProbeFigures probe) {
    decay(now);
    Health.Condition condition = health.condition(now, epochMillis);
    return new EndpointFigures(
        id(),
        member.source(),
        account(),
        group(),
        member.weight(),
        slowStart.ramping() ? (Double) slowStart.share() : null,
        out != null ? State.ACCOUNT_OUT : draining ? State.DRAINING : condition.state(),
        out != null ? out : draining ? "asked to" : condition.why(),
        draining ? Since.text(drainingSinceNanos, now, epochMillis) : condition.since(),
        condition.cooldownMillis(),
        condition.cooldownReason(),
        inFlight,
        inFlightTokens,
        firstContentNanos / 1e6,
        errorRate,
        dispatched,
        finished,
        missing.isEmpty() ? null : missing,
        probe);
  }

  private static long tokens(RequestInfo request) {
    return (long) request.promptTokens() + request.maxOutputTokens();
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String account() {
    return account.name();
  }

  /** What is known of its account. */
  Accounts.Account spent() {
    return account;
  }

  @Override
  public boolean accountFull() {
    return account.full();
  }

  @Override
  public int group() {
    return member.group();
  }

  @Override
  public double weight() {
    return member.weight() * slowStart.share();
  }

  @Override
  public int inFlight() {
    return inFlight;
  }

  @Override
  public long inFlightTokens() {
    return inFlightTokens;
  }

  @Override
  public long firstContentNanos() {
    return (long) firstContentNanos;
  }

  @Override
  public double errorRate() {
    if (errorRate > 0) {
      decay(timeline.nanos());
    }
    return errorRate;
  }

  @Override
  public double reportedLoad() {
    try {
      return lease.backend.load();
    } catch (Exception | Error e) {
      errors.note(id, e);
      return Double.NaN;
    }
  }

  @Override
  public long reportedLoadAgeNanos() {
    return Double.isNaN(reportedLoad()) ? Long.MAX_VALUE : 0;
  }

  @Override
  public String toString() {
    return id();
  }
}
