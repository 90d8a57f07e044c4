package dev.forebay.gateway;

import dev.forebay.core.balancing.BalancingService;
import dev.forebay.core.balancing.Membership;
import dev.forebay.core.caching.HotRequest;
import dev.forebay.core.cost.Prices;
import dev.forebay.core.kernel.VertxTimeline;
import dev.forebay.core.limiting.MemoryOptions;
import dev.forebay.core.limiting.RateLimitFilter;
import dev.forebay.core.retrying.RetryBudget;
import dev.forebay.core.routes.RouteTable;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.CallerKeys;
import dev.forebay.spi.host.MemoryBudget;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Labelled;
import dev.forebay.spi.metrics.MetricsReader;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.state.DiscoveryState;
import dev.forebay.spi.state.GatewayState;
import dev.forebay.spi.state.PartState;
import dev.forebay.spi.state.PoolState;
import dev.forebay.spi.state.StateReader;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A gateway: one service in front of pools of inference backends. Work that has no HTTP request (a
 * batch, a worker, a warm-up) uses it as it is; {@code HttpEdge} puts it on the network.
 */
public final class Gateway implements Service {

  private final Timeline timeline;
  private final Host host;
  private final MemoryBudget memory;
  private final Assemblies assemblies;
  private final OfferedModels offered;
  private final TrackedRequests requests;
  private final List<CallerKeys> callerKeys = new CopyOnWriteArrayList<>();

  private Gateway(Blueprint blueprint, Host host) {
    this.host = host;
    this.timeline = host.timeline();
    blueprint.require();
    host.take();
    this.memory = host.memory(blueprint.memory());
    this.requests = new TrackedRequests(host);
    host.lend(StateReader.class, this::stateNow)
        .lend(Service.class, this::ofSection)
        .lend(CallerKeys.Place.class, callerKeys::add);
    this.assemblies = new Assemblies(blueprint, host);
    requests.metrics().expectModels(assembly().models());
    this.offered = new OfferedModels(this::models, () -> assembly().open(), timeline);
  }

  /**
   * Makes a gateway from its blueprint. It asks nobody by itself yet: see {@link #start}.
   *
   * @param host of this gateway alone
   * @throws IllegalArgumentException if options contradict each other, or the host has a gateway
   */
  public static Gateway of(Blueprint blueprint, Host host) {
    return new Gateway(blueprint, host);
  }

  /** A gateway in code, on a Vert.x instance. */
  public static Builder builder(Vertx vertx) {
    return new Builder(
        new Host(VertxTimeline.of(vertx), System.nanoTime()).lend(Vertx.class, vertx));
  }

  /** A gateway in code, on any host. */
  public static Builder builder(Host host) {
    return new Builder(host);
  }

  /** Begins to discover members and to probe them; once, and without effect after that. */
  public Gateway start() {
    timeline.execute(() -> assembly().start());
    return this;
  }

  /**
   * Answers a request. On the timeline of the request's call: from any other thread, {@code
   * call.timeline().ask(() -> gateway.serve(request)).compose(answer -> answer)}.
   *
   * @return as {@link Service#serve}; fails with {@code shutting_down} after {@link #close}
   */
  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    TrackedRequests.require(request);
    return assemblies.closed()
        ? Future.failedFuture(Failure.saturated("shutting_down", "the gateway is shutting down"))
        : requests.serve(request, assemblies.enter());
  }

  /** Sections may finish what they have begun until they are closed themselves. */
  private Future<InferenceResponse> ofSection(InferenceRequest request) {
    TrackedRequests.require(request);
    return requests.serve(request, assemblies.enter());
  }

  /** Requests under way. From any thread. */
  public int open() {
    return requests.open();
  }

  /** Keys of sections, which come and go while the gateway runs. */
  public List<CallerKeys> callerKeys() {
    return List.copyOf(callerKeys);
  }

  /** Tells these tenants apart in metrics, also before their first requests. */
  public void expectTenants(Collection<String> tenants) {
    requests.metrics().expectTenants(tenants);
  }

  /**
   * Counts requests that an edge refused before they came here: by the code of HTTP and the reason.
   * From any thread.
   */
  public Labelled<Counter> refusals() {
    return requests.metrics().refusals();
  }

  /** Requests that are over, by how they ended. From any thread. */
  public Map<Status, Long> outcomes() {
    return requests.metrics().outcomes();
  }

  /**
   * Counters of all stages and plugins, by full name: {@code admit.shed}, {@code
   * cache.bypasses{reason=tools}}. From any thread.
   */
  public SortedMap<String, Long> counters() {
    SortedMap<String, Long> counts = new TreeMap<>();
    host.metrics()
        .counters()
        .forEach((series, count) -> counts.merge(series.toString(), count, Long::sum));
    return counts;
  }

  /**
   * The first thing that went wrong in a plugin, in one line: its name, its context, what it threw
   * and where; null if nothing did.
   */
  public @Nullable String pluginError() {
    return assembly().errors().first();
  }

  /**
   * Where a thread is in the code of a plugin. From any thread.
   *
   * @param stack of the thread
   * @return the plugin, the call and the line, in words; null if it is in no plugin
   */
  public @Nullable String pluginCall(StackTraceElement[] stack) {
    return host.pluginCall(stack);
  }

  /** Gauges of all stages and plugins, by full name. On the gateway's timeline. */
  public SortedMap<String, Double> gauges() {
    SortedMap<String, Double> values = new TreeMap<>();
    host.metrics().gauges().forEach((series, value) -> values.put(series.toString(), value));
    return values;
  }

  /** Reads the figures of all stages and plugins. */
  public MetricsReader metrics() {
    return host.metrics();
  }

  /** The routes that plugins have added. */
  public RouteTable routes() {
    return host.routes();
  }

  /** Models that the pools name, in order. */
  public List<String> models() {
    List<String> models = new ArrayList<>(assembly().models());
    for (Backend backend : assembly().backends()) {
      for (String model : backend.facts().models()) {
        if (!models.contains(model)) {
          models.add(model);
        }
      }
    }
    return models;
  }

  /**
   * Models that callers can use: those of {@link #models()}, and of the pool that takes all others
   * those that its members say they have. They are asked at most twice a minute. From any thread;
   * does not fail.
   */
  public Future<List<String>> offeredModels() {
    return offered.list();
  }

  /** What unfinished bodies, answers and recordings of the gateway may hold together. */
  public MemoryBudget memory() {
    return memory;
  }

  /** Where the gateway's policies run. */
  public Timeline timeline() {
    return timeline;
  }

  /** The names of the pools. */
  public List<String> pools() {
    return assembly().names();
  }

  /**
   * The balancing of a pool: its members can be replaced, its figures read.
   *
   * @throws IllegalArgumentException where there is no such pool
   */
  public BalancingService pool(String name) {
    return assembly().pool(name);
  }

  /**
   * Replaces the members of a pool, on any thread; endpoints whose id stays keep their state. A
   * backend that left is closed once nothing runs on it. Where a new one cannot be made, or two
   * have one id, the members stay as they are, and it counts as an error of a plugin.
   *
   * @throws IllegalStateException if {@link #close} was called
   */
  public void members(String pool, List<Pool.Member> list) {
    assemblies.requireOpen();
    BalancingService balancing = pool(pool);
    List<Pool.Member> copy = List.copyOf(list);
    timeline.execute(
        () -> {
          if (!assemblies.closed()) {
            assembly().replace(pool, balancing, copy);
          }
        });
  }

  /**
   * Takes an endpoint of a pool out of the choice: no new work, and what it has is finished. From
   * any thread.
   *
   * @return whether it is a member
   * @throws IllegalArgumentException where there is no such pool
   */
  public Future<Boolean> drain(String pool, String endpoint) {
    return pool(pool).drain(endpoint, true);
  }

  /** Takes an endpoint back into the choice, with a slow start; as {@link #drain}. */
  public Future<Boolean> undrain(String pool, String endpoint) {
    return pool(pool).drain(endpoint, false);
  }

  /**
   * What is known of the source of a pool's members; empty where there is none. On the timeline.
   */
  public Optional<DiscoveryState> discovery(String pool) {
    return assembly().discovery(pool).map(Membership::state);
  }

  /** All backends that were made, in order. */
  public List<Backend> backends() {
    return List.copyOf(assembly().backends());
  }

  /**
   * Whether some pool, and all sections, can take requests. A pool that the autoscaler has emptied
   * can, if requests wait for the member that they start. On the gateway's timeline.
   */
  public boolean ready() {
    return assembly().ready();
  }

  /**
   * The requests that are asked most, the hottest first: of the first cache that remembers any.
   * They hold prompts. On the gateway's timeline.
   *
   * @param limit how many at most, at least 0
   */
  public List<HotRequest> hottest(int limit) {
    return assembly().cacheFilters().stream()
        .map(filter -> filter.hottest(limit))
        .filter(found -> !found.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  /** Forgets the answer to a request in every cache. On the gateway's timeline. */
  public Future<Void> invalidate(PromptKey key) {
    List<Future<Void>> all =
        assembly().cacheFilters().stream().map(filter -> filter.invalidate(key)).toList();
    return Future.join(all).mapEmpty();
  }

  /**
   * Sets a limit of callers: it holds from now on. From any thread.
   *
   * @param limit its name
   * @param key whose limit, as the limit counts; empty for all that have none of their own
   * @param quota in requests, tokens or US dollars, for the time of the limit; above 0
   * @return whether there is such a limit; fails with {@link IllegalArgumentException} if the quota
   *     is out of bounds
   */
  public Future<Boolean> limit(String limit, String key, double quota) {
    return timeline.ask(
        () -> {
          boolean found = false;
          for (RateLimitFilter filter : assembly().limits()) {
            found |= filter.change(limit, key, quota);
          }
          return found;
        });
  }

  /** The state of all parts; completes on the gateway's timeline. */
  public Future<GatewayState> state() {
    return timeline.ask(this::stateNow);
  }

  /** The state of all parts. On the gateway's timeline. */
  public GatewayState stateNow() {
    Map<String, PoolState> pools = new LinkedHashMap<>();
    Map<String, PartState> parts = new LinkedHashMap<>();
    for (String name : assembly().names()) {
      BalancingService pool = assembly().pool(name);
      PoolState state = pool.state();
      pools.put(name, state);
      parts.put(pool.name(), state);
    }
    assembly().states().forEach((name, part) -> parts.put(name, part.get()));
    return new GatewayState(open(), ready(), outcomes(), pools, parts, metrics().snapshot());
  }

  /**
   * Becomes what another blueprint describes, while it serves: requests under way end as they
   * began, later ones pass what is new. Stages and pools with the same name and the same options go
   * on with all that they know; of others, limiters and caches do, if they are the same. What was
   * replaced is closed once no request is in it. From any thread.
   *
   * @return fails with {@link IllegalArgumentException} if it cannot: then nothing has changed. Its
   *     message names what is wrong, or cannot change while the gateway runs; fails with {@link
   *     IllegalStateException} if {@link #close} was called
   */
  public Future<Void> reload(Blueprint next) {
    Objects.requireNonNull(next, "reload: null (expected: a blueprint)");
    return timeline.ask(
        () -> {
          assemblies.replace(next);
          requests.metrics().expectModels(assembly().models());
          return null;
        });
  }

  /** Tells the backends that {@link #close} will come once requests under way have ended. */
  public void draining() {
    timeline.execute(() -> assembly().draining());
  }

  /**
   * Closes the sections, stops discovery and probes, and closes all parts, the last that was made
   * first. A part that does not close within 30 s is given up. From now on {@link #serve} fails as
   * that of a server that drains does (503, {@code shutting_down}), and neither {@link #members}
   * nor {@link #reload} makes anything new. Calls under way are not waited for: {@code
   * GatewayServer} does that.
   */
  public Future<Void> close() {
    return assemblies.close();
  }

  private Assembly assembly() {
    return assemblies.current();
  }

  /** Puts one gateway together in code: a further one needs a builder, and a host, of its own. */
  public static final class Builder {

    private final Host host;
    private final Pipeline pipeline = new Pipeline();
    private final Map<String, Pool> pools = new LinkedHashMap<>();
    private final List<Plugin<Section>> sections = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    private Prices prices = Prices.NONE;
    private RetryBudget.Options extraWork = Options.defaults(RetryBudget.Options.class);
    private MemoryOptions memory = MemoryOptions.DEFAULTS;

    Builder(Host host) {
      this.host = host;
    }

    /** Describes what every request passes and, where there are no pools, the backends. */
    public Builder pipeline(Consumer<Pipeline> description) {
      Objects.requireNonNull(description, "pipeline: null (expected: a description)")
          .accept(pipeline);
      return this;
    }

    /**
     * Adds a pool of backends, with stages of its own.
     *
     * @throws IllegalArgumentException if there is a pool with this name already
     */
    public Builder pool(String name, Consumer<Pipeline> description) {
      Objects.requireNonNull(name, "pool: null (expected: a name)");
      Pipeline pool = new Pipeline();
      Objects.requireNonNull(description, () -> "pool " + name + ": null (expected: a description)")
          .accept(pool);
      if (pools.putIfAbsent(name, pool.pool()) != null) {
        throw new IllegalArgumentException("pools: " + name + " twice (expected: unique names)");
      }
      return this;
    }

    /** Adds a rule of routing, after those that are there. */
    public Builder route(Route rule) {
      routes.add(Objects.requireNonNull(rule, "route: null (expected: a rule)"));
      return this;
    }

    /** Sets what tokens cost. */
    public Builder prices(Prices list) {
      prices = Objects.requireNonNull(list, "prices: null (expected: a list)");
      return this;
    }

    /** Sets the budget of retries, fallbacks, hedges and continued answers. */
    public Builder extraWork(double ratio, double floorPerSecond) {
      extraWork = new RetryBudget.Options(ratio, floorPerSecond);
      return this;
    }

    /** Sets how much of the heap unfinished bodies, answers and recordings may hold together. */
    public Builder memory(double share) {
      memory = new MemoryOptions(share);
      return this;
    }

    /** Adds what the gateway has beside its pipeline. */
    public Builder section(Plugin<Section> section) {
      sections.add(Objects.requireNonNull(section, "section: null (expected: a plugin)"));
      return this;
    }

    /** The description so far. */
    public Blueprint blueprint() {
      return new Blueprint(pipeline.pool(), pools, routes, prices, extraWork, memory, sections);
    }

    /**
     * Makes the gateway, and starts it; once.
     *
     * @throws IllegalArgumentException if options contradict each other, if the host has a gateway
     *     already, or if no backends are named: for a pool that gets them while it runs, name an
     *     empty list
     */
    public Gateway build() {
      return Gateway.of(blueprint(), host).start();
    }
  }
}
