package dev.forebay.replay.run;

import dev.forebay.config.Registry;
import dev.forebay.replay.trace.SyntheticTrace;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * What the headline of the scenario {@code overload} becomes when one of its parameters is at the
 * ends of its plausible range. {@link #main} prints a table in Markdown, as it stands in
 * docs/overload.md.
 */
public final class Sensitivity {

  private static final String SCENARIO = "overload";
  private static final List<String> COMPARED = List.of("baseline", "everything");

  private final Registry registry = Registry.load(Sensitivity.class.getClassLoader());
  private final List<Long> seeds;
  private final PrintStream out;

  /**
   * A change of the scenario.
   *
   * @param name of the parameter, and its value as it is
   * @param ends what it becomes, with a patch of the document and one of each group of servers
   */
  private record Change(String name, List<End> ends) {}

  private record End(String value, Map<String, ?> patch, Map<String, ?> group) {}

  private Sensitivity(int seeds, PrintStream out) {
    this.out = out;
    this.seeds = LongStream.rangeClosed(1, seeds).boxed().toList();
  }

  /** Prints the table; the argument is how many seeds, 3 without one. */
  public static void main(String[] args) {
    new Sensitivity(args.length > 0 ? Integer.parseInt(args[0]) : 3, System.out).print();
  }

  private void print() {
    out.println("| Parameter | Becomes | Baseline answers | Mean | Everything answers | Mean |");
    out.println("| --- | --- | ---: | ---: | ---: | ---: |");
    row("as it is", "", Map.of(), Map.of());
    for (Change change : changes()) {
      for (End end : change.ends()) {
        row(change.name(), end.value(), end.patch(), end.group());
      }
    }
  }

  private void row(String name, String value, Map<String, ?> patch, Map<String, ?> group) {
    Scenario scenario = ScenarioReader.patched(SCENARIO, registry, patch, group);
    List<Combination> two =
        scenario.combinations().stream().filter(one -> COMPARED.contains(one.name())).toList();
    List<Cell> cells =
        new Comparison(scenario, two)
            .run(
                seed -> SyntheticTrace.generate(scenario.synthetic(), seed),
                0,
                seeds,
                Runtime.getRuntime().availableProcessors(),
                (runs, of, run) -> {})
            .cells();
    StringBuilder line = new StringBuilder("| " + name + " | " + value + " |");
    for (Cell cell : cells) {
      line.append(
          String.format(
              Locale.ROOT,
              " %.1f %% | %,.0f ms |",
              100 * cell.mean(Row::answeredOfOffered),
              cell.mean(row -> row.latency().mean())));
    }
    out.println(line);
  }

  private static List<Change> changes() {
    List<Change> all = new ArrayList<>();
    all.add(traffic("rate-per-second", "6.5", 3.25, 13));
    all.add(traffic("burst-factor", "4", 2, 8));
    all.add(traffic("burst-seconds", "120", 60, 240));
    all.add(traffic("burstiness", "1.1", 1, 3));
    all.add(lengths("prompt-tokens", "1155/1020", 577, 510, 2310, 2040));
    all.add(lengths("output-tokens", "211/129", 105, 64, 422, 258));
    all.add(traffic("popular-share", "0.23", 0.01, 0.7));
    all.add(traffic("popular-prompts", "200", 100, 400));
    all.add(traffic("tenants", "5", 2, 20));
    all.add(document("callers.retries", "2", "callers", "retries", 0, 4));
    all.add(document("objective.patience", "30s", "objective", "patience", "15s", "60s"));
    all.add(server("slots", "8", 4, 16));
    all.add(server("queue-capacity", "8", 4, 256));
    all.add(server("prefill-tokens-per-second", "24,600", 12_300, 49_200));
    all.add(server("decode-step-millis", "6.2", 3.1, 12.4));
    all.add(server("decode-step-millis-per-request", "0.3", 0.15, 0.6));
    all.add(server("kv-tokens", "400,000", 200_000, 800_000));
    all.add(new Change("faults", List.of(new End("none", Map.of(), Map.of("faults", List.of())))));
    return all;
  }

  private static Change traffic(String key, String now, double low, double high) {
    return document("synthetic." + key, now, "synthetic", key, low, high);
  }

  private static Change document(
      String name, String now, String part, String key, Object low, Object high) {
    List<End> ends = new ArrayList<>();
    for (Object value : List.of(low, high)) {
      ends.add(new End(shown(value), Map.of(part, Map.of(key, plain(value))), Map.of()));
    }
    return new Change("`" + name + "` (" + now + ")", ends);
  }

  private static Change lengths(
      String key, String now, int lowMean, int lowMedian, int highMean, int highMedian) {
    List<End> ends = new ArrayList<>();
    for (int[] value : List.of(new int[] {lowMean, lowMedian}, new int[] {highMean, highMedian})) {
      Map<String, Integer> both = Map.of(key + "-mean", value[0], key + "-median", value[1]);
      ends.add(new End(value[0] + "/" + value[1], Map.of("synthetic", both), Map.of()));
    }
    return new Change("`synthetic." + key + "-mean`/`-median` (" + now + ")", ends);
  }

  private static Change server(String key, String now, double low, double high) {
    List<End> ends = new ArrayList<>();
    for (double value : List.of(low, high)) {
      ends.add(new End(shown(value), Map.of(), Map.of("server", Map.of(key, plain(value)))));
    }
    return new Change("`server." + key + "` (" + now + ")", ends);
  }

  /** A whole number without a point, which options of whole numbers want. */
  private static Object plain(Object value) {
    return value instanceof Double number && number == Math.rint(number)
        ? (Object) number.longValue()
        : value;
  }

  private static String shown(Object value) {
    return value instanceof Double number && number >= 1000
        ? String.format(Locale.ROOT, "%,.0f", number)
        : String.valueOf(plain(value));
  }
}
