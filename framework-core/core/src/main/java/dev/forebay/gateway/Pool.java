package dev.forebay.gateway;

import dev.forebay.core.balancing.BalancingService;
import dev.forebay.core.balancing.Membership;
import dev.forebay.core.balancing.Prober;
import dev.forebay.core.balancing.Restrictions;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.HealthPolicy;
import dev.forebay.spi.policy.HealthProbe;
import dev.forebay.spi.policy.Instance;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A set of backends that answer the same requests, as a description.
 *
 * @param name unique in the gateway
 * @param models names that are routed to it; empty where it takes all that no other pool names
 * @param stages what a request passes in it before it is balanced
 * @param balance how it is spread
 * @param members the backends; they may be replaced while the gateway runs
 * @param discover where further backends come from; null where only the listed ones are
 */
public record Pool(
    String name,
    List<String> models,
    List<Plugin<Filter>> stages,
    Balance balance,
    List<Member> members,
    @Nullable Discover discover) {

  /** The name of the pool of a gateway that has only one. */
  public static final String DEFAULT = "default";

  /** A pool of listed backends only. */
  public Pool(
      String name,
      List<String> models,
      List<Plugin<Filter>> stages,
      Balance balance,
      List<Member> members) {
    this(name, models, stages, balance, members, null);
  }

  /** Copies. */
  public Pool {
    models = List.copyOf(models);
    stages = List.copyOf(stages);
    members = List.copyOf(members);
  }

  /**
   * How requests are spread over the members.
   *
   * @param balancer who chooses; null for the first of the candidates in turn (round robin)
   * @param health who judges; null where outcomes cause no cooldown but by {@code Retry-After}
   * @param options of the mechanism
   * @param probe who asks the backends whether they are up; null where nobody does
   */
  public record Balance(
      @Nullable Plugin<Balancer> balancer,
      @Nullable Plugin<HealthPolicy> health,
      BalancingService.Options options,
      @Nullable Probe probe) {

    /** Without probes. */
    public Balance(
        @Nullable Plugin<Balancer> balancer,
        @Nullable Plugin<HealthPolicy> health,
        BalancingService.Options options) {
      this(balancer, health, options, null);
    }
  }

  /**
   * Active health checks.
   *
   * @param by what is asked
   * @param options how often, and what answers decide
   */
  public record Probe(Plugin<HealthProbe> by, Prober.Options options) {}

  /**
   * Members that a source tells of.
   *
   * @param source who tells
   * @param template the backend of an instance; it throws where it cannot be made
   * @param options of the mechanism
   */
  public record Discover(
      Plugin<EndpointSource> source,
      Function<Instance, Plugin<Backend>> template,
      Membership.Options options) {}

  /**
   * A backend with its place in the pool.
   *
   * @param weight its share of the work, relative to others; above 0
   * @param group its priority group: 0 serves first
   * @param terms which requests it may take; their prices are the gateway's
   */
  public record Member(Plugin<Backend> backend, double weight, int group, Restrictions terms) {

    /** A backend that takes any request. */
    public Member(Plugin<Backend> backend, double weight, int group) {
      this(backend, weight, group, Restrictions.NONE);
    }
  }
}
