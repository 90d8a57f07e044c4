package dev.forebay.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.Metered;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.jmx.JmxReporter;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A registry of Dropwizard Metrics beside the gateway's own figures. It shows those: counters as
 * meters, so with their rates, and gauges. What an application registers there is exported:
 * counters, gauges, and the counts of meters. Timers and histograms of Dropwizard are samples,
 * which cannot be added over gateways, so they are not exported.
 *
 * <p>Each update is by one thread at a time.
 */
final class DropwizardView {

  /** Metrics of the application that are exported at most. */
  private static final int MOST_OTHERS = 1_000;

  private final MetricRegistry registry;
  private final Map<String, Seen> own = new ConcurrentHashMap<>();
  private final @Nullable JmxReporter jmx;

  /** A counter with its rates. */
  private static final class Seen {
    private final Meter meter = new Meter();
    private final AtomicReference<Double> value = new AtomicReference<>(0.0);

    void count(double now) {
      meter.mark(Math.max(0, Math.round(now) - meter.getCount()));
    }
  }

  DropwizardView(MetricRegistry registry, boolean jmx) {
    this.registry = registry;
    this.jmx = jmx ? JmxReporter.forRegistry(registry).inDomain("dev.forebay").build() : null;
    if (this.jmx != null) {
      this.jmx.start();
    }
  }

  /** Shows these figures; those that are no more go. Histograms are left out. */
  synchronized void update(Map<String, Family> families) {
    Set<String> gone = new HashSet<>(own.keySet());
    for (Family family : families.values()) {
      family
          .values()
          .forEach(
              (labels, value) -> {
                String name = family.name() + (labels.isEmpty() ? "" : new TreeMap<>(labels));
                gone.remove(name);
                show(name, family.type(), value);
              });
    }
    gone.forEach(this::remove);
  }

  private void show(String name, Family.Type type, double value) {
    Seen seen = own.get(name);
    if (seen == null) {
      seen = new Seen();
      own.put(name, seen);
      AtomicReference<Double> read = seen.value;
      Metric shown = type == Family.Type.COUNTER ? seen.meter : (Gauge<Double>) read::get;
      registry.remove(name);
      registry.register(name, shown);
    }
    if (type == Family.Type.COUNTER) {
      seen.count(value);
    } else {
      seen.value.set(value);
    }
  }

  private void remove(String name) {
    own.remove(name);
    registry.remove(name);
  }

  /** Adds what others have registered, under names that fit Prometheus. */
  void addOthers(Family.Builder to) {
    Map<String, Metric> others = new LinkedHashMap<>();
    SortedMap<String, Metric> all = new TreeMap<>(registry.getMetrics());
    for (Map.Entry<String, Metric> each : all.entrySet()) {
      if (!own.containsKey(each.getKey()) && others.size() < MOST_OTHERS) {
        others.put(each.getKey(), each.getValue());
      }
    }
    others.forEach((name, metric) -> addOther(to, name, metric));
  }

  private static void addOther(Family.Builder to, String name, Metric metric) {
    String exported =
        PrometheusNaming.normalizeMetricName(
            PrometheusNaming.prometheusName(name).replaceAll("[^a-zA-Z0-9_]", "_"));
    String help = "Of the application, as " + name.replaceAll("[\\r\\n]", " ") + ".";
    if (metric instanceof Counter counter) {
      to.gauge(exported, help, Map.of(), counter.getCount()); // it may fall
    } else if (metric instanceof Gauge<?> gauge) {
      to.gauge(exported, help, Map.of(), value(gauge));
    } else if (metric instanceof Metered metered && metric instanceof Meter) {
      to.counter(exported, help, Map.of(), metered.getCount());
    }
  }

  /** NaN if it is no number, or throws: the application's gauges are not to be trusted. */
  private static double value(Gauge<?> gauge) {
    try {
      return gauge.getValue() instanceof Number number ? number.doubleValue() : Double.NaN;
    } catch (Exception | LinkageError e) {
      return Double.NaN;
    }
  }

  /** Takes its own figures out of the registry. */
  synchronized void close() {
    if (jmx != null) {
      jmx.close();
    }
    Set.copyOf(own.keySet()).forEach(this::remove);
  }
}
