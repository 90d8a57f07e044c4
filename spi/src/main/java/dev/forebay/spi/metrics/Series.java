package dev.forebay.spi.metrics;

import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one figure is about.
 *
 * @param part the plugin or stage that tells it, such as {@code pool/admit}
 * @param name of the metric, such as {@code queue_length}
 * @param labels their values by name, in the order of the metric; empty if it has none
 */
public record Series(String part, String name, Map<String, String> labels)
    implements Comparable<Series> {

  private static final Comparator<Series> ORDER =
      Comparator.comparing(Series::part)
          .thenComparing(Series::name)
          .thenComparing(Series::compareValues);

  /** Copies. */
  public Series {
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
  }

  /** A series without labels. */
  public Series(String part, String name) {
    this(part, name, Collections.emptyMap());
  }

  private static int compareValues(Series one, Series other) {
    Iterator<String> values = other.labels.values().iterator();
    for (String value : one.labels.values()) {
      int order = values.hasNext() ? value.compareTo(values.next()) : 1;
      if (order != 0) {
        return order;
      }
    }
    return values.hasNext() ? -1 : 0;
  }

  @Override
  public int compareTo(Series other) {
    return ORDER.compare(this, other);
  }

  /**
   * Its key in the state and in reports: {@code admit.shed}, {@code cache.bypasses{reason=tools}}.
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(part).append('.').append(name);
    if (!labels.isEmpty()) {
      String separator = "{";
      for (Map.Entry<String, String> label : labels.entrySet()) {
        text.append(separator).append(label.getKey()).append('=').append(label.getValue());
        separator = ",";
      }
      text.append('}');
    }
    return text.toString();
  }
}
