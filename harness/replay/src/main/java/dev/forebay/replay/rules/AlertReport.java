package dev.forebay.replay.rules;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which alerts would have fired during runs.
 *
 * @param alerts names of the rules
 * @param seeds runs of each combination
 * @param firings all of them
 */
public record AlertReport(Set<String> alerts, Map<String, Integer> seeds, List<Firing> firings) {

  /**
   * The share of requests that get a 5xx from which on an alert was needed: from five minutes
   * before it fired until it ended.
   */
  static final double NEEDED_SHARE = 0.01;

  private static final String HEAD =
      "Alerts, evaluated every 15 s of virtual time. In vain: less than 1 % of the requests got a"
          + " 5xx from 5 min before the alert fired until it ended.\n";

  /** Copies. */
  public AlertReport {
    alerts = Set.copyOf(alerts);
    firings = List.copyOf(firings);
  }

  /**
   * An alert that fired.
   *
   * @param labels its labels, its name ({@code alertname}) among them
   * @param fromSeconds when it fired, since the run began
   * @param endedSeconds when it fired no more; null if it fired to the end
   * @param inVain whether hardly any caller got an error
   */
  public record Firing(
      String combination,
      long seed,
      Map<String, String> labels,
      int fromSeconds,
      @Nullable Integer endedSeconds,
      boolean inVain) {

    String alert() {
      return labels.getOrDefault("alertname", "");
    }
  }

  /** As JSON. */
  public JsonArray json() {
    JsonArray all = new JsonArray();
    for (Firing firing : firings) {
      JsonObject labels = new JsonObject();
      firing.labels().forEach(labels::put);
      all.add(
          new JsonObject()
              .put("combination", firing.combination())
              .put("seed", firing.seed())
              .put("alert", firing.alert())
              .put("labels", labels)
              .put("firedAfterSeconds", firing.fromSeconds())
              .put("endedAfterSeconds", firing.endedSeconds())
              .put("inVain", firing.inVain()));
    }
    return all;
  }

  /** As a table for people: a line for each combination and alert that fired. */
  public String table() {
    List<String[]> lines = new ArrayList<>();
    lines.add(
        new String[] {
          "combination", "alert", "runs", "firings", "in vain", "first after", "ended"
        });
    for (String combination : seeds.keySet()) {
      Map<String, List<Firing>> byAlert = new LinkedHashMap<>();
      firings.stream()
          .filter(firing -> firing.combination().equals(combination))
          .forEach(
              firing ->
                  byAlert.computeIfAbsent(firing.alert(), name -> new ArrayList<>()).add(firing));
      byAlert.forEach((alert, own) -> lines.add(line(combination, alert, own)));
      if (byAlert.isEmpty()) {
        lines.add(new String[] {combination, "none fired", "", "", "", "", ""});
      }
    }
    return HEAD + aligned(lines) + never();
  }

  private String[] line(String combination, String alert, List<Firing> own) {
    long runs = own.stream().map(Firing::seed).distinct().count();
    long vain = own.stream().filter(Firing::inVain).count();
    int first = own.stream().mapToInt(Firing::fromSeconds).min().orElse(0);
    long ended = own.stream().filter(firing -> firing.endedSeconds() != null).count();
    return new String[] {
      combination,
      alert,
      runs + " of " + Objects.requireNonNull(seeds.get(combination)),
      "" + own.size(),
      "" + vain,
      first + " s",
      ended + " of " + own.size()
    };
  }

  private String never() {
    List<String> never =
        alerts.stream()
            .filter(alert -> firings.stream().noneMatch(firing -> firing.alert().equals(alert)))
            .sorted()
            .toList();
    return never.isEmpty() ? "" : "Never fired: " + String.join(", ", never) + ".\n";
  }

  private static String aligned(List<String[]> lines) {
    int[] widths = new int[lines.getFirst().length];
    for (String[] line : lines) {
      for (int i = 0; i < line.length; i++) {
        widths[i] = Math.max(widths[i], line[i].length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (String[] line : lines) {
      StringBuilder written = new StringBuilder();
      for (int i = 0; i < line.length; i++) {
        written.append(line[i]).append(" ".repeat(widths[i] - line[i].length() + 2));
      }
      text.append(written.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
