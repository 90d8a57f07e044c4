package dev.forebay.replay.diff;

import dev.forebay.replay.run.Cell;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One report beside another. If both have the same traffic, rows of one seed are a pair: they share
 * arrivals and lengths, so their difference varies less than either (Student's t of the
 * differences). Else the means are compared with Welch's t.
 *
 * @param traffic whether both have the same, so that rows of one seed are pairs
 * @param seeds seeds of a combination that count: common ones if paired, else the fewer
 * @param changes of the combinations that both reports have, and of the figures that all their rows
 *     have
 * @param alike combinations of which each pair has the same digest: every event is the same
 * @param missing combinations that only one of the reports has
 */
public record ReportDiff(
    Traffic traffic, int seeds, List<Change> changes, Set<String> alike, Set<String> missing) {

  /** Whether two reports have the same traffic, by what their rows say of it. */
  public enum Traffic {
    /** The same under each seed that both have. */
    SAME("paired: the same traffic"),
    /** Not the same, or no seed is in both. */
    OTHER("not paired: other traffic or other seeds"),
    /** One of them does not say, as reports of earlier versions do not. */
    UNKNOWN("not paired: not known whether it is the same traffic");

    private final String words;

    Traffic(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /** Whether rows of one seed are pairs. */
  public boolean paired() {
    return traffic == Traffic.SAME;
  }

  /**
   * Compares two reports.
   *
   * @throws IllegalArgumentException if they have no combination in common
   */
  public static ReportDiff of(JsonObject before, JsonObject after) {
    Map<String, SortedMap<Long, JsonObject>> first = rows(before);
    Map<String, SortedMap<Long, JsonObject>> second = rows(after);
    Set<String> common = new LinkedHashSet<>(first.keySet());
    common.retainAll(second.keySet());
    if (common.isEmpty()) {
      throw new IllegalArgumentException(
          "diff: no combination is in both reports (in the first: %s; in the second: %s)"
              .formatted(String.join(", ", first.keySet()), String.join(", ", second.keySet())));
    }
    Set<String> missing = new LinkedHashSet<>(first.keySet());
    missing.addAll(second.keySet());
    missing.removeAll(common);
    Traffic traffic =
        common.stream()
            .map(name -> traffic(of(first, name), of(second, name)))
            .max(Comparator.naturalOrder())
            .orElseThrow();
    boolean paired = traffic == Traffic.SAME;
    List<Change> changes = new ArrayList<>();
    Set<String> alike = new LinkedHashSet<>();
    int seeds = Integer.MAX_VALUE;
    for (String name : common) {
      SortedMap<Long, JsonObject> a = kept(first, name, paired ? second : first);
      SortedMap<Long, JsonObject> b = kept(second, name, paired ? first : second);
      seeds = Math.min(seeds, Math.min(a.size(), b.size()));
      if (paired && a.keySet().stream().allMatch(seed -> sameRun(a.get(seed), b.get(seed)))) {
        alike.add(name);
      }
      Figure.ALL.forEach(figure -> add(changes, change(name, figure, a, b, paired)));
    }
    return new ReportDiff(traffic, seeds, changes, alike, missing);
  }

  private static void add(List<Change> changes, @Nullable Change change) {
    if (change != null) {
      changes.add(change);
    }
  }

  private static Map<String, SortedMap<Long, JsonObject>> rows(JsonObject report) {
    Map<String, SortedMap<Long, JsonObject>> rows = new LinkedHashMap<>();
    JsonArray all = report.getJsonArray("rows");
    for (int i = 0; i < all.size(); i++) {
      JsonObject row = all.getJsonObject(i);
      rows.computeIfAbsent(row.getString("combination"), name -> new TreeMap<>())
          .put(row.getLong("seed"), row);
    }
    return rows;
  }

  /** The rows of a combination of which the other report has the seed, too. */
  private static SortedMap<Long, JsonObject> kept(
      Map<String, SortedMap<Long, JsonObject>> rows,
      String name,
      Map<String, SortedMap<Long, JsonObject>> others) {
    SortedMap<Long, JsonObject> kept = new TreeMap<>(of(rows, name));
    kept.keySet().retainAll(of(others, name).keySet());
    return kept;
  }

  private static SortedMap<Long, JsonObject> of(
      Map<String, SortedMap<Long, JsonObject>> rows, String name) {
    return rows.getOrDefault(name, new TreeMap<>());
  }

  /** Whether a combination had the same traffic under each seed that both reports have. */
  private static Traffic traffic(SortedMap<Long, JsonObject> a, SortedMap<Long, JsonObject> b) {
    if (!tellTraffic(a) || !tellTraffic(b)) {
      return Traffic.UNKNOWN;
    }
    Set<Long> seeds = new LinkedHashSet<>(a.keySet());
    seeds.retainAll(b.keySet());
    boolean same =
        !seeds.isEmpty()
            && seeds.stream().allMatch(seed -> traffic(a.get(seed)).equals(traffic(b.get(seed))));
    return same ? Traffic.SAME : Traffic.OTHER;
  }

  private static boolean tellTraffic(SortedMap<Long, JsonObject> rows) {
    return rows.values().stream().noneMatch(row -> traffic(row).isEmpty());
  }

  /** The fingerprint of what was offered; empty if the row does not have it. */
  private static String traffic(@Nullable JsonObject row) {
    return row != null && row.getValue("traffic") instanceof String text ? text : "";
  }

  private static boolean sameRun(@Nullable JsonObject a, @Nullable JsonObject b) {
    String digest = a == null ? null : a.getString("digest");
    return digest != null && b != null && digest.equals(b.getString("digest"));
  }

  private static @Nullable Change change(
      String name,
      Figure figure,
      SortedMap<Long, JsonObject> a,
      SortedMap<Long, JsonObject> b,
      boolean paired) {
    double[] before = values(figure, a);
    double[] after = values(figure, b);
    if (before.length != a.size() || after.length != b.size()) {
      return null;
    }
    double difference = mean(after) - mean(before);
    double half = paired ? paired(before, after) : welch(before, after);
    Change.Verdict verdict = Change.verdict(difference, half, figure.more());
    return new Change(name, figure.path(), mean(before), mean(after), difference, half, verdict);
  }

  private static double[] values(Figure figure, SortedMap<Long, JsonObject> rows) {
    return rows.values().stream()
        .map(figure::of)
        .filter(Objects::nonNull)
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  private static double paired(double[] before, double[] after) {
    if (before.length < 2) {
      return Double.POSITIVE_INFINITY;
    }
    double[] differences = new double[before.length];
    Arrays.setAll(differences, i -> after[i] - before[i]);
    return Cell.halfInterval(differences);
  }

  /** Welch's t: neither the numbers of seeds nor the variances need be the same. */
  private static double welch(double[] before, double[] after) {
    if (before.length < 2 || after.length < 2) {
      return Double.POSITIVE_INFINITY;
    }
    double a = variance(before) / before.length;
    double b = variance(after) / after.length;
    if (a + b == 0) {
      return 0;
    }
    double freedom = (a + b) * (a + b) / (a * a / (before.length - 1) + b * b / (after.length - 1));
    return Cell.student((int) Math.max(1, Math.floor(freedom))) * Math.sqrt(a + b);
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }
}
