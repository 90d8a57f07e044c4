package dev.forebay.examples.monitoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a scrape in Prometheus' text format says. */
final class Scrape {

  private static final Pattern LINE = Pattern.compile("([a-z_0-9]+)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

  private final List<Sample> samples = new ArrayList<>();

  /** One line. */
  record Sample(String name, Map<String, String> labels, double value) {

    boolean has(Map<String, String> some) {
      return labels.entrySet().containsAll(some.entrySet());
    }
  }

  private Scrape() {}

  static Scrape of(String text) {
    Scrape scrape = new Scrape();
    for (String line : text.split("\n")) {
      if (line.startsWith("#")) {
        continue;
      }
      Matcher match = LINE.matcher(line);
      if (!match.matches()) {
        throw new IllegalArgumentException(line);
      }
      Map<String, String> labels = new TreeMap<>();
      Matcher label = LABEL.matcher(match.group(2) == null ? "" : match.group(2));
      while (label.find()) {
        labels.put(label.group(1), label.group(2));
      }
      double value = Double.parseDouble(match.group(3).replace("+Inf", "Infinity"));
      scrape.samples.add(new Sample(match.group(1), labels, value));
    }
    return scrape;
  }

  @Override
  public String toString() {
    return samples.toString();
  }

  /** How many series there are. */
  int series() {
    return samples.size();
  }

  /** As {@link #series}, without the buckets of histograms: those depend on what was measured. */
  long seriesBesideBuckets() {
    return samples.stream().filter(sample -> !sample.name().endsWith("_bucket")).count();
  }

  /** The names of all series. */
  Set<String> names() {
    Set<String> names = new TreeSet<>();
    samples.forEach(sample -> names.add(sample.name()));
    return names;
  }

  /** The sum of the series of a name that have these labels. */
  double sum(String name, Map<String, String> labels) {
    return samples.stream()
        .filter(sample -> sample.name().equals(name) && sample.has(labels))
        .mapToDouble(Sample::value)
        .sum();
  }

  double sum(String name) {
    return sum(name, Map.of());
  }

  /** As {@code histogram_quantile} of Prometheus. */
  double quantile(double share, String name, Map<String, String> labels) {
    NavigableMap<Double, Double> buckets = new TreeMap<>();
    for (Sample sample : samples) {
      String le = sample.labels().get("le");
      if (le != null && sample.name().equals(name + "_bucket") && sample.has(labels)) {
        double end = Double.parseDouble(le.replace("+Inf", "Infinity"));
        buckets.merge(end, sample.value(), Double::sum);
      }
    }
    double rank = share * buckets.lastEntry().getValue();
    double from = 0;
    double below = 0;
    for (Map.Entry<Double, Double> bucket : buckets.entrySet()) {
      if (bucket.getValue() >= rank) {
        double within = (rank - below) / (bucket.getValue() - below);
        return from + (bucket.getKey() - from) * within;
      }
      from = bucket.getKey();
      below = bucket.getValue();
    }
    throw new IllegalArgumentException(name + ": no figures");
  }
}
