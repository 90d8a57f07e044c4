package dev.forebay.conformance;

import dev.forebay.core.metrics.MetricsRegistry;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Distribution;
import dev.forebay.spi.metrics.Gauge;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import dev.forebay.spi.metrics.Series;
import dev.forebay.spi.options.Plugins;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

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
  private final long seed;
  private final MetricsRegistry metrics;
  private final Map<Class<?>, Object> resources;

  private TestContext(
      String name,
      long seed,
      VirtualTimeline timeline,
      MetricsRegistry metrics,
      Map<Class<?>, Object> resources) {
    this.name = name;
    this.seed = seed;
    this.timeline = timeline;
    this.metrics = metrics;
    this.resources = resources;
    this.random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + name.hashCode());
  }

  /** A context named {@code test}, of seed 1, at the beginning of time. */
  public static TestContext create() {
    return of("test", 1);
  }

  /** A context on a timeline of its own; chance comes from the seed and the name. */
  public static TestContext of(String name, long seed) {
    return of(name, seed, new VirtualTimeline());
  }

  /** A context that shares a timeline with others. */
  public static TestContext of(String name, long seed, VirtualTimeline timeline) {
    return new TestContext(name, seed, timeline, new MetricsRegistry(), new LinkedHashMap<>());
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
   * <p>These refuse to shrink: adding less than 0 throws.
   */
  @Override
  public Labelled<Counter> counters(String counter, Label... labels) {
    Labelled<Counter> all = metrics.counters(name, counter, labels);
    return values -> growing(counter, all.of(values));
  }

  private static Counter growing(String name, Counter counter) {
    return amount -> {
      if (amount < 0) {
        throw new IllegalArgumentException("counter " + name + ": " + amount + " (expected: >= 0)");
      }
      counter.add(amount);
    };
  }

  @Override
  public Labelled<Gauge> gauges(String gauge, Label... labels) {
    return metrics.gauges(name, gauge, labels);
  }

  @Override
  public Labelled<Histogram> histograms(String histogram, Buckets buckets, Label... labels) {
    return metrics.histograms(name, histogram, buckets, labels);
  }

  /** {@inheritDoc} Its figures are this context's, under its name. */
  @Override
  public TestContext child(String part) {
    return new TestContext(name + "/" + part, seed, timeline, metrics, resources);
  }

  @Override
  public <T> T create(Plugin<T> plugin) {
    return plugin.create(child(Plugins.name(plugin)));
  }

  @Override
  public <T> Optional<T> resource(Class<T> type) {
    return Optional.ofNullable(type.cast(resources.get(type)));
  }

  /**
   * What a counter has come to; 0 if the plugin has none of that name and labels.
   *
   * @param labels their values, in their order
   */
  public long count(String counter, String... labels) {
    List<String> values = List.of(labels);
    return metrics.counters().entrySet().stream()
        .filter(each -> each.getKey().part().equals(name))
        .filter(each -> each.getKey().name().equals(counter))
        .filter(each -> List.copyOf(each.getKey().labels().values()).equals(values))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** All counters, by name: {@code hits}, {@code failures{reason=timeout}}. */
  public Map<String, Long> counters() {
    return byName(metrics.counters());
  }

  /** Reads all gauges, by name. */
  public Map<String, Double> gauges() {
    return byName(metrics.gauges());
  }

  /** All histograms, by name. */
  public Map<String, Distribution> histograms() {
    return byName(metrics.histograms());
  }

  private <V> Map<String, V> byName(Map<Series, V> all) {
    Map<String, V> named = new TreeMap<>();
    all.forEach((series, value) -> named.put(shortened(series.toString()), value));
    return named;
  }

  private String shortened(String series) {
    return series.startsWith(name + ".") ? series.substring(name.length() + 1) : series;
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
   * @throws IllegalStateException if it is not complete after 10 minutes of virtual time
   */
  public <V> Future<V> await(Future<V> future) {
    return await("a call", future);
  }

  /**
   * Lets time pass until a future is complete, well or not.
   *
   * @param call that returned it, for the message
   * @return the future
   * @throws IllegalStateException if it is not complete after 10 minutes of virtual time
   */
  <V extends @Nullable Object> Future<V> await(String call, @Nullable Future<V> future) {
    if (future == null) {
      throw Rule.broken("%s returned null (expected: a future)", call);
    }
    for (int step = 0; step < STEPS && !future.isComplete(); step++) {
      pass(STEP_NANOS);
    }
    Rule.require(
        future.isComplete(),
        "the future of %s is not complete after 10 minutes of virtual time (expected: complete)",
        call);
    return future;
  }
}
