package dev.forebay.benchmarks;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The throughput of a gateway with the section {@code metrics}, scraped each second, beside that of
 * the same gateway without it, in turn. What a gateway counts by itself, it counts in both.
 */
final class MetricsLoad {

  private static final int HEAP_MEGABYTES = 512;
  private static final int WARM_UPS = 3;

  private MetricsLoad() {}

  /**
   * Compares.
   *
   * @param connections of the load, 1 to 1,024
   * @param rounds of each, at least 1
   * @param seconds of each round
   * @return the median over pairs of rounds of the throughput with metrics ÷ that without
   */
  static double run(boolean stream, int connections, int rounds, double seconds, PrintStream out) {
    if (connections < 1 || connections > 1024 || rounds < 1 || rounds * seconds > 600) {
      throw new IllegalArgumentException(
          "connections %d, rounds x seconds %.0f (expected: 1 to 1024, above 0 to 600)"
              .formatted(connections, rounds * seconds));
    }
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try (Child upstream = Child.start(HEAP_MEGABYTES, "upstream", "0");
        Child without = Child.start(HEAP_MEGABYTES, "gateway", "" + upstream.port());
        Child with = Child.start(HEAP_MEGABYTES, "metered", "" + upstream.port())) {
      Scraping scraping = Scraping.start(vertx, with.administrationPort());
      Load load = new Load(vertx, connections, out);
      List<Double> ratios = new ArrayList<>();
      for (int round = -WARM_UPS; round < rounds; round++) {
        String phase = round < 0 ? "warm-up " : "";
        double off = load.round(phase + "without", without, stream, seconds).perSecond();
        double on = load.round(phase + "with", with, stream, seconds).perSecond();
        if (round >= 0) {
          ratios.add(on / off);
        }
      }
      double median = Figures.median(ratios);
      out.printf(
          Locale.ROOT,
          "with / without metrics, median of %d pairs: throughput %.2f; %d scrapes%n",
          rounds,
          median,
          scraping.answered());
      return median;
    } finally {
      vertx.close().await();
    }
  }
}
