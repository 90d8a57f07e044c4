package dev.forebay.scaling;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Gauge;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import java.util.function.DoubleSupplier;

/** What autoscalers tell of themselves, by pool. */
final class ScalingMetrics {

  private final Labelled<Counter> decisions;
  private final Labelled<Counter> turns;
  private final Labelled<Counter> orders;
  private final Labelled<Counter> failures;
  private final Labelled<Gauge> wanted;
  private final Labelled<Gauge> ordered;
  private final Labelled<Gauge> ready;
  private final Labelled<Gauge> coming;

  ScalingMetrics(PluginContext context, int pools) {
    Label pool = new Label("pool", pools);
    this.decisions = context.counters("decisions", pool, new Label("change", 3));
    this.turns = context.counters("turns", pool);
    this.orders = context.counters("orders", pool);
    this.failures = context.counters("failures", pool);
    this.wanted = context.gauges("wanted_replicas", pool);
    this.ordered = context.gauges("ordered_replicas", pool);
    this.ready = context.gauges("ready_replicas", pool);
    this.coming = context.gauges("coming_replicas", pool);
  }

  OfPool of(String pool) {
    return new OfPool(pool);
  }

  /** Those of one pool. */
  final class OfPool {
    private final String pool;

    OfPool(String pool) {
      this.pool = pool;
    }

    /** A decision that changes the replicas by so many. */
    void decided(int by) {
      decisions.of(pool, by > 0 ? "up" : by < 0 ? "down" : "none").increment();
    }

    /** A change of the direction soon after the last one: flapping. */
    void turned() {
      turns.of(pool).increment();
    }

    /** The target took an order. */
    void ordered() {
      orders.of(pool).increment();
    }

    /** The target could not be asked, or refused an order. */
    void failed() {
      failures.of(pool).increment();
    }

    /** How the gauges are read. */
    void gauges(
        DoubleSupplier wantedReplicas,
        DoubleSupplier orderedReplicas,
        DoubleSupplier readyReplicas,
        DoubleSupplier comingReplicas) {
      wanted.of(pool).set(wantedReplicas);
      ordered.of(pool).set(orderedReplicas);
      ready.of(pool).set(readyReplicas);
      coming.of(pool).set(comingReplicas);
    }
  }
}
