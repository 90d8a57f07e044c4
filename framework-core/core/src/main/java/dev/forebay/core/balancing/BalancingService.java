package dev.forebay.core.balancing;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.kernel.SerialService;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends each request to one of a pool's endpoints. Load is accounted at the pick and given back
 * with the outcome; health follows the outcome table; members come and go while the state of those
 * that stay is kept.
 */
public final class BalancingService implements SerialService {

  private final String name;
  private final Timeline gatewayTimeline;
  private final PoolEndpoints endpoints;
  private final Dispatch dispatch;

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
    this.gatewayTimeline = context.timeline();
    this.endpoints = new PoolEndpoints(balancer, health, prober, options, context, errors);
    this.dispatch = new Dispatch(balancer, endpoints, context, errors);
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
    return gatewayTimeline.ask(() -> endpoints.reloadAccount(account));
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
    return gatewayTimeline.ask(() -> endpoints.drain(id, begin));
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
    return endpoints.state(dispatch.inFlight());
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
    return dispatch.inFlight();
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    return dispatch.serve(request);
  }

  /** The endpoint that is to answer, filtering included; null if none can be asked. */
  public @Nullable EndpointState choose(InferenceRequest request, long now) {
    return dispatch.choose(request, now);
  }
}
