package dev.forebay.conformance;

import dev.forebay.simulation.VirtualTimeline;
import dev.forebay.spi.Counter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Plugins;
import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;

/**
 * What a plugin under test is given: virtual time that passes when the test says so, chance from a
 * seed, and counters and gauges that the test can read.
 */
public final class TestContext implements PluginContext {

  private static final long STEP_NANOS = 1_000_000;
  private static final int STEPS = 600_000;

  private final String name;
  private final VirtualTimeline timeline;
  private final RandomGenerator random;
  private final Map<String, Long> counters = new LinkedHashMap<>();
  private final Map<String, DoubleSupplier> gauges = new LinkedHashMap<>();
  private final Map<Class<?>, Object> resources = new LinkedHashMap<>();

  private TestContext(String name, long seed, VirtualTimeline timeline) {
    this.name = name;
    this.timeline = timeline;
    this.random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + name.hashCode());
  }

  /** A context named {@code test}, of seed 1, at the beginning of time. */
  public static TestContext create() {
    return of("test", 1);
  }

  /** A context on a timeline of its own; chance comes from the seed and the name. */
  public static TestContext of(String name, long seed) {
    return new TestContext(name, seed, new VirtualTimeline());
  }

  /** A context that shares a timeline with others. */
  public static TestContext of(String name, long seed, VirtualTimeline timeline) {
    return new TestContext(name, seed, timeline);
  }

  /** Lends the plugin something: see {@link #resource}. */
  public <T> TestContext lend(Class<T> type, T resource) {
    resources.put(type, resource);
    return this;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public VirtualTimeline timeline() {
    return timeline;
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  /**
   * {@inheritDoc}
   *
   * <p>This one refuses to shrink: adding less than 0 throws.
   */
  @Override
  public Counter counter(String counter) {
    counters.putIfAbsent(counter, 0L);
    return amount -> {
      if (amount < 0) {
        throw new IllegalArgumentException(
            "counter " + counter + ": " + amount + " (expected: >= 0)");
      }
      counters.merge(counter, amount, Long::sum);
    };
  }

  /**
   * {@inheritDoc}
   *
   * <p>This one refuses a second gauge of the same name.
   */
  @Override
  public void gauge(String gauge, DoubleSupplier value) {
    if (gauges.putIfAbsent(gauge, value) != null) {
      throw new IllegalArgumentException("gauge " + gauge + ": twice (expected: once)");
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Counters of the same name are added up here; a gauge whose name is taken has that of the
   * plugin before it.
   */
  @Override
  public <T> T create(Plugin<T> plugin) {
    return plugin.create(new Part(name + "/" + Plugins.name(plugin)));
  }

  @Override
  public <T> Optional<T> resource(Class<T> type) {
    return Optional.ofNullable(type.cast(resources.get(type)));
  }

  /** What a counter has come to; 0 where the plugin has none of that name. */
  public long count(String counter) {
    return counters.getOrDefault(counter, 0L);
  }

  /** All counters, in the order of their first use. */
  public Map<String, Long> counters() {
    return new LinkedHashMap<>(counters);
  }

  /** Reads all gauges, in the order of their registration. */
  public Map<String, Double> gauges() {
    Map<String, Double> values = new LinkedHashMap<>();
    gauges.forEach((gauge, value) -> values.put(gauge, value.getAsDouble()));
    return values;
  }

  /** Lets time pass, in nanoseconds, and runs what falls due. */
  public void pass(long nanos) {
    timeline.runUntil(timeline.nanos() + nanos);
  }

  /** Lets time pass, in seconds, and runs what falls due. */
  public void passSeconds(long seconds) {
    pass(seconds * 1_000_000_000L);
  }

  /**
   * Lets time pass until a future is complete, well or not.
   *
   * @return the future
   * @throws IllegalStateException where it is not complete after 10 minutes of virtual time
   */
  public <V> Future<V> await(Future<V> future) {
    for (int step = 0; step < STEPS && !future.isComplete(); step++) {
      pass(STEP_NANOS);
    }
    if (!future.isComplete()) {
      throw new IllegalStateException("a future is not complete after 10 minutes of virtual time");
    }
    return future;
  }

  /** What a plugin is given that another one makes. */
  private final class Part implements PluginContext {
    private final String part;

    Part(String part) {
      this.part = part;
    }

    @Override
    public String name() {
      return part;
    }

    @Override
    public VirtualTimeline timeline() {
      return timeline;
    }

    @Override
    public RandomGenerator random() {
      return random;
    }

    @Override
    public Counter counter(String counter) {
      return TestContext.this.counter(counter);
    }

    @Override
    public void gauge(String gauge, DoubleSupplier value) {
      boolean taken = gauges.containsKey(gauge);
      TestContext.this.gauge(taken ? part + "." + gauge : gauge, value);
    }

    @Override
    public <T> Optional<T> resource(Class<T> type) {
      return TestContext.this.resource(type);
    }

    @Override
    public <T> T create(Plugin<T> plugin) {
      return plugin.create(new Part(part + "/" + Plugins.name(plugin)));
    }
  }
}
