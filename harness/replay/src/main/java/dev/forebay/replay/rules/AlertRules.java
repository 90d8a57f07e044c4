package dev.forebay.replay.rules;

import dev.forebay.metrics.Exposition;
import dev.forebay.replay.run.RunObserver;
import dev.forebay.spi.state.GatewayState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Alert rules for Prometheus, and what gateways exported during runs. promtool evaluates the rules
 * over it, every fifteen seconds of virtual time, as Prometheus would have done.
 */
public final class AlertRules {

  private static final Pattern ALERT = Pattern.compile("(?m)^\\s*-?\\s*alert:\\s*[\"']?(\\w+)");
  private static final Pattern NAME = Pattern.compile("\\bforebay_[a-z0-9_]+");
  private static final int SECONDS = (int) RunObserver.EVERY.toSeconds();

  private static final Pattern ANSWER =
      Pattern.compile("forebay_run!=\\\\\"(\\d+)\\\\\".*, time: (\\S+),");

  private static final Pattern FIRES = Pattern.compile("\\{([^{}]*)} \\S+");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern TIME = Pattern.compile("(\\d+)(ms|d|h|m|s)");

  private final List<Path> files;
  private final Set<String> alerts = new TreeSet<>();
  private final Set<String> names = new TreeSet<>();
  private final Promtool promtool;
  private final Map<Run, ScrapedRun> runs = new TreeMap<>();

  /** Which run it is. */
  private record Run(String combination, long seed) implements Comparable<Run> {
    @Override
    public int compareTo(Run other) {
      int order = combination.compareTo(other.combination);
      return order != 0 ? order : Long.compare(seed, other.seed);
    }
  }

  private AlertRules(List<Path> files, Promtool promtool) {
    this.files = files;
    this.promtool = promtool;
  }

  /**
   * Reads and checks files.
   *
   * @param files of alerts, and of the recording rules that they ask for
   * @param environment variables by name: where promtool is
   * @throws IllegalArgumentException if there is no promtool, no such file, or no alert in any
   */
  public static AlertRules read(List<Path> files, Function<String, @Nullable String> environment) {
    AlertRules rules =
        new AlertRules(
            files.stream().map(Path::toAbsolutePath).toList(), Promtool.find(environment));
    files.forEach(rules::check);
    if (rules.alerts.isEmpty()) {
      throw new IllegalArgumentException(
          "--rules: " + files + ": no alerts (expected: at least one)");
    }
    return rules;
  }

  private void check(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "--rules: " + file + " cannot be read (expected: a file of rules for Prometheus)", e);
    }
    Promtool.Answer checked = promtool.run("check", "rules", file.toString());
    if (checked.code() != 0) {
      throw new IllegalArgumentException(
          "--rules: " + file + ": " + checked.output().strip().replaceAll("\\s*\n\\s*", "; "));
    }
    find(ALERT, 1, text, alerts);
    find(NAME, 0, text, names);
  }

  private static void find(Pattern pattern, int group, String text, Set<String> found) {
    Matcher match = pattern.matcher(text);
    while (match.find()) {
      found.add(match.group(group));
    }
  }

  /** Reads what gateways export. */
  public RunObserver scrapes() {
    return this::scrape;
  }

  private void scrape(String combination, long seed, GatewayState state) {
    String text = Exposition.text(state);
    ScrapedRun run;
    synchronized (runs) {
      run = runs.computeIfAbsent(new Run(combination, seed), absent -> new ScrapedRun(combination));
    }
    run.add(text, names);
  }

  /**
   * Evaluates the rules over what was read.
   *
   * @param failed names of combinations whose runs failed: what was read of them tells nothing
   */
  public AlertReport replay(Set<String> failed) {
    runs.keySet().removeIf(run -> failed.contains(run.combination));
    List<AlertReport.Firing> firings = new ArrayList<>();
    List<Map.Entry<Run, ScrapedRun>> all = List.copyOf(runs.entrySet());
    Map<Integer, Map<Map<String, String>, List<Integer>>> fired = fired(test(all));
    fired.forEach(
        (number, byLabels) -> {
          Run run = all.get(number).getKey();
          ScrapedRun scraped = all.get(number).getValue();
          byLabels.forEach(
              (labels, scrapes) ->
                  firings.addAll(
                      Episodes.of(run.combination, run.seed, labels, scrapes, scraped, SECONDS)));
        });
    Map<String, Integer> seeds = new TreeMap<>();
    runs.keySet().forEach(run -> seeds.merge(run.combination, 1, Integer::sum));
    return new AlertReport(alerts, seeds, firings);
  }

  private static String quoted(Path file) {
    return file.toString().replace("'", "''");
  }

  private String test(List<Map.Entry<Run, ScrapedRun>> all) {
    StringBuilder test = new StringBuilder("rule_files:\n");
    files.forEach(file -> test.append("  - '").append(quoted(file)).append("'\n"));
    test.append("evaluation_interval: ").append(SECONDS).append("s\ntests:\n");
    for (int number = 0; number < all.size(); number++) {
      ScrapedRun run = all.get(number).getValue();
      test.append("  - interval: ").append(SECONDS).append("s\n");
      run.input(test);
      test.append("    promql_expr_test:\n");
      for (int i = 0; i < run.scrapes(); i++) {
        // The label that no alert has tells the run.
        test.append("      - expr: 'ALERTS{alertstate=\"firing\",forebay_run!=\"")
            .append(number)
            .append("\"}'\n        eval_time: ")
            .append(i * SECONDS)
            .append("s\n");
      }
    }
    return answered(test.toString());
  }

  /** A test "fails" at each time at which something fires, and tells what. */
  private String answered(String test) {
    try {
      Path file = Files.createTempFile("forebay-rules", ".yml");
      try {
        Files.writeString(file, test);
        return promtool.run("test", "rules", file.toString()).output();
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** At which scrapes what fired, by run and labels. */
  private static Map<Integer, Map<Map<String, String>, List<Integer>>> fired(String output) {
    Map<Integer, Map<Map<String, String>, List<Integer>>> fired = new TreeMap<>();
    int run = -1;
    int scrape = -1;
    for (String line : output.split("\n")) {
      Matcher answer = ANSWER.matcher(line);
      if (answer.find()) {
        run = Integer.parseInt(answer.group(1));
        scrape = seconds(answer.group(2)) / SECONDS;
      } else if (run >= 0 && line.strip().startsWith("got:")) {
        Matcher fires = FIRES.matcher(line);
        while (fires.find()) {
          fired
              .computeIfAbsent(run, absent -> new LinkedHashMap<>())
              .computeIfAbsent(labels(fires.group(1)), absent -> new ArrayList<>())
              .add(scrape);
        }
      } else if (line.contains("error") || line.contains("unknown")) {
        throw new IllegalArgumentException("--rules: promtool: " + line.strip());
      }
    }
    return fired;
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new TreeMap<>();
    Matcher label = LABEL.matcher(text);
    while (label.find()) {
      labels.put(label.group(1), label.group(2));
    }
    labels.keySet().removeAll(List.of("__name__", "alertstate"));
    return labels;
  }

  /** A duration as promtool writes it, such as {@code 1h4m15s}. */
  private static int seconds(String duration) {
    Matcher part = TIME.matcher(duration);
    int seconds = 0;
    while (part.find()) {
      int count = Integer.parseInt(part.group(1));
      seconds +=
          switch (part.group(2)) {
            case "d" -> count * 86_400;
            case "h" -> count * 3_600;
            case "m" -> count * 60;
            case "s" -> count;
            default -> 0;
          };
    }
    return seconds;
  }
}
