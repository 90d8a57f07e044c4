package dev.forebay.replay.live;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The constants of a simulated server that behaves as a real one did, estimated from what became of
 * each request of a live run.
 *
 * <p>The time of a step is a line over the requests that decode in it: each gap between contents is
 * one step. Those at whose end another request has its first content do not count, and of the
 * others the half-sample mode at each number of requests (Bickel and Frühwirth 2006) does: both
 * leave out the steps in which a prompt was computed. Prefill is the slope of the time to the first
 * content over the length of the prompt, as the median of the slopes of all pairs (Theil 1950, Sen
 * 1968), so that waiting for a step to end, which does not depend on the length, falls out.
 * Requests that were sent while as many as ever decoded may have waited for a slot and do not count
 * there.
 *
 * @param servers how many answered
 * @param stepMillis time of a step without requests, in milliseconds, at least 0
 * @param stepMillisPerRequest what each request adds, in milliseconds, at least 0
 * @param prefillTokensPerSecond 0 if it cannot be told
 * @param slots requests that decoded at once at most
 * @param steps gaps that were measured
 * @param prompts times to the first content that were measured
 */
public record Calibration(
    int servers,
    double stepMillis,
    double stepMillisPerRequest,
    double prefillTokensPerSecond,
    int slots,
    int steps,
    int prompts) {

  /** Gaps at a number of requests that say something of it. */
  private static final int LEAST_GAPS = 10;

  /** Prompts that are compared in pairs at most. */
  private static final int MOST_PROMPTS = 1_000;

  /** Answers that say something together. */
  private static final int LEAST_ANSWERS = 20;

  private static final double NANOS_PER_MILLI = 1e6;

  /** One answer, with times in nanoseconds. */
  private record Answer(
      int prompt, long sent, long first, long end, List<Long> gaps, int perContent) {}

  /**
   * Estimates them.
   *
   * @param lines what {@code compare --mode live --keep} wrote
   * @throws IllegalArgumentException if there are too few streamed answers of servers
   */
  public static Calibration of(List<JsonObject> lines) {
    SortedMap<String, List<Answer>> byServer = new TreeMap<>();
    for (JsonObject line : lines) {
      if (isComputed(line)) {
        byServer
            .computeIfAbsent(line.getString("backend", ""), absent -> new ArrayList<>())
            .add(answer(line));
      }
    }
    int answers = byServer.values().stream().mapToInt(List::size).sum();
    if (answers < LEAST_ANSWERS) {
      throw new IllegalArgumentException(
          "streamed answers that a server computed: "
              + answers
              + " (expected: at least "
              + LEAST_ANSWERS
              + ")");
    }
    SortedMap<Integer, List<Double>> steps = new TreeMap<>();
    List<double[]> prompts = new ArrayList<>();
    int slots = 0;
    for (List<Answer> own : byServer.values()) {
      slots = Math.max(slots, measure(own, steps, prompts));
    }
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("steps without a prompt: 0 (expected: a lower load)");
    }
    double[] step = line(steps);
    return new Calibration(
        byServer.size(),
        step[0],
        step[1],
        prefill(prompts),
        slots,
        steps.values().stream().mapToInt(List::size).sum(),
        prompts.size());
  }

  private static boolean isComputed(JsonObject line) {
    String cache = line.getString("cache", "miss");
    return "answered".equals(line.getString("how"))
        && line.getInteger("tries") == 0
        && (cache.equals("miss") || cache.equals("bypass"))
        && line.getJsonArray("gapsMicros").size() > 0;
  }

  private static Answer answer(JsonObject line) {
    JsonArray told = line.getJsonArray("gapsMicros");
    List<Long> gaps = new ArrayList<>();
    for (int i = 0; i < told.size(); i++) {
      gaps.add(told.getLong(i) * 1000);
    }
    int perContent = Math.max(1, Math.round((float) line.getInteger("tokens") / (gaps.size() + 1)));
    return new Answer(
        line.getInteger("promptTokens"),
        line.getLong("sent"),
        line.getLong("first"),
        line.getLong("end"),
        gaps,
        perContent);
  }

  /** Adds what answers of one server say; how many it gave at once. */
  private static int measure(
      List<Answer> own, SortedMap<Integer, List<Double>> steps, List<double[]> prompts) {
    long[] begins = own.stream().mapToLong(Answer::first).sorted().toArray();
    long[] ends = own.stream().mapToLong(Answer::end).sorted().toArray();
    int most = 0;
    for (Answer answer : own) {
      long at = answer.first;
      for (long gap : answer.gaps) {
        int requests = Math.max(1, decoding(begins, ends, at + gap / 2));
        most = Math.max(most, requests);
        if (notAfter(begins, at + gap / 2) == notAfter(begins, at + gap + gap / 4)) {
          steps
              .computeIfAbsent(requests, absent -> new ArrayList<>())
              .add(gap / NANOS_PER_MILLI / answer.perContent);
        }
        at += gap;
      }
    }
    for (Answer answer : own) {
      if (decoding(begins, ends, answer.sent) < most) {
        prompts.add(new double[] {answer.prompt, answer.first - answer.sent});
      }
    }
    return most;
  }

  private static int decoding(long[] begins, long[] ends, long at) {
    return notAfter(begins, at) - notAfter(ends, at);
  }

  private static int notAfter(long[] sorted, long at) {
    int found = Arrays.binarySearch(sorted, at + 1);
    int place = found < 0 ? -found - 1 : found;
    while (place > 0 && sorted[place - 1] > at) {
      place--;
    }
    return place;
  }

  /** Least squares through the modes, each weighted by its gaps: its value at 0, and its slope. */
  private static double[] line(SortedMap<Integer, List<Double>> steps) {
    double weights = 0;
    double x = 0;
    double y = 0;
    double xx = 0;
    double xy = 0;
    int least =
        steps.values().stream().anyMatch(gaps -> gaps.size() >= LEAST_GAPS) ? LEAST_GAPS : 1;
    for (Map.Entry<Integer, List<Double>> each : steps.entrySet()) {
      double weight = each.getValue().size();
      if (weight >= least) {
        double at = each.getKey();
        double mode = mode(each.getValue());
        weights += weight;
        x += weight * at;
        y += weight * mode;
        xx += weight * at * at;
        xy += weight * at * mode;
      }
    }
    double spread = weights * xx - x * x;
    double slope = spread <= 0 ? 0 : Math.max(0, (weights * xy - x * y) / spread);
    return new double[] {Math.max(0, (y - slope * x) / weights), slope};
  }

  private static double prefill(List<double[]> prompts) {
    int count = Math.min(MOST_PROMPTS, prompts.size());
    List<Double> slopes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < i; j++) {
        double tokens = prompts.get(i)[0] - prompts.get(j)[0];
        if (tokens != 0) {
          slopes.add((prompts.get(i)[1] - prompts.get(j)[1]) / tokens);
        }
      }
    }
    double slope = slopes.isEmpty() ? 0 : median(slopes);
    return slope <= 0 ? 0 : 1e9 / slope;
  }

  /** The place at which values are densest: the densest half of the densest half, and so on. */
  private static double mode(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int from = 0;
    int count = sorted.length;
    while (count > 2) {
      int half = (count + 1) / 2;
      int densest = from;
      for (int i = from; i + half <= from + count; i++) {
        if (sorted[i + half - 1] - sorted[i] < sorted[densest + half - 1] - sorted[densest]) {
          densest = i;
        }
      }
      from = densest;
      count = half;
    }
    return (sorted[from] + sorted[from + count - 1]) / 2;
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** A fragment of a scenario: the fleet, with a comment of what it rests on. */
  public String fragment() {
    String prefill =
        prefillTokensPerSecond == 0
            ? ""
            : String.format(
                Locale.ROOT, "prefill-tokens-per-second: %.0f, ", prefillTokensPerSecond);
    return String.format(
        Locale.ROOT,
        """
        # Estimated from %d steps and %d times to the first content. slots: as many as were seen to
        # run at once, which is all there are if requests waited.
        fleet:
          - id: node
            count: %d
            server: { slots: %d, decode-step-millis: %.3f, decode-step-millis-per-request: %.3f, %s\
        effects: { overlap: 0, quadratic-tokens: 0, decode-nanos-per-context-token: 0, decode-in-budget: false } }
        """,
        steps,
        prompts,
        servers,
        slots,
        stepMillis,
        stepMillisPerRequest,
        prefill);
  }
}
