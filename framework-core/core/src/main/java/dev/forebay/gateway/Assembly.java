package dev.forebay.gateway;

import dev.forebay.core.balancing.BalancingService;
import dev.forebay.core.balancing.Membership;
import dev.forebay.core.balancing.Prober;
import dev.forebay.core.caching.CachingFilter;
import dev.forebay.core.cost.CostService;
import dev.forebay.core.cost.Prices;
import dev.forebay.core.kernel.Chain;
import dev.forebay.core.kernel.HeaderNames;
import dev.forebay.core.kernel.OwnFilter;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.kernel.SerialService;
import dev.forebay.core.limiting.AdmissionFilter;
import dev.forebay.core.limiting.RateLimitFilter;
import dev.forebay.core.retrying.RetryBudget;
import dev.forebay.core.stream.GuardedStream;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.HealthPolicy;
import dev.forebay.spi.state.PartState;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The making of a gateway from its blueprint: plugins get their names, filters their order. */
final class Assembly implements Pools {

  private static final Logger LOG = LoggerFactory.getLogger(Assembly.class);

  /** Characters of a backend's id. */
  private static final int MAX_ID = 200;

  private final Host host;
  private final RetryBudget extraWork;
  private final PluginErrors errors;
  private final Set<String> names = new HashSet<>();
  private final Map<String, BalancingService> pools = new LinkedHashMap<>();
  private final Map<String, Service> services = new LinkedHashMap<>();
  private final Map<String, Supplier<? extends PartState>> states = new LinkedHashMap<>();
  private final Parts parts;
  private volatile Set<String> passedHeaders = Set.of();
  private final Map<String, PoolMembers> members = new LinkedHashMap<>();
  private final Map<String, Membership> memberships = new LinkedHashMap<>();
  private int made;
  private boolean started;
  private final Routes routes;
  private final List<Route> rules;
  private final Prices prices;
  private final Service service;

  Assembly(Blueprint blueprint, Host host) {
    this.host = host;
    this.parts = host.parts();
    this.errors = host.errors();
    this.extraWork = new RetryBudget(blueprint.extraWork());
    this.prices = blueprint.prices();
    host.metrics().counter("extra-work", "taken", extraWork::taken);
    host.metrics().counter("extra-work", "denied", extraWork::denied);
    host.metrics()
        .gauges("extra-work", "left")
        .of()
        .set(() -> extraWork.left(host.timeline().nanos()));
    host.metrics().gauges("extra-work", "reserve").of().set(extraWork::reserve);
    host.metrics().counter("plugin", "errors", errors::count);
    host.lend(RetryBudget.class, extraWork)
        .lend(Prices.class, prices)
        .lend(PluginErrors.class, errors)
        .lend(Pools.class, this)
        .lend(HeaderNames.class, () -> passedHeaders);
    this.routes = Routes.of(blueprint.allPools());
    this.rules = blueprint.routes();
    try {
      blueprint
          .allPools()
          .forEach(
              (name, pool) -> {
                BalancingService balancing = balancing(name, pool);
                pools.put(name, balancing);
                Service priced = priced(name, balancing);
                services.put(name, chain(prefix(name), pool.stages(), priced));
              });
      Service router = router(context("route"));
      Service whole = chain("", blueprint.stages(), router);
      Service piped =
          prices.header()
              ? Chain.compose(List.of(new Chain.Link("cost", CostService.header())), whole, errors)
              : whole;
      List<Chain.Link> fronts = new ArrayList<>();
      blueprint.sections().forEach(section -> section(section, fronts));
      this.service = fronts.isEmpty() ? piped : Chain.compose(fronts, piped, errors);
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  Service service() {
    return service;
  }

  Collection<BalancingService> pools() {
    return pools.values();
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
    return found(name, pools);
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

  private static <T> T found(String name, Map<String, T> pools) {
    T found = pools.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "pool: " + name + " (expected: one of " + pools.keySet() + ")");
    }
    return found;
  }

  /** The parts that are no pools. */
  Map<String, Supplier<? extends PartState>> states() {
    return states;
  }

  List<Backend> backends() {
    return parts.all(Backend.class);
  }

  /** The pool that takes models that no pool names; null where there is none. */
  @Nullable BalancingService open() {
    String other = routes.other();
    return other == null ? null : pools.get(other);
  }

  /** Names that callers can use: those of the rules, those of the pools. */
  List<String> models() {
    List<String> models = new ArrayList<>();
    for (Route rule : rules) {
      for (String name : rule.models()) {
        if (!name.endsWith("*") && !models.contains(name)) {
          models.add(name);
        }
      }
    }
    routes.models().stream().filter(model -> !models.contains(model)).forEach(models::add);
    return models;
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
    return Optional.ofNullable(memberships.get(pool));
  }

  /** Begins to discover members and to probe them. */
  void start() {
    host.timeline().check();
    if (!started) {
      started = true;
      parts.prepare();
      pools.values().forEach(BalancingService::start);
      memberships.values().forEach(Membership::start);
    }
  }

  /** Stops what {@link #start} began. */
  Future<Void> stop() {
    host.timeline().check();
    List<Future<Void>> stopping = new ArrayList<>();
    memberships.values().forEach(membership -> stopping.add(membership.close()));
    pools.values().forEach(pool -> stopping.add(pool.stop()));
    return Future.join(stopping).mapEmpty();
  }

  private Backend backend(String pool, Plugin<Backend> plugin) {
    Backend backend =
        parts.create(plugin, host.context(pool + "/" + Plugins.name(plugin) + "-" + made++));
    checkId(backend.id());
    learnHeaders();
    return backend;
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
      Objects.requireNonNull(members.get(pool)).list(balancing, list);
    } catch (Exception | LinkageError e) {
      errors.note(pool + "/members", e);
    }
  }

  /** The membership of a pool that is discovered. */
  private void discover(
      String pool, PoolMembers made, BalancingService balancing, Pool.Discover discover) {
    PluginContext context = context(prefix(pool) + "discover");
    String source = Plugins.name(discover.from());
    Membership membership =
        new Membership(
            context.create(discover.from()),
            parts::close,
            discover.options(),
            all -> made.discovered(balancing, all, discover, source),
            context,
            errors);
    memberships.put(pool, membership);
    states.put(context.name(), membership::state);
  }

  /** It stands in a header of each answer. */
  private static void checkId(String id) {
    boolean sound =
        !id.isBlank() && id.length() <= MAX_ID && id.chars().allMatch(c -> c > ' ' && c < 127);
    if (!sound) {
      throw new IllegalArgumentException(
          "id: %s (expected: 1 to %d characters of ASCII, no blanks)"
              .formatted(id.replaceAll("[^!-~]", "?"), MAX_ID));
    }
  }

  private void left(Backend backend) {
    host.timeline().check();
    parts.left(backend);
    learnHeaders();
  }

  private void learnHeaders() {
    Set<String> all = new HashSet<>();
    for (Backend backend : backends()) {
      try {
        all.addAll(backend.passedHeaders());
      } catch (Exception | LinkageError e) {
        errors.note(backend.id(), e);
      }
    }
    passedHeaders = Set.copyOf(all);
  }

  private void section(Plugin<Section> section, List<Chain.Link> fronts) {
    PluginContext context = context(Plugins.name(section));
    Filter front = parts.create(section, context).front();
    if (front != null) {
      fronts.add(
          new Chain.Link(context.name(), GuardedStream.guard(front, context.name(), errors)));
    }
  }

  /** Closes the sections, the last that was made first, each when the one before has closed. */
  Future<Void> closeSections() {
    Future<Void> closed = Future.succeededFuture();
    for (Section section : parts.all(Section.class).reversed()) {
      closed = closed.eventually(() -> parts.close(section));
    }
    return closed;
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
    BalancingService balancing = pools.get(pool);
    return routes.names(model) || balancing == null || balancing.offers(model);
  }

  /** Rules may rewrite bodies, which are long: that is no work for the gateway's timeline. */
  private Service router(PluginContext context) {
    Service router = new ModelRouter(rules, routes, this::offers, this::service, context);
    boolean quick =
        rules.isEmpty() && services.values().stream().allMatch(SerialService.class::isInstance);
    return quick ? (SerialService) router::serve : router;
  }

  private BalancingService balancing(String name, Pool pool) {
    PluginContext context = context(prefix(name) + "balance");
    Plugin<HealthPolicy> health = pool.balance().health();
    PoolMembers own = new PoolMembers(plugin -> backend(name, plugin), this::left, prices);
    members.put(name, own);
    BalancingService service =
        new BalancingService(
            context.create(pool.balance().by()),
            health == null
                ? (endpoint, outcome) -> 0
                : parts.create(health, context(prefix(name) + "health")),
            prober(name, pool.balance().probe()),
            pool.balance().options(),
            own.begin(pool.members()),
            context,
            errors);
    if (pool.discover() != null) {
      discover(name, own, service, pool.discover());
    }
    return service;
  }

  private @Nullable Prober prober(String pool, Pool.@Nullable Probe probe) {
    if (probe == null) {
      return null;
    }
    PluginContext context = context(prefix(pool) + "probe");
    return new Prober(context.create(probe.by()), probe.options(), context, errors);
  }

  /** Calls to a pool, with their costs where there are prices. */
  private Service priced(String pool, Service balancing) {
    return prices.any()
        ? new CostService(balancing, prices, context(prefix(pool) + "cost"))
        : balancing;
  }

  private Service chain(String prefix, List<Plugin<Filter>> stages, Service last) {
    List<Chain.Link> links = new ArrayList<>();
    for (Plugin<Filter> stage : stages) {
      PluginContext context = context(prefix + Plugins.name(stage));
      links.add(new Chain.Link(context.name(), filter(stage, context)));
    }
    return Chain.compose(links, last, errors);
  }

  private Filter filter(Plugin<Filter> stage, PluginContext context) {
    if (stage.readsHead() && context.resource(Vertx.class).isEmpty()) {
      LOG.warn(
          "filter {}: it reads heads of requests, and here there are none", Plugins.name(stage));
    }
    Filter made = parts.create(stage, context);
    if (made instanceof AdmissionFilter admission) {
      states.put(context.name(), admission::state);
    }
    return made instanceof OwnFilter ? made : GuardedStream.guard(made, context.name(), errors);
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
