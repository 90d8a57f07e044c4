package dev.forebay.gateway;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.limiting.MemoryOptions;
import dev.forebay.core.metrics.MetricsRegistry;
import dev.forebay.core.routes.RouteTable;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.MemoryBudget;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Gauge;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import dev.forebay.spi.metrics.MetricsReader;
import dev.forebay.spi.options.Plugins;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway runs on: time, chance, and what the host lends to plugins. A process has a Vert.x
 * instance to lend; a replay has none, but virtual time. A host is of one gateway: its metrics, its
 * parts and its routes are those of the gateway.
 */
public final class Host {

  private final Timeline timeline;
  private final long seed;
  private final Map<Class<?>, Function<String, ?>> resources = new LinkedHashMap<>();
  private final Set<String> children = new HashSet<>();
  private final MetricsRegistry metrics = new MetricsRegistry();
  private final PluginErrors errors;
  private final Parts parts;
  private final RouteTable routes;
  private @Nullable List<Chance> chances;
  private volatile @Nullable List<Runnable> pending;
  private final AtomicInteger generation = new AtomicInteger();
  private final AtomicBoolean taken = new AtomicBoolean();

  /** The chance that a plugin was given. */
  private record Chance(long seed, RandomGenerator random) {}

  /** A host of a timeline and a seed of all chance. */
  public Host(Timeline timeline, long seed) {
    this.timeline = timeline;
    this.seed = seed;
    this.errors = new PluginErrors(timeline);
    this.parts = new Parts(errors, metrics);
    this.routes = new RouteTable(timeline, errors);
    lend(MetricsReader.class, metrics);
    lendEach(HttpRoutes.class, this::routes);
  }

  /** Lends something to plugins, by its type. */
  public <T> Host lend(Class<T> type, T resource) {
    resources.put(type, plugin -> resource);
    return this;
  }

  /** Lends something that each plugin has its own of, made from the plugin's name. */
  <T> void lendEach(Class<T> type, Function<String, T> maker) {
    resources.put(type, maker);
  }

  /**
   * Notes the chance that plugins are given, for {@link #chanceDrawn}. Before a gateway is made.
   */
  public Host watchingChance() {
    chances = new ArrayList<>();
    return this;
  }

  /**
   * Whether a plugin drew chance so far: if none did, any other seed gives the same. It uses up the
   * chance, so it is for the end of a run.
   *
   * @throws IllegalStateException if chance was not watched
   */
  public boolean chanceDrawn() {
    if (chances == null) {
      throw new IllegalStateException("chance: not watched (expected: watchingChance first)");
    }
    for (Chance chance : chances) {
      if (chance.random.nextLong() != new SplittableRandom(chance.seed).nextLong()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Where a thread is in the code of a plugin, also while a gateway is being made. From any thread.
   *
   * @return the plugin, the call and the line, in words; null if it is in no plugin
   */
  public @Nullable String pluginCall(StackTraceElement[] stack) {
    return errors.calling(stack);
  }

  /**
   * It is the host of a gateway that is being made, and of no other.
   *
   * @throws IllegalArgumentException if a gateway was made on it before, or began to be
   */
  void take() {
    if (!taken.compareAndSet(false, true)) {
      throw new IllegalArgumentException(
          "host: it has a gateway already (expected: a host of its own for each)");
    }
  }

  PluginErrors errors() {
    return errors;
  }

  Parts parts() {
    return parts;
  }

  Timeline timeline() {
    return timeline;
  }

  /** The budget that was lent to plugins; else one by these options, which is lent from now on. */
  MemoryBudget memory(MemoryOptions options) {
    Function<String, ?> lent = resources.get(MemoryBudget.class);
    MemoryBudget budget = lent == null ? options.budget() : (MemoryBudget) lent.apply("memory");
    lend(MemoryBudget.class, budget);
    metrics.gauges("memory", "held_bytes").of().set(budget::taken);
    metrics.gauges("memory", "bound_bytes").of().set(budget::bytes);
    return budget;
  }

  /**
   * Makes what is to take the place of something that runs: names of parts begin again, gauges are
   * set once it has taken that place, and routes cannot be added.
   *
   * @return sets the gauges
   */
  Runnable replacing(Runnable maker) {
    List<Runnable> gauges = new ArrayList<>();
    children.clear();
    generation.incrementAndGet();
    pending = gauges;
    try {
      maker.run();
    } finally {
      pending = null;
    }
    return () -> gauges.forEach(Runnable::run);
  }

  /** Sets a gauge of the gateway itself. */
  void gauge(String part, String name, DoubleSupplier value) {
    set(metrics.gauges(part, name).of(), generation.get(), value);
  }

  private void set(Gauge gauge, int of, DoubleSupplier value) {
    List<Runnable> later = pending;
    if (later == null || of < generation.get()) {
      MetricsRegistry.set(gauge, of, value);
    } else {
      later.add(() -> MetricsRegistry.set(gauge, of, value));
    }
  }

  /** The routes of a plugin; those of a gateway that runs are fixed. */
  private HttpRoutes routes(String plugin) {
    HttpRoutes own = routes.of(plugin);
    return (listener, route) -> {
      if (pending != null) {
        throw new IllegalArgumentException(
            "its routes cannot change while the gateway runs (expected: a restart)");
      }
      own.add(listener, route);
    };
  }

  RouteTable routes() {
    return routes;
  }

  MetricsRegistry metrics() {
    return metrics;
  }

  /** The context of a plugin, by its unique name. */
  PluginContext context(String name) {
    long own = mix(seed, name);
    RandomGenerator random = new SplittableRandom(own);
    if (chances != null) {
      chances.add(new Chance(own, random));
    }
    return new Context(name, random);
  }

  /** A seed of its own for every name: FNV-1a, so that it is the same in every JVM. */
  private static long mix(long seed, String name) {
    long hash = 0xcbf29ce484222325L ^ seed;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
    }
    return hash * 0x9e3779b97f4a7c15L;
  }

  private final class Context implements PluginContext {
    private final String name;
    private final RandomGenerator random;
    private final int own = generation.get();

    Context(String name, RandomGenerator random) {
      this.name = name;
      this.random = random;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Timeline timeline() {
      return timeline;
    }

    @Override
    public RandomGenerator random() {
      return random;
    }

    @Override
    public Labelled<Counter> counters(String metric, Label... labels) {
      return metrics.counters(name, metric, labels);
    }

    @Override
    public Labelled<Gauge> gauges(String metric, Label... labels) {
      Labelled<Gauge> gauges = metrics.gauges(name, metric, labels);
      return values -> {
        Gauge gauge = gauges.of(values);
        return value -> set(gauge, own, value);
      };
    }

    @Override
    public Labelled<Histogram> histograms(String metric, Buckets buckets, Label... labels) {
      return metrics.histograms(name, metric, buckets, labels);
    }

    @Override
    public PluginContext child(String part) {
      String wanted = name + "/" + part;
      String own = wanted;
      for (int i = 2; !children.add(own); i++) {
        own = wanted + "-" + i;
      }
      return context(own);
    }

    @Override
    public <T> T create(Plugin<T> plugin) {
      return parts.create(plugin, child(Plugins.name(plugin)));
    }

    @Override
    public <T> Optional<T> resource(Class<T> type) {
      parts.asked(type);
      Function<String, ?> lent = resources.get(type);
      return lent == null ? Optional.empty() : Optional.of(type.cast(lent.apply(name)));
    }
  }
}
