package dev.forebay.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Distribution;
import dev.forebay.spi.metrics.Series;
import dev.forebay.spi.metrics.Snapshot;
import dev.forebay.spi.state.GatewayState;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpositionTest {

  private static final String PROTOBUF =
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

  private static final long MILLI = 1_000_000;

  /** Four bounds of each of 21 groups, of which the last is infinite. */
  private static final int ALWAYS = 84;

  private static final Pattern BUCKET =
      Pattern.compile("t_seconds_bucket\\{le=\"([^\"]+)\"} (\\d+)");

  private final Map<Series, Long> counters = new TreeMap<>();
  private final Map<Series, Double> gauges = new TreeMap<>();

  private String text() {
    Snapshot snapshot =
        new Snapshot(new TreeMap<>(counters), new TreeMap<>(gauges), new TreeMap<>());
    return Exposition.text(new GatewayState(0, true, Map.of(), Map.of(), Map.of(), snapshot));
  }

  private void has(String line) {
    assertTrue(text().contains("\n" + line + "\n"), text());
  }

  @Test
  void figuresThatUsersRelyOnHaveNamesOfTheirOwn() {
    counters.put(new Series("chat/admit-2", "shed"), 3L);
    gauges.put(new Series("chat/admit-2", "queue_length"), 4.0);
    counters.put(new Series("gateway", "nanodollars", Map.of("model", "m")), 1_500_000_000L);
    has("forebay_queue_drops_total{part=\"chat/admit-2\",reason=\"shed\"} 3.0");
    has("forebay_queue_length{part=\"chat/admit-2\"} 4.0");
    has("forebay_cost_dollars_total{model=\"m\"} 1.5");
    gauges.put(new Series("chat/admit", "waiting", Map.of("class", "vip")), 2.0);
    counters.put(new Series("chat/admit", "dropped", Map.of("reason", "queue_full")), 6L);
    counters.put(new Series("dead-letters", "letters", Map.of("reason", "deadline")), 7L);
    counters.put(new Series("dead-letters-2", "lost"), 8L);
    has("forebay_queue_waiting{class=\"vip\",part=\"chat/admit\"} 2.0");
    has("forebay_queue_dropped_total{part=\"chat/admit\",reason=\"queue_full\"} 6.0");
    has("forebay_dead_letters_total{part=\"dead-letters\",reason=\"deadline\"} 7.0");
    has("forebay_dead_letters_lost_total{part=\"dead-letters-2\"} 8.0");
  }

  @Test
  void allOthersHaveThatOfTheirPlugin() {
    counters.put(new Series("cache/my-store", "lost", Map.of("le", "x")), 5L);
    has("forebay_my_store_lost_total{own_le=\"x\",part=\"cache/my-store\"} 5.0");
  }

  @Test
  void whatTheEdgeRefusedIsAmongTheRequestsAndErrors() {
    counters.put(new Series("http", "refusals", labels("400", "a")), 1L);
    counters.put(new Series("http", "refusals", labels("400", "b")), 2L);
    has("forebay_requests_total{code=\"400\",model=\"none\"} 3.0");
    has("forebay_errors_total{reason=\"b\",status=\"refused_by_edge\"} 2.0");
  }

  private static Map<String, String> labels(String code, String reason) {
    Map<String, String> labels = new TreeMap<>();
    labels.put("code", code);
    labels.put("reason", reason);
    return labels;
  }

  @Test
  void aGaugeWithoutAFigureIsLeftOut() {
    gauges.put(new Series("admit", "queue_length"), Double.NaN);
    assertFalse(text().contains("queue_length"), text());
  }

  @Test
  void doublingsThatWereUsedHaveAllBoundsAndWhatIsBeyondIsInfinite() {
    long[] counts = new long[Buckets.FINE_SECONDS.size()];
    counts[Buckets.FINE_SECONDS.index(100 * MILLI)] = 2;
    counts[counts.length - 1] = 1;
    String text = written(counts, "text/plain", false);
    assertEquals(ALWAYS + 32 - 4, bounds(text).size(), text);
    assertTrue(text.contains("t_seconds_bucket{le=\"0.1008\"} 2\n"), text);
    assertTrue(text.contains("t_seconds_bucket{le=\"0.0992\"} 0\n"), text);
    assertTrue(text.contains("t_seconds_bucket{le=\"838.8608\"} 2\n"), text);
    assertTrue(text.contains("t_seconds_bucket{le=\"+Inf\"} 3\n"), text);
    assertTrue(text.contains("t_seconds_count 3\n"), text);
  }

  @Test
  void aHistogramWithoutFiguresHasFourBoundsOfEachDoubling() {
    String text = written(new long[Buckets.FINE_SECONDS.size()], "text/plain", false);
    assertTrue(text.contains("t_seconds_bucket{le=\"+Inf\"} 0\n"), text);
    assertEquals(ALWAYS, bounds(text).size(), text);
  }

  /** A rate of the bounds that were there tells a new time within a quarter of its doubling. */
  @Test
  void aTimeThatIsNewIsSeenToGrowInBoundsThatWereThereBefore() {
    long[] counts = new long[Buckets.FINE_SECONDS.size()];
    counts[Buckets.FINE_SECONDS.index(100 * MILLI)] = 50;
    Map<Double, Long> before = bounds(written(counts, "text/plain", false));
    counts[Buckets.FINE_SECONDS.index(9000 * MILLI)] = 4;
    Map<Double, Long> after = bounds(written(counts, "text/plain", false));
    double grew =
        before.entrySet().stream()
            .filter(bound -> after.getOrDefault(bound.getKey(), 0L) == bound.getValue() + 4)
            .mapToDouble(Map.Entry::getKey)
            .min()
            .orElseThrow();
    assertEquals(9.8304, grew);
    assertTrue(after.keySet().containsAll(before.keySet()), "none goes away");
  }

  private static SortedMap<Double, Long> bounds(String text) {
    SortedMap<Double, Long> bounds = new TreeMap<>();
    Matcher found = BUCKET.matcher(text);
    while (found.find()) {
      double end =
          found.group(1).equals("+Inf") ? Double.MAX_VALUE : Double.parseDouble(found.group(1));
      bounds.put(end, Long.parseLong(found.group(2)));
    }
    return bounds;
  }

  @Test
  void nativeBucketsAreWrittenInProtobufOnly() {
    long[] counts = new long[Buckets.FINE_SECONDS.size()];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 1000; i++) {
      counts[Buckets.FINE_SECONDS.index((long) Math.pow(10, random.nextDouble(5, 12)))]++;
    }
    String protobuf =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
    assertTrue(
        written(counts, protobuf, true).length() > written(counts, protobuf, false).length());
    assertEquals(written(counts, "text/plain", true), written(counts, "text/plain", false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | text/plain",
        "*/* | text/plain",
        "application/openmetrics-text;q=0.1,text/plain;q=0.9 | text/plain",
        "application/openmetrics-text; Q=0.9 ; x=y, text/plain; q=0.1 | application/openmetrics",
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.4,*/*;q=0.1"
            + " | application/openmetrics",
        "text/plain;q=0.5,application/openmetrics-text | application/openmetrics",
        "application/openmetrics-text;q=0 | text/plain",
        "image/png,application/openmetrics-text;q=0.2 | application/openmetrics",
        PROTOBUF + ";q=0.6,application/openmetrics-text;q=0.5 | application/vnd.google.protobuf",
        PROTOBUF + ";q=0.3,application/openmetrics-text;q=0.5 | application/openmetrics",
        PROTOBUF + ",application/openmetrics-text,*/* | application/vnd.google.protobuf"
      })
  void theFormatIsTheOneOfTheGreatestWeight(String accept, String type) {
    String written = Exposition.writer(accept).getContentType();
    assertTrue(written.startsWith(type), accept + ": " + written);
  }

  private static String written(long[] counts, String accept, boolean nativeHistograms) {
    Family.Builder families = new Family.Builder();
    families.histogram(
        "t_seconds", "Times.", Map.of(), new Distribution(Buckets.FINE_SECONDS, counts, 0));
    ExpositionFormatWriter writer = Exposition.writer(accept);
    return new String(
        Exposition.write(writer, families.families(), nativeHistograms),
        StandardCharsets.ISO_8859_1);
  }
}
