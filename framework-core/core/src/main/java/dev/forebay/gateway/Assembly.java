package dev.forebay.gateway;

import dev.forebay.config.Mistakes;
import dev.forebay.core.balancing.BalancingService;
import dev.forebay.core.balancing.Membership;
import dev.forebay.core.caching.CachingFilter;
import dev.forebay.core.cost.CostService;
import dev.forebay.core.cost.Prices;
import dev.forebay.core.kernel.HeaderNames;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.kernel.SerialService;
import dev.forebay.core.limiting.RateLimitFilter;
import dev.forebay.core.retrying.RetryBudget;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import dev.forebay.spi.host.ComingCapacity;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.ScalingTarget;
import dev.forebay.spi.state.PartState;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The making of a gateway from its blueprint: plugins get their names, filters their order. A
 * further one takes over from one that runs what has stayed as it was.
 */
final class Assembly implements Pools {

  /** Stands for a pool that cannot be made. */
  private static final Service NOTHING =
      request -> Future.failedFuture(new IllegalStateException("the pool was not made"));

  private final Host host;
  private final Blueprint blueprint;
  private final RetryBudget extraWork;
  private final PluginErrors errors;
  private final Parts parts;
  private final Backends backends;
  private final ComingCapacity coming;
  private final CurrentPools current;
  private final Sections sections;
  private final OpenCalls calls = new OpenCalls();

  /** Only while it is made: it must not keep what was before it. */
  private @Nullable Succession succession;

  /** What plugins have against their options. */
  private final Mistakes refused = new Mistakes();

  private final Set<String> names = new HashSet<>();
  private final Map<String, RunningPool> pools = new LinkedHashMap<>();
  private final Map<String, Service> services = new LinkedHashMap<>();
  private final Map<String, Supplier<? extends PartState>> states = new LinkedHashMap<>();
  private final Stages stages;
  private boolean started;
  private final Routes routes;
  private final Service service;

  /**
   * An assembly, perhaps one that takes the place of another.
   *
   * @param succession what goes on of the other, and what begins; null if there is no other
   */
  Assembly(Blueprint blueprint, Host host, @Nullable Succession succession) {
    this.host = host;
    this.blueprint = blueprint;
    this.succession = succession;
    this.parts = host.parts();
    this.stages = new Stages(host, states);
    this.errors = host.errors();
    this.backends = succession == null ? new Backends(host) : succession.former().backends;
    this.coming = succession == null ? new ComingCapacity() : succession.former().coming;
    this.sections = succession == null ? new Sections(host) : succession.former().sections;
    this.current = succession == null ? new CurrentPools(this) : succession.former().current;
    this.extraWork =
        succession != null && succession.keepsBudget()
            ? succession.former().extraWork
            : budget(blueprint, host);
    Prices prices = blueprint.prices();
    host.lend(RetryBudget.class, extraWork)
        .lend(Prices.class, prices)
        .lend(PluginErrors.class, errors)
        .lend(Pools.class, current)
        .lend(ComingCapacity.class, coming)
        .lend(HeaderNames.class, backends);
    this.routes = Routes.of(blueprint.allPools());
    try {
      blueprint
          .allPools()
          .forEach(
              (name, pool) -> {
                RunningPool running = refused.made(() -> running(name, pool));
                Service last = running == null ? NOTHING : priced(name, running.balancing());
                services.put(name, chain(name, pool.stages(), last));
              });
      Service router = router(context("route"));
      Service whole = chain(null, blueprint.stages(), router);
      refused.throwIfAny(); // sections may need what was refused
      Service piped =
          prices.header()
              ? Chain.compose(List.of(new Chain.Link("cost", CostService.header())), whole, errors)
              : whole;
      if (succession == null) {
        host.metrics().counter("plugin", "errors", errors::count);
        for (Plugin<Section> section : blueprint.sections()) {
          sections.add(section, context(Plugins.name(section)));
        }
      }
      this.service = sections.before(piped);
      this.succession = null;
    } catch (RuntimeException e) {
      if (succession == null) {
        parts.close();
      }
      throw e;
    }
  }

  private static RetryBudget budget(Blueprint blueprint, Host host) {
    RetryBudget made = new RetryBudget(blueprint.extraWork());
    host.metrics().counter("extra-work", "taken", made::taken);
    host.metrics().counter("extra-work", "denied", made::denied);
    host.gauge("extra-work", "left", () -> made.left(host.timeline().nanos()));
    host.gauge("extra-work", "reserve", made::reserve);
    return made;
  }

  /** Warns of stages that can do nothing. Once its members are those of the blueprint. */
  void check() {
    stages.check(blueprint, pools);
  }

  /** What is under way in it. */
  OpenCalls calls() {
    return calls;
  }

  Blueprint blueprint() {
    return blueprint;
  }

  Service service() {
    return service;
  }

  Collection<BalancingService> pools() {
    return pools.values().stream().map(RunningPool::balancing).toList();
  }

  @Override
  public List<String> names() {
    return List.copyOf(pools.keySet());
  }

  /**
   * The balancing of a pool.
   *
   * @throws IllegalArgumentException if there is no such pool
   */
  BalancingService pool(String name) {
    return found(name, pools).balancing();
  }

  /** A pool with its stages. */
  @Override
  public Service service(String name) {
    return found(name, services);
  }

  @Override
  public List<Endpoint> endpoints(String name) {
    return pool(name).endpoints();
  }

  @Override
  public int serving(String name) {
    return pool(name).serving();
  }

  @Override
  public Future<Boolean> drain(String name, String endpoint, boolean begin) {
    return pool(name).drain(endpoint, begin);
  }

  @Override
  public Optional<ScalingTarget> target(String name) {
    return Optional.ofNullable(found(name, pools).membership()).flatMap(Membership::target);
  }

  private static <T> T found(String name, Map<String, T> pools) {
    T found = pools.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "pool: " + name + " (expected: " + Names.oneOf(pools.keySet(), name) + ")");
    }
    return found;
  }

  /** The pools, by name. */
  Map<String, RunningPool> runningPools() {
    return pools;
  }

  Stages stages() {
    return stages;
  }

  /** The parts that are no pools. */
  Map<String, Supplier<? extends PartState>> states() {
    return states;
  }

  List<Backend> backends() {
    return backends.all();
  }

  /** The pool that takes models that no pool names; null where there is none. */
  @Nullable BalancingService open() {
    String other = routes.other();
    RunningPool pool = other == null ? null : pools.get(other);
    return pool == null ? null : pool.balancing();
  }

  /** Names that callers can use: those of the rules, those of the pools. */
  List<String> models() {
    return routes.models(blueprint.routes());
  }

  List<CachingFilter> cacheFilters() {
    return parts.all(CachingFilter.class);
  }

  List<RateLimitFilter> limits() {
    return parts.all(RateLimitFilter.class);
  }

  RetryBudget extraWork() {
    return extraWork;
  }

  PluginErrors errors() {
    return errors;
  }

  Optional<Membership> discovery(String pool) {
    return Optional.ofNullable(pools.get(pool)).map(RunningPool::membership);
  }

  /** Begins to discover members and to probe them. */
  void start() {
    host.timeline().check();
    if (!started) {
      started = true;
      parts.prepare();
      pools.values().forEach(RunningPool::start);
    }
  }

  /** It has taken the place of a former one: what is new begins. */
  void start(Collection<RunningPool> fresh) {
    started = true;
    fresh.forEach(RunningPool::start);
  }

  /** What plugins see as the pools is this assembly from now on. */
  void becomeCurrent() {
    current.become(this);
  }

  /** Another has taken its place, and no request is in it any more. */
  void over() {
    current.over(this);
  }

  /** Stops what {@link #start} began. */
  Future<Void> stop() {
    host.timeline().check();
    return Future.join(pools.values().stream().map(RunningPool::stop).toList()).mapEmpty();
  }

  /** Tells all parts that they will be closed. */
  void draining() {
    host.timeline().check();
    parts.draining();
  }

  /** Replaces the listed members of a pool. */
  void replace(String pool, BalancingService balancing, List<Pool.Member> list) {
    host.timeline().check();
    try {
      Objects.requireNonNull(pools.get(pool)).members().list(balancing, list);
    } catch (Exception | Error e) {
      errors.note(pool + "/members", e);
    }
  }

  Sections sections() {
    return sections;
  }

  boolean ready() {
    return pools.keySet().stream().anyMatch(this::ready) && sections.ready();
  }

  private boolean ready(String pool) {
    BalancingService balancing = pool(pool);
    return balancing.ready() || (balancing.serving() == 0 && coming.startable(pool));
  }

  /** Closes all parts, the last that was made first. */
  Future<Void> close() {
    host.timeline().check();
    return parts.close();
  }

  /**
   * A pool that names its models answers for them; of another, the backends say what they offer.
   */
  private boolean offers(String pool, String model) {
    RunningPool running = pools.get(pool);
    return routes.names(model) || running == null || running.balancing().offers(model);
  }

  /** Rules may rewrite bodies, which are long: that is no work for the gateway's timeline. */
  private Service router(PluginContext context) {
    List<Route> rules = blueprint.routes();
    Service router = new ModelRouter(rules, routes, this::offers, this::service, context);
    boolean quick =
        rules.isEmpty() && services.values().stream().allMatch(SerialService.class::isInstance);
    return quick ? (SerialService) router::serve : router;
  }

  private RunningPool running(String name, Pool pool) {
    RunningPool kept = succession == null ? null : succession.keeps(name, pool);
    RunningPool running = kept == null ? begun(name, pool) : kept;
    pools.put(name, running);
    Membership membership = running.membership();
    if (membership != null) {
      states.put(prefix(name) + "discover", membership::state);
    }
    return running;
  }

  private RunningPool begun(String name, Pool pool) {
    RunningPool made =
        new RunningPool(
            name, pool, host, backends, blueprint.prices(), part -> context(prefix(name) + part));
    if (succession != null) {
      succession.begins(made);
    }
    return made;
  }

  /** Calls to a pool, with their costs where there are prices. */
  private Service priced(String pool, Service balancing) {
    Prices prices = blueprint.prices();
    return prices.any()
        ? new CostService(balancing, prices, context(prefix(pool) + "cost"))
        : balancing;
  }

  /**
   * Stages before a service.
   *
   * @param pool whose stages they are; null for those that every request passes
   */
  private Service chain(@Nullable String pool, List<Plugin<Filter>> list, Service last) {
    String prefix = pool == null ? "" : prefix(pool);
    List<Chain.Link> links = new ArrayList<>();
    for (Plugin<Filter> stage : list) {
      PluginContext context = context(prefix + Plugins.name(stage));
      Filter filter = refused.made(() -> stages.filter(stage, pool, context, succession));
      if (filter != null) {
        links.add(new Chain.Link(context.name(), filter));
      }
    }
    return Chain.compose(links, last, errors);
  }

  /** A context under a name that no other has. */
  private PluginContext context(String wanted) {
    String name = wanted;
    for (int i = 2; !names.add(name); i++) {
      name = wanted + "-" + i;
    }
    return host.context(name);
  }

  private static String prefix(String pool) {
    return pool.equals(Pool.DEFAULT) ? "" : pool + "/";
  }
}
