package dev.forebay.benchmarks;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The throughput of answers from the local cache beside that of the same gateway's misses, and
 * beside nginx, where it is installed, which proxies a miss to the same upstream. Rounds alternate.
 */
final class CacheLoad {

  private static final int HEAP_MEGABYTES = 512;
  private static final int MAX_SECONDS = 600;

  private CacheLoad() {}

  /**
   * Compares.
   *
   * @param connections of the load
   * @param rounds of each, at least 1
   * @param seconds of each round
   * @return the throughput of hits over that of misses, the median over pairs of rounds
   */
  static double run(boolean stream, int connections, int rounds, double seconds, PrintStream out)
      throws Exception {
    if (connections < 1 || rounds < 1 || !(seconds > 0) || rounds * seconds > MAX_SECONDS) {
      throw new IllegalArgumentException(
          "connections, rounds, seconds: "
              + connections
              + ", "
              + rounds
              + ", "
              + seconds
              + " (expected: above 0, rounds x seconds to "
              + MAX_SECONDS
              + ")");
    }
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try (Child upstream = Child.start(HEAP_MEGABYTES, "upstream", "0");
        Child gateway = Child.start(HEAP_MEGABYTES, "gateway", "" + upstream.port())) {
      Optional<Nginx> nginx = Nginx.start(upstream.port());
      try {
        return new Rounds(new Load(vertx, connections, out), gateway, nginx, stream, seconds)
            .compare(rounds, out);
      } finally {
        nginx.ifPresent(Nginx::close);
      }
    } finally {
      vertx.close().await();
    }
  }

  private static final class Rounds {
    private final Load load;
    private final Child gateway;
    private final Optional<Nginx> nginx;
    private final boolean stream;
    private final double seconds;
    private long asked;

    Rounds(Load load, Child gateway, Optional<Nginx> nginx, boolean stream, double seconds) {
      this.load = load;
      this.gateway = gateway;
      this.nginx = nginx;
      this.stream = stream;
      this.seconds = seconds;
    }

    double compare(int rounds, PrintStream out) {
      gateway("warm-up misses", this::another);
      gateway("warm-up hits", () -> -1);
      List<Double> misses = new ArrayList<>();
      List<Double> proxied = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        double miss = gateway("misses", this::another).perSecond();
        double hit = gateway("hits", () -> -1).perSecond();
        misses.add(hit / miss);
        nginx.ifPresent(
            proxy ->
                proxied.add(
                    hit
                        / load.round(
                                "nginx, proxying",
                                proxy.port(),
                                proxy::cpuSeconds,
                                stream,
                                this::another,
                                seconds)
                            .perSecond()));
      }
      double ratio = Figures.median(misses);
      out.printf(Locale.ROOT, "hits / misses, median of %d pairs: %.2f%n", rounds, ratio);
      if (proxied.isEmpty()) {
        out.println("hits / nginx: nginx is not installed");
      } else {
        out.printf(
            Locale.ROOT,
            "hits / nginx proxying a miss, median of %d pairs: %.2f%n",
            rounds,
            Figures.median(proxied));
      }
      return ratio;
    }

    private long another() {
      return asked++;
    }

    private Load.Figure gateway(String name, LongSupplier question) {
      return load.round(name, gateway.port(), gateway::cpuSeconds, stream, question, seconds);
    }
  }
}
