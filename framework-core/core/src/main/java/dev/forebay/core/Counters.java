package dev.forebay.core;

import dev.forebay.spi.Counter;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/** The counters and gauges of a gateway, by full name: {@code rate-limit.refused}. */
public final class Counters {

  private final Map<String, LongAdder> counters = new ConcurrentSkipListMap<>();
  private final Map<String, DoubleSupplier> gauges = new ConcurrentSkipListMap<>();

  /** The counter of a name. */
  public Counter counter(String name) {
    LongAdder adder = counters.computeIfAbsent(name, absent -> new LongAdder());
    return adder::add;
  }

  /** Names a figure that can be read at any time. */
  public void gauge(String name, DoubleSupplier value) {
    gauges.put(name, value);
  }

  /** All counters now, sorted by name. From any thread. */
  public SortedMap<String, Long> counts() {
    SortedMap<String, Long> counts = new TreeMap<>();
    counters.forEach((name, adder) -> counts.put(name, adder.sum()));
    return counts;
  }

  /** All gauges now, sorted by name; NaN where one throws. On the gateway's timeline. */
  public SortedMap<String, Double> gauges() {
    SortedMap<String, Double> values = new TreeMap<>();
    gauges.forEach((name, value) -> values.put(name, read(value)));
    return values;
  }

  private static double read(DoubleSupplier value) {
    try {
      return value.getAsDouble();
    } catch (Exception | LinkageError e) {
      return Double.NaN;
    }
  }
}
