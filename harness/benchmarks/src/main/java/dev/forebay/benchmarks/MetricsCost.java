package dev.forebay.benchmarks;

import dev.forebay.core.metrics.MetricsRegistry;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to count and to record. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
public class MetricsCost {

  private static final int VALUES = 4096;

  private final MetricsRegistry registry = new MetricsRegistry();
  private final Counter counter = registry.counters("bench", "requests").of();
  private final Labelled<Counter> labelled =
      registry.counters("bench", "requests_by_model", Label.of("model"));
  private final Histogram histogram =
      registry.histograms("bench", "latency_seconds", Buckets.SECONDS).of();
  private final long[] nanos = new long[VALUES];
  private final String[] models = new String[50];

  /** Latencies around a second. */
  public MetricsCost() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < VALUES; i++) {
      nanos[i] = (long) Math.pow(10, random.nextDouble(7, 11));
    }
    for (int i = 0; i < models.length; i++) {
      models[i] = "model-" + i;
    }
  }

  /** Where a thread is among the values. */
  @State(Scope.Thread)
  public static class Turn {
    private int turn;

    int next() {
      turn++;
      return turn & Integer.MAX_VALUE;
    }
  }

  /** A counter. */
  @Benchmark
  public void count() {
    counter.increment();
  }

  /** A counter that is looked up by the value of its label. */
  @Benchmark
  public void countByLabel(Turn turn) {
    labelled.of(models[turn.next() % models.length]).increment();
  }

  /** A latency into a histogram. */
  @Benchmark
  public void record(Turn turn) {
    histogram.record(nanos[turn.next() % VALUES]);
  }

  /** The same by two threads at once. */
  @Benchmark
  @Threads(2)
  public void recordByTwo(Turn turn) {
    histogram.record(nanos[turn.next() % VALUES]);
  }
}
