package dev.forebay.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every benchmark runs, in a tiny size. Nothing is said here about speed: CI machines differ. */
@Timeout(120)
class BenchmarksTest {

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  @Test
  void virtualTimeAnswersEveryRequestOfTheWholeChain() throws Exception {
    run("throughput", "50", "2");
    assertTrue(said().contains("answered 50"), said());
    assertTrue(said().contains("median of the later half"), said());
  }

  @Test
  void aScrapeIsMeasured() throws Exception {
    run("scrape", "3", "2", "1");
    assertTrue(said().contains("3 endpoints, 2 tenants, 1 scrapes of"), said());
  }

  @Test
  void aGatewayWithMetricsIsMeasuredBesideOneWithout() throws Exception {
    run("metrics", "whole", "2", "1", "1");
    assertTrue(said().contains("with / without metrics, median of 1 pairs"), said());
  }

  @Test
  void twoRoundsAreTheSameRun() throws Exception {
    run("throughput", "50", "2");
    List<String> digests =
        said()
            .lines()
            .filter(line -> line.contains("digest "))
            .map(line -> line.substring(line.indexOf("digest ")))
            .toList();
    assertEquals(2, digests.size());
    assertEquals(digests.get(0), digests.get(1));
  }

  @Test
  void aRecordedTraceRuns(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("trace.csv"),
            """
            TIMESTAMP,ContextTokens,GeneratedTokens
            2023-11-16 18:15:46.6805900,374,44
            2023-11-16 18:15:50.9951690,396,109
            """);
    run("trace", "azure:" + file);
    assertTrue(said().contains("answered 2"), said());
    assertTrue(said().contains("153 events"), said());
  }

  @Test
  void falseHitsOfTheSemanticCacheAreCounted() throws Exception {
    run("semantic");
    assertTrue(said().contains("30 pairs of the same meaning, 30 of another"), said());
    assertTrue(said().contains("threshold 0.97"), said());
  }

  @Test
  void wholeAnswersPassTheGatewayAndTheBareProxy() throws Exception {
    run("load", "whole", "2", "1", "1", "1", "2");
    assertTrue(said().contains("gateway / bare, median of 1 pairs"), said());
    assertTrue(said().contains("gateway / bare, median of 2 starts"), said());
  }

  @Test
  void streamedAnswersPassTheGatewayAndTheBareProxy() throws Exception {
    run("load", "streamed", "2", "1", "1");
    assertTrue(said().contains("gateway / bare"), said());
  }

  @Test
  void hitsAndMissesAreCompared() throws Exception {
    run("cache", "whole", "2", "1", "1");
    assertTrue(said().contains("hits / misses"), said());
    assertTrue(said().contains("nginx"), said());
  }

  @Test
  void slowStreamsStayOpenTogetherAndEndWell() throws Exception {
    run("streams", "8", "64", "200");
    assertTrue(said().contains("8 open streams"), said());
  }

  @Test
  void aSoakEndsWithFiguresAndNoFailures() throws Exception {
    assertEquals(
        0,
        Soak.run(20, 5, "gateway", new PrintStream(written, true, StandardCharsets.UTF_8))
            .failed());
    assertTrue(said().contains("20 streams at 10 tokens/s for 5 s, 2 of them"), said());
    assertTrue(said().contains("added p99"), said());
  }

  @Test
  void anUpstreamHearsOfCallersWhoLeave() throws Exception {
    run("leave", "5");
    assertTrue(said().contains("5 callers left"), said());
    Matcher median = Pattern.compile("after ([0-9.]+) ms \\(median\\)").matcher(said());
    assertTrue(median.find(), said());
    assertTrue(Double.parseDouble(median.group(1)) < 100, said());
  }

  @Test
  void manyKeysAreHeldAndAFloodTakesNothingFromOthers() throws Exception {
    run("keys", "2000", "200000");
    assertTrue(said().contains("2,000 live keys hold "), said());
    assertTrue(said().contains("each; 2,000 have what they had"), said());
    assertTrue(said().contains("1,000 of 1,000 honest keys have what they had"), said());
  }

  @Test
  void aBacklogOfJobsIsWorkedOffAndClaimed() throws Exception {
    run("jobs", "2000");
    assertTrue(said().contains("worker: 2,000 of 2,000 jobs answered, heap "), said());
    assertTrue(said().contains("store: 2,000 jobs wait, a claim and its release take "), said());
  }

  @Test
  void theMicrobenchmarksAreThere() throws Exception {
    String list =
        new org.openjdk.jmh.runner.Runner(
                new org.openjdk.jmh.runner.options.OptionsBuilder()
                    .include("ChunkCost.all")
                    .forks(0)
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementTime(org.openjdk.jmh.runner.options.TimeValue.milliseconds(20))
                    .build())
            .run()
            .toString();
    assertTrue(list.contains("Result"), list);
  }

  @Test
  void everyBalancerChoosesAmongLoadedEndpoints() throws Exception {
    int rows =
        new org.openjdk.jmh.runner.Runner(
                new org.openjdk.jmh.runner.options.OptionsBuilder()
                    .include("ChoiceCost")
                    .forks(0)
                    .shouldFailOnError(true)
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementTime(org.openjdk.jmh.runner.options.TimeValue.milliseconds(10))
                    .build())
            .run()
            .size();
    assertEquals(14, rows, "eleven balancers, three of them in two ways");
  }

  @Test
  void wrongArgumentsAreNamed() {
    assertTrue(wrong("no-such").contains("benchmark: no-such"));
    assertTrue(wrong("load", "maybe").contains("maybe (expected: whole or streamed)"));
    assertTrue(
        wrong("load", "whole", "2", "1", "1", "1", "0").contains("starts: 0 (expected: 1 to"));
    assertTrue(wrong("throughput", "0").contains("requests: 0 (expected: 1 to"));
    assertTrue(wrong("throughput", "x").contains("x (expected: a whole number)"));
  }

  private String wrong(String... arguments) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> run(arguments)).getMessage());
  }

  private void run(String... arguments) throws Exception {
    Benchmarks.run(arguments, new PrintStream(written, true, StandardCharsets.UTF_8));
  }

  private String said() {
    return written.toString(StandardCharsets.UTF_8);
  }
}
