package dev.forebay.gateway;

import dev.forebay.core.AdmissionFilter;
import dev.forebay.core.BalancingService;
import dev.forebay.core.Chain;
import dev.forebay.core.CostService;
import dev.forebay.core.ExtraWork;
import dev.forebay.core.GuardedStream;
import dev.forebay.core.HeaderNames;
import dev.forebay.core.LaneService;
import dev.forebay.core.Membership;
import dev.forebay.core.OwnFilter;
import dev.forebay.core.PluginErrors;
import dev.forebay.core.Pools;
import dev.forebay.core.Prices;
import dev.forebay.core.Prober;
import dev.forebay.core.RateLimitFilter;
import dev.forebay.core.caching.CachingFilter;
import dev.forebay.spi.Backend;
import dev.forebay.spi.Balancer;
import dev.forebay.spi.Endpoint;
import dev.forebay.spi.Filter;
import dev.forebay.spi.HealthPolicy;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Service;
import dev.forebay.spi.options.Plugins;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
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
final class Assembly {

  private static final Logger LOG = LoggerFactory.getLogger(Assembly.class);

  /** Characters of a backend's id. */
  private static final int MAX_ID = 200;

  private final Host host;
  private final ExtraWork extraWork;
  private final PluginErrors errors;
  private final Set<String> names = new HashSet<>();
  private final Map<String, BalancingService> pools = new LinkedHashMap<>();
  private final Map<String, Service> services = new LinkedHashMap<>();
  private final Map<String, Supplier<Map<String, Object>>> states = new LinkedHashMap<>();
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
    this.extraWork = new ExtraWork(blueprint.extraWork());
    this.prices = blueprint.prices();
    host.lend(ExtraWork.class, extraWork)
        .lend(Prices.class, prices)
        .lend(PluginErrors.class, errors)
        .lend(Pools.class, this::pool)
        .lend(HeaderNames.class, () -> passedHeaders);
    this.routes = Routes.of(blueprint.pools());
    this.rules = blueprint.routes();
    try {
      for (Pool pool : blueprint.pools()) {
        BalancingService balancing = balancing(pool);
        pools.put(pool.name(), balancing);
        services.put(pool.name(), chain(prefix(pool), pool.stages(), priced(pool, balancing)));
      }
      Service router = router(context("route"));
      Service whole = chain("", blueprint.stages(), router);
      this.service =
          prices.header()
              ? Chain.compose(List.of(new Chain.Link("cost", CostService.header())), whole, errors)
              : whole;
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  Service service() {
    return service;
  }

  Map<String, BalancingService> pools() {
    return pools;
  }

  Map<String, Supplier<Map<String, Object>>> states() {
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

  ExtraWork extraWork() {
    return extraWork;
  }

  PluginErrors errors() {
    return errors;
  }

  Optional<Membership> discovery(String pool) {
    return Optional.ofNullable(memberships.get(pool));
  }

  /** Begins to discover members and to probe them. On the gateway's timeline. */
  void start() {
    if (!started) {
      started = true;
      parts.prepare();
      pools.values().forEach(BalancingService::start);
      memberships.values().forEach(Membership::start);
    }
  }

  /** Stops what {@link #start} began. On the gateway's timeline. */
  Future<Void> stop() {
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
    parts.draining();
  }

  /** Replaces the listed members of a pool. On the gateway's timeline. */
  void replace(String pool, BalancingService balancing, List<Pool.Member> list) {
    try {
      Objects.requireNonNull(members.get(pool)).list(balancing, list);
    } catch (Exception | LinkageError e) {
      errors.note(pool + "/members", e);
    }
  }

  /** The membership of a pool that is discovered. */
  private void discover(
      Pool pool, PoolMembers made, BalancingService balancing, Pool.Discover discover) {
    PluginContext context = context(prefix(pool) + "discover");
    String source = Plugins.name(discover.source());
    Membership membership =
        new Membership(
            context.create(discover.source()),
            parts::close,
            discover.options(),
            all -> made.discovered(balancing, all, discover, source),
            context,
            errors);
    memberships.put(pool.name(), membership);
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
    parts.close(backend);
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

  /** Closes all parts, the last that was made first. */
  Future<Void> close() {
    return parts.close();
  }

  /**
   * A pool that names its models answers for them; of another, the backends say what they offer.
   */
  private boolean offers(String pool, String model) {
    BalancingService balancing = pools.get(pool);
    return routes.names(model) || balancing == null || balancing.offers(model);
  }

  /** Rules may rewrite bodies, which are long: that is no work for the lane. */
  private Service router(PluginContext context) {
    Service router = new ModelRouter(rules, routes, this::offers, this::pool, context);
    boolean quick =
        rules.isEmpty() && services.values().stream().allMatch(LaneService.class::isInstance);
    return quick ? (LaneService) router::serve : router;
  }

  private Service pool(String name) {
    Service found = services.get(name);
    if (found == null) {
      throw new IllegalStateException("pool " + name + " is not made yet");
    }
    return found;
  }

  private BalancingService balancing(Pool pool) {
    PluginContext context = context(prefix(pool) + "balance");
    Plugin<Balancer> balancer = pool.balance().balancer();
    Plugin<HealthPolicy> health = pool.balance().health();
    PoolMembers own = new PoolMembers(plugin -> backend(pool.name(), plugin), this::left, prices);
    members.put(pool.name(), own);
    BalancingService service =
        new BalancingService(
            balancer == null ? new InTurn() : context.create(balancer),
            health == null
                ? (endpoint, outcome) -> 0
                : parts.create(health, context(prefix(pool) + "health")),
            prober(pool),
            pool.balance().options(),
            own.begin(pool.members()),
            context,
            errors);
    states.put(context.name(), service::state);
    if (pool.discover() != null) {
      discover(pool, own, service, pool.discover());
    }
    return service;
  }

  private @Nullable Prober prober(Pool pool) {
    Pool.Probe probe = pool.balance().probe();
    if (probe == null) {
      return null;
    }
    PluginContext context = context(prefix(pool) + "probe");
    return new Prober(context.create(probe.by()), probe.options(), context, errors);
  }

  /** Calls to a pool, with their costs where there are prices. */
  private Service priced(Pool pool, Service balancing) {
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

  private static String prefix(Pool pool) {
    return pool.name().equals(Pool.DEFAULT) ? "" : pool.name() + "/";
  }

  /** What a pool without a balancer does: one after the other. */
  private static final class InTurn implements Balancer {
    private int turn;

    @Override
    public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
      return candidates.get(Math.floorMod(turn++, candidates.size()));
    }
  }
}
