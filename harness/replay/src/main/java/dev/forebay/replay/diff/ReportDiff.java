package dev.forebay.replay.diff;

import dev.forebay.replay.run.Cell;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One report beside another. If both have the same traffic, rows of one seed are a pair: they share
 * arrivals, lengths and faults, so their difference varies less than either (Student's t of the
 * differences). Else the means are compared with Welch's t.
 *
 * @param paired whether rows of one seed are pairs
 * @param seeds seeds of a combination that count: common ones if paired, else the fewer
 * @param changes of the combinations that both reports have, and of the figures that all their rows
 *     have
 * @param alike combinations of which each pair has the same digest: every event is the same
 * @param missing combinations that only one of the reports has
 */
public record ReportDiff(
    boolean paired, int seeds, List<Change> changes, Set<String> alike, Set<String> missing) {

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
    boolean paired =
        sameTraffic(before, after)
            && common.stream().allMatch(name -> arePairs(of(first, name), of(second, name)));
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
    return new ReportDiff(paired, seeds, changes, alike, missing);
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

  /** Whether there are common seeds, and under each of them as many requests. */
  private static boolean arePairs(SortedMap<Long, JsonObject> a, SortedMap<Long, JsonObject> b) {
    Set<Long> seeds = new LinkedHashSet<>(a.keySet());
    seeds.retainAll(b.keySet());
    return !seeds.isEmpty()
        && seeds.stream()
            .allMatch(seed -> Objects.equals(requests(a.get(seed)), requests(b.get(seed))));
  }

  private static @Nullable Object requests(@Nullable JsonObject row) {
    return row == null ? null : row.getValue("requests");
  }

  /**
   * Whether arrivals are those of the same trace. What a report tells of it is of its first seed.
   */
  private static boolean sameTraffic(JsonObject before, JsonObject after) {
    List<String> told =
        firstSeed(before).equals(firstSeed(after))
            ? List.of("format", "path", "requests", "seconds", "factor")
            : List.of("format", "path");
    JsonObject one = before.getJsonObject("trace", new JsonObject());
    JsonObject other = after.getJsonObject("trace", new JsonObject());
    return Objects.equals(before.getValue("scenario"), after.getValue("scenario"))
        && Objects.equals(before.getValue("mode"), after.getValue("mode"))
        && told.stream().allMatch(key -> Objects.equals(one.getValue(key), other.getValue(key)));
  }

  private static Set<Object> firstSeed(JsonObject report) {
    return rows(report).values().stream()
        .map(seeds -> seeds.keySet().iterator().next())
        .collect(Collectors.toUnmodifiableSet());
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
