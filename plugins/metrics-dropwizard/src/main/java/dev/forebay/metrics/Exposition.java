package dev.forebay.metrics;

import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Distribution;
import dev.forebay.spi.state.GatewayState;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes figures in the formats that Prometheus reads. A histogram has four bounds of each doubling
 * from the start, and all bounds of the doublings that were used so far. A bound that appears has
 * counts that Prometheus did not see grow; until it has seen the next ones, a percentile follows
 * from the bounds that were there before. None goes away.
 */
public final class Exposition {

  private static final ExpositionFormats FORMATS = ExpositionFormats.init();
  private static final Pattern WEIGHT =
      Pattern.compile(
          ";\\s*q\\s*=\\s*([01](?:\\.[0-9]{0,3})?)\\s*(?:;|$)", Pattern.CASE_INSENSITIVE);

  /** Buckets of a native histogram for each doubling are 2 to the power of this. */
  private static final int NATIVE_SCHEMA = 5;

  private static final double PER_DOUBLING = 1 << NATIVE_SCHEMA;
  private static final int FIRST_SIZE = 1 << 16;

  /** Bounds of each doubling that are always there. */
  private static final int ALWAYS = 4;

  private Exposition() {}

  /**
   * The figures of a gateway in Prometheus' text format, under the names that {@code /metrics} has.
   * The figures of the process are not among them.
   */
  public static String text(GatewayState state) {
    Family.Builder families = new Family.Builder();
    new Families(families).add(state);
    byte[] text = write(FORMATS.getPrometheusTextFormatWriter(), families.families(), false);
    return new String(text, StandardCharsets.UTF_8);
  }

  /**
   * The writer of the format that a header {@code Accept} asks for: of the greatest weight ({@code
   * q}) for which there is one. Formats of one weight are preferred as the library does.
   */
  static ExpositionFormatWriter writer(String accept) {
    SortedMap<Double, String> byWeight = new TreeMap<>(Comparator.reverseOrder());
    for (String range : accept.split(",")) {
      byWeight.merge(weight(range), range, (one, other) -> one + "," + other);
    }
    byWeight.remove(0.0);
    ExpositionFormatWriter text = FORMATS.getPrometheusTextFormatWriter();
    for (String ranges : byWeight.values()) {
      ExpositionFormatWriter found = FORMATS.findWriter(ranges);
      if (found != text || ranges.contains("text/") || ranges.contains("*/*")) {
        return found;
      }
    }
    return text;
  }

  /** A weight that cannot be read counts as none: 1. */
  private static double weight(String range) {
    Matcher weight = WEIGHT.matcher(range);
    return weight.find() ? Double.parseDouble(weight.group(1)) : 1;
  }

  /**
   * Writes.
   *
   * @param nativeHistograms whether histograms have native buckets, too: only the protobuf format
   *     carries them
   */
  static byte[] write(
      ExpositionFormatWriter writer, Map<String, Family> families, boolean nativeHistograms) {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    Map<Map<String, String>, Labels> labels = new HashMap<>();
    families
        .values()
        .forEach(family -> all.metricSnapshot(snapshot(family, labels, nativeHistograms)));
    ByteArrayOutputStream out = new ByteArrayOutputStream(FIRST_SIZE);
    try {
      writer.write(out, all.build());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no I/O
    }
    return out.toByteArray();
  }

  /**
   * A family as the writers take it.
   *
   * @param known labels that were made for other families: most endpoints have many figures
   */
  private static MetricSnapshot snapshot(
      Family family, Map<Map<String, String>, Labels> known, boolean nativeHistograms) {
    MetricMetadata named = new MetricMetadata(family.name(), family.help());
    Collection<Map.Entry<Map<String, String>, Double>> values = family.values().entrySet();
    return switch (family.type()) {
      case COUNTER ->
          new CounterSnapshot(
              named,
              values.stream()
                  .map(
                      each ->
                          new CounterDataPointSnapshot(
                              each.getValue(), labels(each.getKey(), known), null, 0))
                  .toList());
      case GAUGE ->
          new GaugeSnapshot(
              named,
              values.stream()
                  .map(
                      each ->
                          new GaugeDataPointSnapshot(
                              each.getValue(), labels(each.getKey(), known), null))
                  .toList());
      case HISTOGRAM ->
          new HistogramSnapshot(
              named,
              family.distributions().entrySet().stream()
                  .map(
                      each ->
                          histogram(
                              each.getValue(), labels(each.getKey(), known), nativeHistograms))
                  .toList());
    };
  }

  private static Labels labels(Map<String, String> all, Map<Map<String, String>, Labels> known) {
    return known.computeIfAbsent(
        all,
        labels ->
            Labels.of(
                labels.keySet().toArray(String[]::new), labels.values().toArray(String[]::new)));
  }

  private static HistogramDataPointSnapshot histogram(
      Distribution distribution, Labels labels, boolean nativeHistograms) {
    ClassicHistogramBuckets classic = classic(distribution);
    if (!nativeHistograms) {
      return new HistogramDataPointSnapshot(
          classic, distribution.sum(), labels, Exemplars.EMPTY, 0);
    }
    Buckets buckets = distribution.buckets();
    return new HistogramDataPointSnapshot(
        classic,
        NATIVE_SCHEMA,
        distribution.count(0),
        buckets.told(buckets.end(0)),
        nativeBuckets(distribution),
        NativeHistogramBuckets.EMPTY,
        distribution.sum(),
        labels,
        Exemplars.EMPTY,
        0);
  }

  private static ClassicHistogramBuckets classic(Distribution distribution) {
    Buckets buckets = distribution.buckets();
    int last = buckets.size() - 1; // it holds what is beyond the range, so its end is infinite
    int from = last;
    int to = -1;
    for (int i = 0; i < last; i++) {
      if (distribution.count(i) > 0) {
        from = Math.min(from, i);
        to = i;
      }
    }
    int doubling = buckets.perDoubling();
    from = from / doubling * doubling;
    to = to < 0 ? from - 1 : Math.min(last - 1, to / doubling * doubling + doubling - 1);
    int apart = doubling / ALWAYS;
    ClassicHistogramBuckets.Builder all = ClassicHistogramBuckets.builder();
    long count = 0;
    for (int i = 0; i < last; i++) {
      count += distribution.count(i);
      if ((from <= i && i <= to) || (i + 1) % apart == 0) {
        all.bucket(buckets.told(buckets.end(i)), count);
        count = 0;
      }
    }
    return all.bucket(Double.POSITIVE_INFINITY, count + distribution.count(last)).build();
  }

  /** Each bucket counts in the native bucket of its middle. */
  private static NativeHistogramBuckets nativeBuckets(Distribution distribution) {
    Buckets buckets = distribution.buckets();
    SortedMap<Integer, Long> counts = new TreeMap<>();
    for (int i = 1; i < buckets.size(); i++) {
      if (distribution.count(i) > 0) {
        double middle = buckets.told(buckets.end(i - 1) + buckets.end(i)) / 2;
        int index = (int) Math.ceil(Math.log(middle) / Math.log(2) * PER_DOUBLING);
        counts.merge(index, distribution.count(i), Long::sum);
      }
    }
    return NativeHistogramBuckets.of(
        counts.keySet().stream().mapToInt(Integer::intValue).toArray(),
        counts.values().stream().mapToLong(Long::longValue).toArray());
  }
}
