package dev.forebay.core.balancing;

import dev.forebay.core.kernel.GuardedSpan;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.kernel.SerialService;
import dev.forebay.core.stream.Endings;
import dev.forebay.core.stream.GuardedStream;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestSpan;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.HealthPolicy;
import dev.forebay.spi.state.PoolState;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends each request to one of a pool's endpoints. Load is accounted at the pick and given back
 * with the outcome; health follows the outcome table; members come and go while the state of those
 * that stay is kept.
 */
public final class BalancingService implements SerialService {

  /** How many further endpoints a request is given to that do not have its model. */
  private static final int MOST_MOVES = 8;

  private final String name;
  private final Balancer balancer;
  private final Timeline gatewayTimeline;
  private final PluginErrors errors;
  private final PoolEndpoints endpoints;
  private final Counter picks;
  private final Counter noEndpoint;
  private final Counter missingModels;
  private final Histogram inference;
  private int inFlight;

  /**
   * A service over a first list of members; the balancer was made with {@code context}.
   *
   * @param prober asks the members once the service is started; null where nobody does
   */
  public BalancingService(
      Balancer balancer,
      HealthPolicy health,
      @Nullable Prober prober,
      Options options,
      List<Member> members,
      PluginContext context,
      PluginErrors errors) {
    this.name = context.name();
    this.balancer = balancer;
    this.gatewayTimeline = context.timeline();
    this.errors = errors;
    this.endpoints = new PoolEndpoints(balancer, health, prober, options, context, errors);
    this.picks = context.counter("picks");
    this.noEndpoint = context.counter("no_endpoint");
    this.missingModels = context.counter("missing_models");
    this.inference = context.histogram("inference_seconds", Buckets.FINE_SECONDS);
    context.gauge("in_flight", () -> inFlight);
    Member.check(members);
    endpoints.replace(members, backend -> {});
  }

  /**
   * Options of the stage {@code balance}, beside its balancer and health policy.
   *
   * @param panicThreshold share of a group that must be up for cooldowns to be heeded
   * @param maxCooldown the longest cooldown, whatever a policy or a {@code Retry-After} says
   * @param slowStart how long the weight of an endpoint that joined or recovered grows to its own;
   *     0 for at once
   * @param slowStartShare the share of its weight that it begins with
   * @param spillOver requests in flight for each unit of weight of a priority group at which
   *     further ones go to the next group; 0 for never
   * @param trials requests that an endpoint may have at once after a cooldown that a health policy
   *     asked for, until one of them is answered
   */
  @Doc("Sends each request to one of the endpoints.")
  public record Options(
      @Doc(
              "Share of a priority group that must be up for cooldowns to be heeded; below it,"
                  + " all are used.")
          @Default("0.25")
          @Range(min = 0, max = 1)
          double panicThreshold,
      @Doc("The longest cooldown, whatever a policy or a Retry-After says.")
          @Default("120s")
          @Range(min = 0, max = 86_400)
          Duration maxCooldown,
      @Doc(
              "How long the weight of an endpoint that joined or recovered grows to its own; 0: at"
                  + " once.")
          @Default("0s")
          @Range(min = 0, max = 86_400)
          Duration slowStart,
      @Doc("The share of its weight with which an endpoint begins its slow start.")
          @Default("0.1")
          @Range(min = 0.001, max = 1)
          double slowStartShare,
      @Doc(
              "Requests in flight for each unit of weight of a priority group at which further ones"
                  + " go to the next group; 0: never.")
          @Default("0")
          @Range(min = 0, max = 1_000_000)
          @Unit("requests")
          int spillOver,
      @Doc(
              "Requests that an endpoint may have at once after a cooldown that the health policy"
                  + " asked for, until one of them is answered; one that fails doubles the"
                  + " cooldown.")
          @Default("1")
          @Range(min = 1, max = 1000)
          @Unit("requests")
          int trials) {}

  /** Begins to probe. */
  public void start() {
    gatewayTimeline.check();
    endpoints.start();
  }

  /** Probes no more. */
  public Future<Void> stop() {
    gatewayTimeline.check();
    return endpoints.stop();
  }

  /** Whether a member can write the rest of an answer, or none is known yet. */
  public boolean mayContinue() {
    return endpoints.mayContinue();
  }

  /**
   * Replaces the members, on any thread. An endpoint whose id stays keeps its state; one that goes
   * gets no new work, and what it has under way is finished.
   *
   * @throws IllegalArgumentException where two have one id
   */
  public void members(List<Member> list) {
    members(list, backend -> {});
  }

  /**
   * As {@link #members(List)}.
   *
   * @param left is told of each backend that is no longer a member, once nothing runs on it; on the
   *     gateway's timeline
   */
  public void members(List<Member> list, Consumer<Backend> left) {
    Member.check(list);
    List<Member> copy = List.copyOf(list);
    gatewayTimeline.execute(() -> endpoints.replace(copy, left));
  }

  /** Brings back accounts that were out: their keys or balances have been renewed. */
  public void reloadAccounts() {
    gatewayTimeline.execute(endpoints::reloadAccounts);
  }

  /**
   * Brings back an account that was out, on any thread.
   *
   * @return whether a member has that account; completes on the gateway's timeline
   */
  public Future<Boolean> reloadAccount(String account) {
    Promise<Boolean> known = Promise.promise();
    gatewayTimeline.execute(() -> known.complete(endpoints.reloadAccount(account)));
    return known.future();
  }

  /**
   * Takes an endpoint out of the choice, or back into it, from any thread. One that drains gets no
   * new work, not even in panic, and finishes what it has; it drains until it is taken back or
   * leaves the pool. One that is taken back starts slowly.
   *
   * @param begin true to drain, false to take back
   * @return whether it is a member; completes on the gateway's timeline
   */
  public Future<Boolean> drain(String id, boolean begin) {
    Promise<Boolean> known = Promise.promise();
    gatewayTimeline.execute(() -> known.complete(endpoints.drain(id, begin)));
    return known.future();
  }

  /** Whether some member offers a model, or takes any. From any thread. */
  public boolean offers(String model) {
    return endpoints.offers(model);
  }

  /** Backends that name no models and so are to be asked for them. */
  public List<Backend> unnamed() {
    gatewayTimeline.check();
    return endpoints.unnamed();
  }

  /** Whether a backend could be given a request now. */
  public boolean ready() {
    gatewayTimeline.check();
    return endpoints.ready();
  }

  /** The name of its part, such as {@code fast/balance}. */
  public String name() {
    return name;
  }

  /** The endpoints as they are now. */
  public List<Endpoint> endpoints() {
    gatewayTimeline.check();
    return endpoints.all();
  }

  /** The endpoints with their figures. */
  public PoolState state() {
    gatewayTimeline.check();
    return endpoints.state(inFlight);
  }

  /** How many endpoints are not draining. */
  public int serving() {
    gatewayTimeline.check();
    return endpoints.serving();
  }

  /** Requests dispatched so far, by endpoint that is a member now. */
  public Map<String, Long> dispatched() {
    gatewayTimeline.check();
    return endpoints.dispatched();
  }

  /** Requests under way. */
  public int inFlight() {
    gatewayTimeline.check();
    return inFlight;
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    Promise<InferenceResponse> answer = Promise.promise();
    gatewayTimeline.execute(() -> pick(request, 0, answer));
    return answer.future();
  }

  /**
   * Chooses.
   *
   * @param moves how many endpoints have said that they do not have the model
   */
  private void pick(InferenceRequest request, int moves, Promise<InferenceResponse> answer) {
    Timeline requestTimeline = request.call().timeline();
    long now = gatewayTimeline.nanos();
    EndpointState chosen;
    try {
      chosen = choose(request, now);
    } catch (Exception | LinkageError | StackOverflowError e) {
      Failure failure = errors.failure(name, e);
      requestTimeline.execute(() -> answer.tryFail(failure));
      return;
    }
    if (chosen == null) {
      noEndpoint.increment();
      Failure failure = endpoints.noneFits(request.info());
      requestTimeline.execute(() -> answer.tryFail(failure));
      return;
    }
    Pick pick = pick(chosen, request, now);
    inFlight++;
    picks.increment();
    try {
      balancer.dispatched(chosen, request.info());
    } catch (Exception | LinkageError | StackOverflowError e) {
      errors.note(name, e);
    }
    requestTimeline.execute(() -> send(request, pick, moves, answer));
  }

  private Pick pick(EndpointState chosen, InferenceRequest request, long now) {
    boolean cooling = chosen.health().cooling(now);
    boolean trial = chosen.health().halfOpen() && !cooling;
    if (trial) {
      endpoints.trialBegins(chosen);
    }
    return new Pick(
        chosen,
        chosen.dispatch(request.info()),
        trial,
        cooling,
        chosen.health().cooldownUntilNanos());
  }

  /**
   * A choice: who, on which backend, and whether the request is a trial of it.
   *
   * @param cooling whether a cooldown was ignored
   * @param cooldownUntilNanos the end of the endpoint's last cooldown at the pick
   */
  private record Pick(
      EndpointState endpoint,
      EndpointState.Lease lease,
      boolean trial,
      boolean cooling,
      long cooldownUntilNanos) {

    /** Whether an answer says that the endpoint is up again: no failure was later than the pick. */
    boolean proves() {
      return cooldownUntilNanos == endpoint.health().cooldownUntilNanos();
    }
  }

  /** The endpoint that is to answer, filtering included; null if none can be asked. */
  public @Nullable EndpointState choose(InferenceRequest request, long now) {
    gatewayTimeline.check();
    List<EndpointState> fresh = endpoints.fitting(request.attempt(), request.info(), now);
    if (fresh.isEmpty()) {
      return null;
    }
    Endpoint chosen = balancer.choose(request.info(), asEndpoints(fresh));
    if (chosen instanceof EndpointState state && Candidates.contains(fresh, state)) {
      return state;
    }
    throw new IllegalStateException(
        "balancer %s chose %s (expected: one of the candidates)"
            .formatted(errors.named(balancer), chosen));
  }

  /** The list is unmodifiable, so that it may be seen as one of a wider type. */
  @SuppressWarnings("unchecked")
  private static List<Endpoint> asEndpoints(List<? extends Endpoint> unmodifiable) {
    return (List<Endpoint>) unmodifiable;
  }

  private void send(
      InferenceRequest request, Pick pick, int moves, Promise<InferenceResponse> answer) {
    EndpointState endpoint = pick.endpoint();
    Timeline requestTimeline = request.call().timeline();
    requestTimeline.check();
    long now = requestTimeline.nanos();
    Future<InferenceResponse> served;
    RequestSpan span = null;
    if (request.call().ended()) {
      served = Future.failedFuture(Endings.why(request.call()));
    } else {
      request.call().reached(endpoint.id());
      try {
        Backend backend = pick.lease().backend();
        span = GuardedSpan.ofTry(request, pick.lease().facts());
        InferenceRequest sent = GuardedSpan.sent(request, span);
        served = Objects.requireNonNull(backend.serve(sent), "answer: null (expected: a future)");
      } catch (Exception | LinkageError | StackOverflowError e) {
        served = Future.failedFuture(errors.failure(endpoint.id(), e));
      }
    }
    Future<InferenceResponse> guarded =
        Endings.guardFirst(
            request.call(),
            now,
            served,
            response -> GuardedStream.guard(request.call(), now, response, endpoint.id(), errors),
            GuardedSpan.telling(
                span, outcome -> gatewayTimeline.execute(() -> finish(request, pick, outcome))));
    guarded.onComplete(
        result -> {
          if (result.succeeded()) {
            if (pick.trial() || pick.cooling()) {
              gatewayTimeline.execute(() -> passed(pick, request.info().model()));
            }
            answer.complete(result.result());
          } else {
            fail(request, endpoint, moves, result.cause(), answer);
          }
        });
  }

  private void passed(Pick pick, String model) {
    gatewayTimeline.check();
    if (pick.proves()) {
      endpoints.passed(pick.endpoint(), pick.cooling(), model);
    }
  }

  /** The failure as the stages before see it: with its endpoint, and a wait only where it helps. */
  private void fail(
      InferenceRequest request,
      EndpointState endpoint,
      int moves,
      Throwable cause,
      Promise<InferenceResponse> answer) {
    Failure failure =
        (cause instanceof Failure known ? known : errors.failure(endpoint.id(), cause))
            .at(endpoint.id());
    if (failure.status() == Status.MODEL_MISSING && moves < MOST_MOVES) {
      InferenceRequest again = request.with(request.attempt().next(endpoint.id()));
      gatewayTimeline.execute(() -> move(again, moves + 1, failure, answer));
      return;
    }
    if (failure.retryAfterNanos() <= 0) {
      answer.tryFail(failure);
      return;
    }
    gatewayTimeline.execute(
        () -> {
          Attempt next = request.attempt().next(endpoint.id());
          List<EndpointState> fresh =
              endpoints.fitting(next, request.info(), gatewayTimeline.nanos());
          boolean elsewhere =
              !fresh.isEmpty()
                  && !fresh.contains(endpoint)
                  && !request.attempt().avoid().contains(fresh.get(0).id());
          Failure told = elsewhere ? failure.retryAfter(-1) : failure;
          request.call().timeline().execute(() -> answer.tryFail(told));
        });
  }

  /**
   * Gives a request to another endpoint, since one does not have its model. That is no retry: the
   * first one did no work, and gets no more such requests for a while. So it draws on no budget,
   * but is bounded.
   */
  private void move(
      InferenceRequest request, int moves, Failure failure, Promise<InferenceResponse> answer) {
    boolean elsewhere = endpoints.someHave(request.info().model());
    if (!elsewhere || request.call().ended()) {
      request.call().timeline().execute(() -> answer.tryFail(failure));
    } else {
      pick(request, moves, answer);
    }
  }

  private void finish(InferenceRequest request, Pick pick, Outcome outcome) {
    gatewayTimeline.check();
    EndpointState endpoint = pick.endpoint();
    long now = gatewayTimeline.nanos();
    inFlight--;
    if (pick.trial()) {
      endpoints.trialEnds(endpoint);
    }
    endpoint.finish(pick.lease(), request.info(), outcome, now);
    if (outcome.status() == Status.OK) {
      inference.record(outcome.timings().durationNanos());
    }
    if (outcome.status() == Status.MODEL_MISSING && !endpoint.removed()) {
      missingModels.increment();
      endpoints.lacks(endpoint, request.info().model(), now);
    }
    try {
      balancer.finished(endpoint, request.info(), outcome);
    } catch (Exception | LinkageError | StackOverflowError e) {
      errors.note(name, e);
    }
    endpoints.finished(endpoint, outcome, pick.trial(), now);
  }
}
