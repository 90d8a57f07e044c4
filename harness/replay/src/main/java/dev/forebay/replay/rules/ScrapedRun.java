package dev.forebay.replay.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The series of one run, with a value for each scrape: what Prometheus would have read. */
final class ScrapedRun {

  /** How promtool writes that a series has no value. */
  private static final String ABSENT = "_";

  private static final String REQUESTS = "forebay_requests_total";

  private final String instance;
  private final Map<String, List<String>> series = new LinkedHashMap<>();
  private final List<Double> requests = new ArrayList<>();
  private final List<Double> serverErrors = new ArrayList<>();

  ScrapedRun(String instance) {
    this.instance = instance;
  }

  /**
   * Adds a scrape.
   *
   * @param text in Prometheus' text format
   * @param names of the series that are kept
   */
  void add(String text, Set<String> names) {
    double all = 0;
    double errors = 0;
    for (String line : text.split("\n")) {
      int end = line.lastIndexOf(' ');
      if (line.startsWith("#") || end < 0) {
        continue;
      }
      String value = line.substring(end + 1);
      int brace = line.indexOf('{');
      String name = line.substring(0, brace < 0 ? end : brace);
      if (names.contains(name)) {
        keep(named(line.substring(0, end), brace), value);
      }
      if (name.equals(REQUESTS)) {
        all += Double.parseDouble(value);
        errors += line.contains("code=\"5") ? Double.parseDouble(value) : 0;
      }
    }
    keep("up{job=\"forebay\",instance=\"" + instance + "\"}", "1");
    requests.add(all);
    serverErrors.add(errors);
  }

  private void keep(String name, String value) {
    List<String> values = series.computeIfAbsent(name, absent -> new ArrayList<>());
    while (values.size() < scrapes()) {
      values.add(ABSENT);
    }
    values.add(value);
  }

  /** With the labels that a scrape adds. */
  private String named(String name, int brace) {
    String added = "job=\"forebay\",instance=\"" + instance + "\"";
    return brace < 0
        ? name + "{" + added + "}"
        : name.substring(0, brace + 1) + added + "," + name.substring(brace + 1);
  }

  /** How many scrapes there were. */
  int scrapes() {
    return requests.size();
  }

  /** Its series as an input of promtool. */
  void input(StringBuilder to) {
    to.append("    input_series:\n");
    series.forEach(
        (name, values) ->
            to.append("      - series: '")
                .append(name.replace("'", "''"))
                .append("'\n        values: '")
                .append(String.join(" ", values))
                .append("'\n"));
  }

  /** The share of the requests between two scrapes that got a 5xx; 0 if there were none. */
  double errorShare(int from, int to) {
    int first = Math.clamp(from, 0, scrapes() - 1);
    int last = Math.clamp(to, 0, scrapes() - 1);
    double all = requests.get(last) - requests.get(first);
    return all > 0 ? (serverErrors.get(last) - serverErrors.get(first)) / all : 0;
  }
}
