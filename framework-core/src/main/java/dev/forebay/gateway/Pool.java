package dev.forebay.gateway;

import dev.forebay.core.BalancingService;
import dev.forebay.spi.Backend;
import dev.forebay.spi.Balancer;
import dev.forebay.spi.HealthPolicy;
import dev.forebay.spi.Plugin;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A set of backends that answer the same requests, as a description.
 *
 * @param name unique in the gateway
 * @param models names that are routed to it; empty where it takes all that no other pool names
 * @param stages what a request passes in it before it is balanced
 * @param balance how it is spread
 * @param members the backends; they may be replaced while the gateway runs
 */
public record Pool(
    String name, List<String> models, List<Stage> stages, Balance balance, List<Member> members) {

  /** The name of the pool of a gateway that has only one. */
  public static final String DEFAULT = "default";

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
   */
  public record Balance(
      @Nullable Plugin<Balancer> balancer,
      @Nullable Plugin<HealthPolicy> health,
      BalancingService.Options options) {}

  /**
   * A backend with its place in the pool.
   *
   * @param weight its share of the work, relative to others; above 0
   * @param group its priority group: 0 serves first
   */
  public record Member(Plugin<Backend> backend, double weight, int group) {}
}
