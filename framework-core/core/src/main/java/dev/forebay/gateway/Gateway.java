package dev.forebay.gateway;

import dev.forebay.core.BalancingService;
import dev.forebay.core.Endings;
import dev.forebay.core.ExtraWork;
import dev.forebay.core.Membership;
import dev.forebay.core.MemoryOptions;
import dev.forebay.core.Prices;
import dev.forebay.core.RateLimitFilter;
import dev.forebay.core.VertxTimeline;
import dev.forebay.core.caching.HotRequest;
import dev.forebay.spi.Backend;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.MemoryBudget;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.options.Options;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
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
  private final Assembly assembly;
  private final OfferedModels offered;
  private final AtomicInteger open = new AtomicInteger();
  private final Map<Status, LongAdder> byStatus = new EnumMap<>(Status.class);

  private Gateway(Blueprint blueprint, Host host) {
    this.host = host;
    this.timeline = host.timeline();
    this.memory = host.memory(blueprint.memory());
    this.assembly = new Assembly(blueprint, host);
    this.offered = new OfferedModels(this::models, assembly.open(), timeline);
    for (Status status : Status.values()) {
      byStatus.put(status, new LongAdder());
    }
  }

  /**
   * Makes a gateway from its blueprint. It asks nobody by itself yet: see {@link #start}.
   *
   * @throws IllegalArgumentException where options contradict each other
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
    timeline.execute(assembly::start);
    return this;
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    open.incrementAndGet();
    assembly.extraWork().deposit();
    long started = request.call().home().nanos();
    Future<InferenceResponse> served;
    try {
      served = assembly.service().serve(request);
    } catch (Exception | LinkageError e) {
      served = Future.failedFuture(assembly.errors().failure("pipeline", e));
    }
    return Endings.guardAndTrack(request.call(), started, served, this::over);
  }

  private void over(Outcome outcome) {
    open.decrementAndGet();
    adder(outcome.status()).increment();
  }

  private LongAdder adder(Status status) {
    return Objects.requireNonNull(byStatus.get(status));
  }

  /** Requests under way. From any thread. */
  public int open() {
    return open.get();
  }

  /** Requests that are over, by how they ended. From any thread. */
  public Map<Status, Long> outcomes() {
    Map<Status, Long> counts = new LinkedHashMap<>();
    for (Status status : Status.values()) {
      counts.put(status, adder(status).sum());
    }
    return counts;
  }

  /** Counters of all stages and plugins, by full name. From any thread. */
  public SortedMap<String, Long> counters() {
    SortedMap<String, Long> counts = host.counters().counts();
    counts.put("extra-work.taken", assembly.extraWork().taken());
    counts.put("extra-work.denied", assembly.extraWork().denied());
    counts.put("plugin.errors", assembly.errors().count());
    return counts;
  }

  /**
   * The first thing that went wrong in a plugin, in one line: its name, its context, what it threw
   * and where; null if nothing did.
   */
  public @Nullable String pluginError() {
    return assembly.errors().first();
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
    return host.counters().gauges();
  }

  /** Models that the pools name, in order. */
  public List<String> models() {
    List<String> models = new ArrayList<>(assembly.models());
    for (Backend backend : assembly.backends()) {
      for (String model : backend.models()) {
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
    return List.copyOf(assembly.pools().keySet());
  }

  /**
   * The balancing of a pool: its members can be replaced, its figures read.
   *
   * @throws IllegalArgumentException where there is no such pool
   */
  public BalancingService pool(String name) {
    BalancingService pool = assembly.pools().get(name);
    if (pool == null) {
      throw new IllegalArgumentException(
          "pool: " + name + " (expected: one of " + assembly.pools().keySet() + ")");
    }
    return pool;
  }

  /**
   * Replaces the members of a pool, on any thread; endpoints whose id stays keep their state. A
   * backend that left is closed once nothing runs on it. Where a new one cannot be made, or two
   * have one id, the members stay as they are, and it counts as an error of a plugin.
   */
  public void members(String pool, List<Pool.Member> list) {
    BalancingService balancing = pool(pool);
    List<Pool.Member> copy = List.copyOf(list);
    timeline.execute(() -> assembly.replace(pool, balancing, copy));
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
  public Optional<Map<String, Object>> discovery(String pool) {
    return assembly.discovery(pool).map(Membership::state);
  }

  /** All backends that were made, in order. */
  public List<Backend> backends() {
    return List.copyOf(assembly.backends());
  }

  /** Whether some backend can take requests. On the gateway's timeline. */
  public boolean ready() {
    return assembly.pools().values().stream().anyMatch(BalancingService::ready);
  }

  /**
   * The requests that are asked most, the hottest first: of the first cache that remembers any.
   * They hold prompts. On the gateway's timeline.
   *
   * @param limit how many at most, at least 0
   */
  public List<HotRequest> hottest(int limit) {
    return assembly.cacheFilters().stream()
        .map(filter -> filter.hottest(limit))
        .filter(found -> !found.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  /** Forgets the answer to a request in every cache. On the gateway's timeline. */
  public Future<Void> invalidate(PromptKey key) {
    List<Future<Void>> all =
        assembly.cacheFilters().stream().map(filter -> filter.invalidate(key)).toList();
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
    Promise<Boolean> done = Promise.promise();
    timeline.execute(
        () -> {
          try {
            boolean found = false;
            for (RateLimitFilter filter : assembly.limits()) {
              found |= filter.change(limit, key, quota);
            }
            done.complete(found);
          } catch (Exception | LinkageError e) {
            done.fail(e);
          }
        });
    return done.future();
  }

  /** The state of all parts, for people and dashboards; completes on the gateway's timeline. */
  public Future<Map<String, Object>> state() {
    Promise<Map<String, Object>> promise = Promise.promise();
    timeline.execute(() -> promise.complete(stateNow()));
    return promise.future();
  }

  /** The state of all parts. On the gateway's timeline. */
  public Map<String, Object> stateNow() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("open", open());
    state.put("ready", ready());
    Map<String, Object> endings = new LinkedHashMap<>();
    outcomes()
        .forEach((status, count) -> endings.put(status.name().toLowerCase(Locale.ROOT), count));
    state.put("outcomes", endings);
    Map<String, Object> stages = new LinkedHashMap<>();
    assembly.states().forEach((name, part) -> stages.put(name, part.get()));
    state.put("stages", stages);
    state.put("counters", new LinkedHashMap<String, Object>(counters()));
    state.put("gauges", new LinkedHashMap<String, Object>(gauges()));
    return state;
  }

  /** Tells the backends that {@link #close} will come once requests under way have ended. */
  public void draining() {
    timeline.execute(assembly::draining);
  }

  /** Stops discovery and probes, and closes all parts, the last that was made first. */
  public Future<Void> close() {
    Promise<Void> stopped = Promise.promise();
    timeline.execute(() -> assembly.stop().onComplete(stopped));
    return stopped.future().eventually(assembly::close).mapEmpty();
  }

  /** Puts a gateway together in code. */
  public static final class Builder {

    private final Host host;
    private final Pipeline pipeline = new Pipeline();
    private final List<Pool> pools = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    private Prices prices = Prices.NONE;
    private ExtraWork.Options extraWork = Options.defaults(ExtraWork.Options.class);
    private MemoryOptions memory = MemoryOptions.DEFAULTS;

    Builder(Host host) {
      this.host = host;
    }

    /** Describes what every request passes and, where there are no pools, the backends. */
    public Builder pipeline(Consumer<Pipeline> description) {
      description.accept(pipeline);
      return this;
    }

    /** Adds a pool of backends, with stages of its own. */
    public Builder pool(String name, Consumer<Pipeline> description) {
      Pipeline pool = new Pipeline();
      description.accept(pool);
      pools.add(pool.pool(name));
      return this;
    }

    /** Adds a rule of routing, after those that are there. */
    public Builder route(Route rule) {
      routes.add(rule);
      return this;
    }

    /** Sets what tokens cost. */
    public Builder prices(Prices list) {
      prices = list;
      return this;
    }

    /** Sets the budget of retries, fallbacks and hedges. */
    public Builder extraWork(double ratio, double floorPerSecond) {
      extraWork = new ExtraWork.Options(ratio, floorPerSecond);
      return this;
    }

    /** Sets how much of the heap unfinished bodies, answers and recordings may hold together. */
    public Builder memory(double share) {
      memory = new MemoryOptions(share);
      return this;
    }

    /** The description so far. */
    public Blueprint blueprint() {
      Pool single = pipeline.pool(Pool.DEFAULT);
      List<Pool> all = new ArrayList<>(pools);
      if (!single.members().isEmpty() || single.discover() != null || pools.isEmpty()) {
        all.add(
            0,
            new Pool(
                Pool.DEFAULT,
                single.models(),
                List.of(),
                single.balance(),
                single.members(),
                single.discover()));
      }
      return new Blueprint(single.stages(), all, extraWork, routes, prices, memory);
    }

    /** Makes the gateway, and starts it. */
    public Gateway build() {
      return Gateway.of(blueprint(), host).start();
    }
  }
}
