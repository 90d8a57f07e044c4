package dev.forebay.core.balancing;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.HealthPolicy;
import dev.forebay.spi.state.EndpointFigures;
import dev.forebay.spi.state.PoolState;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a pool: they join, change, drain and leave, and each is up or down. On the
 * gateway's timeline, but for {@link #offers}.
 */
final class PoolEndpoints {

  private final String name;
  private final Balancer balancer;
  private final BalancingService.Options options;
  private final Timeline timeline;
  private final PluginErrors errors;
  private final Candidates candidates;
  private final HealthTracker tracker;
  private final Accounts accounts;
  private final @Nullable Prober prober;
  private List<EndpointState> members = List.of();
  private volatile Set<String> offered = Set.of();
  private boolean selective;

  /**
   * No endpoints yet.
   *
   * @param balancer is told of the members
   * @param prober asks the members from {@link #start} on; null if nobody does
   */
  PoolEndpoints(
      Balancer balancer,
      HealthPolicy health,
      @Nullable Prober prober,
      BalancingService.Options options,
      PluginContext context,
      PluginErrors errors) {
    this.name = context.name();
    this.balancer = balancer;
    this.options = options;
    this.timeline = context.timeline();
    this.errors = errors;
    this.candidates =
        new Candidates(options.panicThreshold(), options.spillOver(), options.trials());
    this.tracker = new HealthTracker(health, options.maxCooldown(), candidates, context, errors);
    this.accounts = tracker.accounts();
    this.prober = prober;
  }

  /** Begins to probe. */
  void start() {
    if (prober != null) {
      prober.start(members, tracker::probed);
    }
  }

  /** Probes no more. */
  Future<Void> stop() {
    return prober == null ? Future.succeededFuture() : prober.close();
  }

  /** Replaces the members; those that leave are told to {@code left} once nothing runs on them. */
  void replace(List<Member> list, Consumer<Backend> left) {
    Map<String, EndpointState> old = new LinkedHashMap<>();
    members.forEach(member -> old.put(member.id(), member));
    List<EndpointState> now = new ArrayList<>(list.size());
    for (Member member : list) {
      Backend.Facts facts = member.backend().facts();
      watchAccount(member.backend(), facts.account());
      EndpointState state = old.get(facts.id());
      if (state == null || state.hasMovedTo(facts)) {
        state = new EndpointState(member, account(member), errors, slowStart(), timeline);
        tracker.joined(state);
        if (!members.isEmpty()) {
          state.warmUp(timeline.nanos());
        }
      } else {
        old.remove(state.id());
        if (state.backend() != member.backend()) {
          candidates.missing().forget(state);
        }
        state.become(member, account(member), left);
      }
      now.add(state);
    }
    for (EndpointState gone : old.values()) {
      candidates.missing().forget(gone);
      gone.remove(left);
    }
    members = List.copyOf(now);
    selective = now.stream().anyMatch(EndpointState::selective);
    offered = Member.models(list);
    accounts.retain(members.stream().map(EndpointState::account).toList());
    candidates.members(members);
    if (prober != null) {
      prober.members(members);
    }
    List<Endpoint> told = List.copyOf(now);
    try {
      balancer.members(told);
    } catch (Exception | Error e) {
      errors.note(name, e);
    }
    tracker.members(told);
  }

  private SlowStart slowStart() {
    return new SlowStart(timeline, options.slowStart(), options.slowStartShare());
  }

  private Accounts.Account account(Member member) {
    return accounts.of(member.backend().facts().account());
  }

  private void watchAccount(Backend backend, String account) {
    try {
      backend.onAccountRenewed(
          () ->
              timeline.execute(
                  () -> {
                    accounts.reload(account);
                    candidates.invalidate();
                  }));
    } catch (Exception | Error e) {
      errors.note(name, e);
    }
  }

  /** Brings back all accounts that were out. */
  void reloadAccounts() {
    accounts.reloadAll();
    candidates.invalidate();
  }

  /** Brings back an account that was out, and says whether a member has it. */
  boolean reloadAccount(String account) {
    accounts.reload(account);
    candidates.invalidate();
    return members.stream().anyMatch(member -> member.account().equals(account));
  }

  /** Takes an endpoint out of the choice, or back into it, and says whether it is a member. */
  boolean drain(String id, boolean begin) {
    for (EndpointState member : members) {
      if (member.id().equals(id)) {
        if (member.draining() && !begin) {
          member.warmUp(timeline.nanos());
        }
        member.drain(begin, timeline.nanos());
        candidates.invalidate();
        return true;
      }
    }
    return false;
  }

  /** Whether some member offers a model, or takes any. From any thread. */
  boolean offers(String model) {
    Set<String> models = offered;
    return models.isEmpty() || models.contains(model);
  }

  /** Backends that name no models and so are to be asked for them. */
  List<Backend> unnamed() {
    return members.stream()
        .filter(member -> member.facts().models().isEmpty())
        .map(EndpointState::backend)
        .toList();
  }

  /** Whether a backend could be given a request now. */
  boolean ready() {
    return candidates.refresh(timeline.nanos(), members, accounts)
        && !candidates.panic()
        && members.stream().anyMatch(member -> !member.draining() && member.backend().ready());
  }

  List<Endpoint> all() {
    return List.copyOf(members);
  }

  /** The endpoints with their figures; {@code inFlight} are the requests of the pool. */
  PoolState state(int inFlight) {
    long now = timeline.nanos();
    long epochMillis = timeline.epochMillis();
    List<EndpointFigures> list = new ArrayList<>();
    for (EndpointState member : members) {
      list.add(
          member.figures(
              now,
              epochMillis,
              accounts.why(member.account()),
              candidates.missing().of(member),
              prober == null ? null : prober.figures(member, now)));
    }
    candidates.refresh(now, members, accounts);
    return new PoolState(inFlight, candidates.panic(), list, accounts.figures(now, epochMillis));
  }

  /** How many endpoints are not draining. */
  int serving() {
    int serving = 0;
    for (EndpointState member : members) {
      serving += member.draining() ? 0 : 1;
    }
    return serving;
  }

  /** Requests dispatched so far, by endpoint. */
  Map<String, Long> dispatched() {
    Map<String, Long> counts = new LinkedHashMap<>();
    members.forEach(member -> counts.put(member.id(), member.dispatched()));
    return counts;
  }

  /** Whether a member can write the rest of an answer, or none is known yet. */
  boolean mayContinue() {
    return members.isEmpty() || members.stream().anyMatch(EndpointState::continues);
  }

  /** The endpoints that a request may be given to now; unmodifiable. */
  List<EndpointState> fitting(Attempt attempt, RequestInfo request, long now) {
    candidates.refresh(now, members, accounts);
    String model = request.model();
    List<String> failed = attempt.avoid();
    if (!selective && attempt.given() == 0) {
      return candidates.of(failed, List.of(), model);
    }
    Fitting fitting =
        Fitting.of(
            request, attempt.given() > 0, members, candidates.missing(), timeline.epochMillis());
    List<EndpointState> fresh = fitting.permitted(candidates.of(failed, fitting.unfit(), model));
    return fresh.isEmpty() && fitting != Fitting.ALL
        ? fitting.permitted(candidates.of(List.of(), fitting.barred(), model))
        : fresh;
  }

  /** Why none fits a request. */
  Failure noneFits(RequestInfo request) {
    if (!members.isEmpty() && members.stream().noneMatch(m -> m.terms().allow(request))) {
      return Failure.of(
          Status.CALLER_FAULT, 403, "not_allowed", "no backend may take requests of this tenant");
    }
    return accounts.out().isEmpty()
        ? Failure.saturated("no_endpoint", "there is no endpoint").retryAfter(1_000_000_000L)
        : Failure.saturated("account_out", "every account is out: " + accounts.out());
  }

  /** A request begins that tries an endpoint after its cooldown. */
  void trialBegins(EndpointState endpoint) {
    endpoint.health().trialBegins();
    candidates.invalidate();
  }

  /** That request is over. */
  void trialEnds(EndpointState endpoint) {
    endpoint.health().trialEnds();
    candidates.invalidate();
  }

  /**
   * An endpoint answered that was in doubt.
   *
   * @param cooling whether it was asked although it was cooling down
   */
  void passed(EndpointState endpoint, boolean cooling, String model) {
    tracker.passed(endpoint);
    if (cooling) {
      tracker.panicIsOver(endpoint, model, members);
    }
  }

  /** A request to an endpoint is over. */
  void finished(EndpointState endpoint, Outcome outcome, boolean trial, long now) {
    tracker.finished(endpoint, outcome, trial, members, now);
  }

  /** An endpoint said that it does not have a model. */
  void lacks(EndpointState endpoint, String model, long now) {
    candidates.missing(endpoint, model, now);
  }

  /** Whether some endpoints have a model of which others have said that they do not. */
  boolean someHave(String model) {
    return candidates.missing().some(model) && !candidates.allMiss(model);
  }
}
