package dev.forebay.metrics;

import dev.forebay.spi.metrics.Distribution;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A metric under its exported name, with all its series.
 *
 * @param name such as {@code forebay_requests}, without the ending that the writer adds
 * @param help one sentence
 * @param values of counters and gauges, by their labels
 * @param distributions of histograms, by their labels
 */
record Family(
    String name,
    Type type,
    String help,
    Map<Map<String, String>, Double> values,
    Map<Map<String, String>, Distribution> distributions) {

  /** What a metric is. */
  enum Type {
    COUNTER,
    GAUGE,
    HISTOGRAM
  }

  /** Families under way, by name. */
  static final class Builder {
    private final Map<String, Family> families = new LinkedHashMap<>();

    /** Adds to a counter's series; series with the same labels are added up. */
    void counter(String name, String help, Map<String, String> labels, double value) {
      add(Type.COUNTER, name, help, labels, value);
    }

    /** Adds a gauge's series. NaN is left out: there is no figure. */
    void gauge(String name, String help, Map<String, String> labels, double value) {
      if (!Double.isNaN(value)) {
        add(Type.GAUGE, name, help, labels, value);
      }
    }

    /** Adds a gauge's series: 1 for true, 0 for false. */
    void gauge(String name, String help, Map<String, String> labels, boolean value) {
      gauge(name, help, labels, value ? 1 : 0);
    }

    private void add(
        Type type, String name, String help, Map<String, String> labels, double value) {
      Family family = family(type, name, help);
      if (family.type == type) {
        family.values.merge(labels, value, Double::sum);
      }
    }

    /** Adds a histogram's series. */
    void histogram(String name, String help, Map<String, String> labels, Distribution value) {
      Family family = family(Type.HISTOGRAM, name, help);
      if (family.type == Type.HISTOGRAM) {
        family.distributions.put(labels, value);
      }
    }

    /** Two plugins may give one name to a counter and to a gauge: the first has it. */
    private Family family(Type type, String name, String help) {
      return families.computeIfAbsent(
          name,
          absent -> new Family(name, type, help, new LinkedHashMap<>(), new LinkedHashMap<>()));
    }

    Map<String, Family> families() {
      return Collections.unmodifiableMap(families);
    }
  }
}
