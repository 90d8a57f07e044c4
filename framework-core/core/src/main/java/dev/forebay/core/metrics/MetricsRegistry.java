package dev.forebay.core.metrics;

import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Distribution;
import dev.forebay.spi.metrics.Gauge;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import dev.forebay.spi.metrics.MetricsReader;
import dev.forebay.spi.metrics.Series;
import dev.forebay.spi.metrics.Snapshot;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** All metrics of a gateway, by the part that tells them. Safe from any thread. */
public final class MetricsRegistry implements MetricsReader {

  private static final long MOST_SERIES = 100_000;

  /** How often a label's value was beyond its bound, by metric. */
  private static final Series OTHERS = new Series("metrics", "other_values");

  private final Map<String, Metric> metrics = new ConcurrentSkipListMap<>();

  /** A metric, and what it must be if it is asked for again. */
  private record Metric(Class<?> kind, @Nullable Buckets buckets, Family<?> family) {

    boolean like(Metric other) {
      return kind == other.kind
          && (buckets == null || buckets.equals(other.buckets))
          && family.labels().equals(other.family.labels());
    }
  }

  /** The counters of a part under a name. */
  public Labelled<Counter> counters(String part, String name, Label... labels) {
    return family(part, name, null, Count.class, Count::new, labels)::of;
  }

  /** A counter of a part that is kept elsewhere. */
  public void counter(String part, String name, LongSupplier value) {
    family(part, name, null, Count.class, Count::new).of().elsewhere = value;
  }

  /** The gauges of a part under a name. */
  public Labelled<Gauge> gauges(String part, String name, Label... labels) {
    Series named = new Series(part, name);
    return family(part, name, null, Reading.class, () -> new Reading(named), labels)::of;
  }

  /** The histograms of a part under a name. */
  public Labelled<Histogram> histograms(
      String part, String name, Buckets buckets, Label... labels) {
    return family(part, name, buckets, BucketCounts.class, () -> new BucketCounts(buckets), labels)
        ::of;
  }

  private <T> Family<T> family(
      String part,
      String name,
      @Nullable Buckets buckets,
      Class<T> kind,
      Supplier<T> maker,
      Label... labels) {
    MetricNames.require(part, name, buckets);
    List<Label> copy = List.of(labels);
    requireFew(part, name, copy);
    Metric wanted = new Metric(kind, buckets, new Family<>(part, name, copy, maker));
    Metric known = metrics.putIfAbsent(part + "." + name, wanted);
    if (known != null && !known.like(wanted)) {
      throw new IllegalArgumentException(
          "metric of " + part + ": " + name + " twice (expected: the same kind, buckets, labels)");
    }
    @SuppressWarnings("unchecked") // of this kind
    Family<T> family = (Family<T>) (known == null ? wanted : known).family();
    if (copy.isEmpty()) {
      family.of();
    }
    return family;
  }

  private static void requireFew(String part, String name, List<Label> labels) {
    long series = 1;
    for (Label label : labels) {
      series *= label.most();
      if (series > MOST_SERIES) {
        throw new IllegalArgumentException(
            "metric of %s: %s: its labels allow more than %d series (expected: fewer)"
                .formatted(part, name, MOST_SERIES));
      }
    }
  }

  /**
   * Sets a gauge in the place of one that an earlier part of the same name has set.
   *
   * @param generation counts the parts that follow each other; of an earlier one nothing is taken
   * @throws IllegalArgumentException if a part of the same generation has set it
   */
  public static void set(Gauge gauge, int generation, DoubleSupplier value) {
    ((Reading) gauge).set(generation, value);
  }

  /** Forgets all metrics of a part that is no more, and of its parts. */
  public void forget(String part) {
    metrics.keySet().removeIf(key -> key.startsWith(part + ".") || key.startsWith(part + "/"));
  }

  /** All counters now. From any thread. */
  public SortedMap<Series, Long> counters() {
    SortedMap<Series, Long> counts = new TreeMap<>();
    read(Count.class, (series, count) -> counts.put(series, count.now()));
    for (Metric metric : metrics.values()) {
      long others = metric.family().others();
      if (others > 0) {
        String beyond = metric.family().series().toString();
        counts.put(
            new Series(OTHERS.part(), OTHERS.name(), Collections.singletonMap("metric", beyond)),
            others);
      }
    }
    return counts;
  }

  /** All gauges now; NaN if one throws. On the timeline of what is read. */
  public SortedMap<Series, Double> gauges() {
    SortedMap<Series, Double> values = new TreeMap<>();
    read(Reading.class, (series, reading) -> values.put(series, reading.now()));
    return values;
  }

  /** All histograms now. From any thread. */
  public SortedMap<Series, Distribution> histograms() {
    SortedMap<Series, Distribution> distributions = new TreeMap<>();
    read(BucketCounts.class, (series, counts) -> distributions.put(series, counts.now()));
    return distributions;
  }

  @Override
  public Snapshot snapshot() {
    return new Snapshot(counters(), gauges(), histograms());
  }

  private <T> void read(Class<T> kind, BiConsumer<Series, T> action) {
    for (Metric metric : metrics.values()) {
      if (metric.kind() == kind) {
        metric.family().forEach((series, figure) -> action.accept(series, kind.cast(figure)));
      }
    }
  }

  private static final class Count implements Counter {
    private final LongAdder adder = new LongAdder();
    private volatile LongSupplier elsewhere = () -> 0;

    @Override
    public void add(long amount) {
      adder.add(amount);
    }

    long now() {
      return adder.sum() + elsewhere.getAsLong();
    }
  }

  private static final class Reading implements Gauge {
    private final Series named;
    private volatile @Nullable DoubleSupplier value;
    private int generation = -1;

    Reading(Series named) {
      this.named = named;
    }

    @Override
    public void set(DoubleSupplier supplier) {
      set(0, supplier);
    }

    synchronized void set(int of, DoubleSupplier supplier) {
      if (of == generation) {
        throw new IllegalArgumentException("gauge " + named + ": twice (expected: once)");
      }
      if (of > generation) {
        generation = of;
        value = supplier;
      }
    }

    double now() {
      DoubleSupplier supplier = value;
      try {
        return supplier == null ? Double.NaN : supplier.getAsDouble();
      } catch (Exception | Error e) {
        return Double.NaN;
      }
    }
  }
}
