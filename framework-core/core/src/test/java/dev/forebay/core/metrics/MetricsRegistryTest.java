package dev.forebay.core.metrics;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Distribution;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import dev.forebay.spi.metrics.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsRegistryTest {

  private final MetricsRegistry registry = new MetricsRegistry();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Hits",
        "local-hits",
        "hits.local",
        "_hits",
        "hits_",
        "hits__local",
        "1st",
        "hits_total",
        "wait_sum",
        "wait_bucket",
        "wait_count",
        "wait_millis",
        "waited_micros",
        "size_mib",
        "used_percent"
      })
  void aNameThatBreaksTheRuleIsRefused(String name) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> registry.counters("admit", name));
    assertTrue(
        String.valueOf(refused.getMessage())
            .startsWith("metric of admit: " + name + " (expected: "),
        refused.getMessage());
  }

  @Test
  void theNameOfAHistogramEndsWithTheUnitOfItsBuckets() {
    assertDoesNotThrow(() -> registry.histograms("admit", "wait_seconds", Buckets.SECONDS));
    assertThrows(
        IllegalArgumentException.class,
        () -> registry.histograms("admit", "wait_tokens", Buckets.SECONDS));
  }

  @Test
  void theSameNameIsTheSameCounterAndNoGauge() {
    registry.counters("admit", "shed").of().increment();
    registry.counters("admit", "shed").of().increment();
    assertEquals(2, registry.counters().get(new Series("admit", "shed")));
    assertThrows(IllegalArgumentException.class, () -> registry.gauges("admit", "shed"));
    assertThrows(
        IllegalArgumentException.class,
        () -> registry.counters("admit", "shed", Label.of("reason")));
  }

  @Test
  void aGaugeIsSetOnceAndReadEachTime() {
    double[] value = {1};
    registry.gauges("admit", "limit").of().set(() -> value[0]);
    value[0] = 7;
    assertEquals(7, registry.gauges().get(new Series("admit", "limit")));
    assertThrows(
        IllegalArgumentException.class, () -> registry.gauges("admit", "limit").of().set(() -> 1));
  }

  @Test
  void aGaugeThatThrowsIsNoFigure() {
    registry
        .gauges("admit", "limit")
        .of()
        .set(
            () -> {
              throw new IllegalStateException("no");
            });
    assertEquals(Double.NaN, registry.gauges().get(new Series("admit", "limit")));
  }

  @Test
  void labelsTellSeriesApart() {
    Labelled<Counter> failures =
        registry.counters("cache/redis", "failures", Label.of("reason"), Label.of("server"));
    failures.of("timeout", "a").add(3);
    failures.of("gone", "a").add(2);
    assertEquals(
        "{cache/redis.failures{reason=gone,server=a}=2, "
            + "cache/redis.failures{reason=timeout,server=a}=3}",
        registry.counters().toString());
    assertSame(failures.of("gone", "a"), failures.of("gone", "a"));
    assertThrows(IllegalArgumentException.class, () -> failures.of("gone"));
  }

  @Test
  void aFloodOfValuesEndsInOtherAndIsCounted() {
    Labelled<Counter> requests = registry.counters("edge", "requests", new Label("model", 10));
    for (int i = 0; i < 100_000; i++) {
      requests.of("model-" + i).increment();
    }
    Map<String, Long> counts = new TreeMap<>();
    registry.counters().forEach((series, count) -> counts.put(series.toString(), count));
    assertEquals(10 + 2, counts.size());
    assertEquals(1, counts.get("edge.requests{model=model-9}"));
    assertEquals(99_990, counts.get("edge.requests{model=other}"));
    assertEquals(99_990, counts.get("metrics.other_values{metric=edge.requests}"));
  }

  @Test
  void aLongValueIsOther() {
    registry.counters("edge", "requests", Label.of("model")).of("m".repeat(201)).increment();
    assertEquals("edge.requests{model=other}", registry.counters().firstKey().toString());
  }

  @Test
  void labelsThatAllowTooManySeriesAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            registry.counters(
                "edge", "requests", new Label("endpoint", 1_000), new Label("tenant", 200)));
    assertThrows(IllegalArgumentException.class, () -> new Label("tenant", 10_001));
    assertThrows(IllegalArgumentException.class, () -> new Label("tenant-id", 1));
  }

  @Test
  void threadsThatRecordTogetherLoseNothing() throws Exception {
    Histogram tokens = registry.histograms("edge", "answer_tokens", Buckets.TOKENS).of();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 1; i <= 100_000; i++) {
                  tokens.record(i);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    Distribution all = registry.snapshot().histograms().values().iterator().next();
    assertEquals(400_000, all.count());
    assertEquals(4 * 100_000L * 100_001 / 2, all.sum());
    assertEquals(99_000, all.quantile(0.99), 99_000 / 16.0);
  }

  @Test
  void aPartThatLeftIsForgottenWithItsParts() {
    registry.counters("pool/llama-1", "starts").of().increment();
    registry.counters("pool/llama-1/queue", "offers").of().increment();
    registry.counters("pool/llama-10", "starts").of().increment();
    registry.forget("pool/llama-1");
    assertEquals("{pool/llama-10.starts=1}", registry.counters().toString());
  }
}
