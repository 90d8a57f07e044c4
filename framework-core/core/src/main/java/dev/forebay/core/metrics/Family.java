package dev.forebay.core.metrics;

import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import dev.forebay.spi.metrics.Series;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** One metric of one part: a figure for each combination of the labels' values. */
final class Family<T> implements Labelled<T> {

  private static final int MAX_VALUE_LENGTH = 200;

  private final String part;
  private final String name;
  private final List<Label> labels;
  private final List<Set<String>> known = new ArrayList<>();
  private final Map<List<String>, T> all = new ConcurrentHashMap<>();
  private final Supplier<T> maker;
  private final LongAdder others = new LongAdder();

  Family(String part, String name, List<Label> labels, Supplier<T> maker) {
    this.part = part;
    this.name = name;
    this.labels = labels;
    this.maker = maker;
    labels.forEach(label -> known.add(ConcurrentHashMap.newKeySet()));
  }

  @Override
  public T of(String... values) {
    if (values.length != labels.size()) {
      throw new IllegalArgumentException(
          part + "." + name + ": " + values.length + " values (expected: " + labels.size() + ")");
    }
    String[] bounded = new String[values.length];
    for (int i = 0; i < values.length; i++) {
      bounded[i] = bounded(values[i], labels.get(i).most(), known.get(i));
    }
    return all.computeIfAbsent(List.of(bounded), absent -> maker.get());
  }

  private String bounded(String value, int most, Set<String> values) {
    if (values.contains(value)) {
      return value;
    }
    if (values.size() < most && value.length() <= MAX_VALUE_LENGTH) {
      synchronized (values) {
        if (values.size() < most) {
          values.add(value);
          return value;
        }
      }
    }
    others.increment();
    return Label.OTHER;
  }

  List<Label> labels() {
    return labels;
  }

  /** How often a value was beyond its label's bound. */
  long others() {
    return others.sum();
  }

  /** Its series without labels; only for names. */
  Series series() {
    return new Series(part, name);
  }

  void forEach(BiConsumer<Series, T> action) {
    all.forEach((values, figure) -> action.accept(new Series(part, name, named(values)), figure));
  }

  private Map<String, String> named(List<String> values) {
    Map<String, String> named = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) {
      named.put(labels.get(i).name(), values.get(i));
    }
    return named;
  }
}
