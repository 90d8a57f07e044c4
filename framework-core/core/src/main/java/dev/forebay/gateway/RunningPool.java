package dev.forebay.gateway;

import dev.forebay.core.balancing.BalancingService;
import dev.forebay.core.balancing.Membership;
import dev.forebay.core.balancing.Prober;
import dev.forebay.core.cost.Prices;
import dev.forebay.gateway.Parts.Group;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.policy.HealthPolicy;
import dev.forebay.spi.policy.Instance;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A pool while it runs: how it balances, its members, and their source. */
final class RunningPool {

  private static final List<Instance> SAMPLES =
      List.of(Instance.at("127.0.0.1", 65_535), Instance.at("127.0.0.2", 65_534));

  private final Pool description;
  private final Host host;
  private final Group group = new Group();
  private final PoolMembers members;
  private final BalancingService balancing;
  private final @Nullable Membership membership;

  /**
   * Makes a pool; of what was made of one that cannot be made, its group is to be closed.
   *
   * @param makers the context of a part of the pool, by its short name
   */
  RunningPool(
      String name,
      Pool pool,
      Host host,
      Backends backends,
      Prices prices,
      Function<String, PluginContext> makers) {
    Function<String, PluginContext> contexts = makers.andThen(this::named);
    this.description = pool;
    this.host = host;
    this.members =
        new PoolMembers(plugin -> backends.make(name, group, plugin), backends::left, prices);
    Parts parts = host.parts();
    try {
      this.balancing = parts.making(group, null, () -> balancing(pool, contexts));
      Pool.Discover discover = pool.discover();
      this.membership =
          discover == null
              ? null
              : parts.making(group, null, () -> membership(discover, contexts.apply("discover")));
    } catch (IllegalArgumentException e) {
      parts.close(group);
      throw Parts.named("pool " + name, e);
    } catch (RuntimeException | Error e) {
      parts.close(group);
      throw e;
    }
  }

  private PluginContext named(PluginContext context) {
    group.named(context.name());
    return context;
  }

  private BalancingService balancing(Pool pool, Function<String, PluginContext> contexts) {
    PluginContext context = contexts.apply("balance");
    Plugin<HealthPolicy> health = pool.balance().health();
    return new BalancingService(
        context.create(pool.balance().by()),
        health == null
            ? (endpoint, outcome) -> 0
            : host.parts().create(health, contexts.apply("health")),
        prober(pool.balance().probe(), contexts),
        pool.balance().options(),
        members.begin(pool.members()),
        context,
        host.errors());
  }

  private @Nullable Prober prober(
      Pool.@Nullable Probe probe, Function<String, PluginContext> contexts) {
    if (probe == null) {
      return null;
    }
    PluginContext context = contexts.apply("probe");
    return new Prober(context.create(probe.by()), probe.options(), context, host.errors());
  }

  private Membership membership(Pool.Discover discover, PluginContext context) {
    String source = Plugins.name(discover.from());
    return new Membership(
        context.create(discover.from()),
        host.parts()::close,
        discover.options(),
        all -> members.discovered(balancing, all, discover, source),
        context,
        host.errors());
  }

  /** Whether it can become what is described, but for its listed members. */
  boolean isLike(Pool other) {
    return description.balance().equals(other.balance())
        && sameSource(description.discover(), other.discover());
  }

  /** Whether members come from a source: a new pool would begin without them. */
  boolean discovers() {
    return membership != null;
  }

  /** Templates have no equality of their own: what they make has. */
  private static boolean sameSource(Pool.@Nullable Discover one, Pool.@Nullable Discover other) {
    if (one == null || other == null) {
      return one == other;
    }
    return one.from().equals(other.from())
        && one.options().equals(other.options())
        && SAMPLES.stream()
            .allMatch(each -> one.backend().of(each).equals(other.backend().of(each)));
  }

  /** Whether some pools have a backend that can write the rest of an answer, or may have one. */
  static boolean mayContinue(List<RunningPool> pools) {
    return pools.stream().anyMatch(pool -> pool.discovers() || pool.balancing.mayContinue());
  }

  /** Whether some pools have two backends together, or may have them. */
  static boolean mayBeSeveral(List<RunningPool> pools) {
    return pools.stream().anyMatch(RunningPool::mayGrow)
        || pools.stream().mapToInt(pool -> pool.members.listed().size()).sum() > 1;
  }

  /** Whether its members are not known yet. */
  private boolean mayGrow() {
    return discovers() || members.listed().isEmpty();
  }

  Group group() {
    return group;
  }

  PoolMembers members() {
    return members;
  }

  BalancingService balancing() {
    return balancing;
  }

  @Nullable Membership membership() {
    return membership;
  }

  /** Begins to discover members and to probe them. */
  void start() {
    balancing.start();
    if (membership != null) {
      membership.start();
    }
  }

  /** Stops what {@link #start} began. */
  Future<Void> stop() {
    Future<Void> probing = balancing.stop();
    return membership == null ? probing : Future.join(membership.close(), probing).mapEmpty();
  }
}
