package dev.forebay.spi.metrics;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All figures of a gateway at one moment: what the administration shows, what a replay reports, and
 * what a writer of metrics writes.
 *
 * @param counters numbers that only grow
 * @param gauges figures that rise and fall; NaN if one could not be read
 * @param histograms distributions
 */
public record Snapshot(
    SortedMap<Series, Long> counters,
    SortedMap<Series, Double> gauges,
    SortedMap<Series, Distribution> histograms) {

  /** Copies. */
  public Snapshot {
    counters = Collections.unmodifiableSortedMap(new TreeMap<>(counters));
    gauges = Collections.unmodifiableSortedMap(new TreeMap<>(gauges));
    histograms = Collections.unmodifiableSortedMap(new TreeMap<>(histograms));
  }
}
