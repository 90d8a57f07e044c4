package dev.forebay.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.forebay.administration.AdministrationOptions;
import dev.forebay.balancing.roundrobin.RoundRobin;
import dev.forebay.core.stream.Streams;
import dev.forebay.edge.http.EdgeOptions;
import dev.forebay.gateway.Gateway;
import dev.forebay.metrics.Metrics;
import dev.forebay.server.GatewayServer;
import dev.forebay.simulation.ServerParameters;
import dev.forebay.simulation.Simulated;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How long a scrape of a large gateway takes, and how long its event loops keep others waiting
 * meanwhile: many endpoints, and requests of many tenants and 50 models.
 */
final class ScrapeCost {

  private static final String HOST = "127.0.0.1";
  private static final int MODELS = 50;
  private static final int MOST_WARM_UPS = 20;

  private ScrapeCost() {}

  /**
   * Measures.
   *
   * @param endpoints 1 to 10,000
   * @param tenants 1 to 500
   * @param scrapes that count, 1 to 100, after twice as many that do not, 20 at most
   * @return the median time of a scrape in milliseconds
   */
  static double run(int endpoints, int tenants, int scrapes, PrintStream out) throws Exception {
    Vertx vertx = Vertx.vertx();
    Vertx other = Vertx.vertx();
    try {
      GatewayServer server = server(vertx, endpoints);
      ask(server.gateway(), tenants);
      Scraping scraping = Scraping.of(other, server.administrationPort());
      LoopProbe probe = LoopProbe.watch(vertx);
      List<Double> millis = new ArrayList<>();
      List<Double> processor = new ArrayList<>();
      int bytes = 0;
      double delay = 0;
      double cpu = 0;
      for (int i = -Math.min(MOST_WARM_UPS, 2 * scrapes); i < scrapes; i++) {
        Thread.sleep(1050); // an answer holds for a second
        probe.reset();
        long before = cpuNanos();
        long began = System.nanoTime();
        bytes = scraping.once().await();
        if (i >= 0) {
          millis.add((System.nanoTime() - began) / 1e6);
          processor.add((cpuNanos() - before) / 1e6);
          delay = Math.max(delay, probe.delayMillis());
          cpu = Math.max(cpu, probe.cpuMillis());
        }
      }
      double median = Figures.median(millis);
      out.printf(
          Locale.ROOT,
          "%d endpoints, %d tenants, %d scrapes of %,d bytes: median %.1f ms, longest %.1f ms,"
              + " %.1f ms of processor time; event loops late by %.1f ms at most, busy for %.1f ms of processor time at most%n",
          endpoints,
          tenants,
          scrapes,
          bytes,
          median,
          millis.stream().mapToDouble(Double::doubleValue).max().orElse(0),
          Figures.median(processor),
          delay,
          cpu);
      server.close().await();
      return median;
    } finally {
      vertx.close().await();
      other.close().await();
    }
  }

  /** Of the whole process, the client of the scrape included. */
  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static GatewayServer server(Vertx vertx, int endpoints) {
    List<Plugin<Backend>> backends = new ArrayList<>();
    ServerParameters parameters = Options.defaults(ServerParameters.class);
    for (int i = 0; i < endpoints; i++) {
      backends.add(
          new Simulated("endpoint-" + i, null, List.of(), Duration.ZERO, parameters, List.of()));
    }
    Gateway gateway =
        Gateway.builder(vertx)
            .pipeline(p -> p.balance(new RoundRobin()).backends(backends))
            .section(Options.defaults(Metrics.class))
            .build();
    return GatewayServer.of(gateway)
        .options(EdgeOptions.DEFAULTS.at(HOST, 0))
        .administration(new AdministrationOptions(HOST, 0, List.of()))
        .listen(vertx)
        .await();
  }

  /** Five requests of each tenant, to their ends. */
  private static void ask(Gateway gateway, int tenants) {
    List<Future<Void>> all = new ArrayList<>();
    for (int i = 0; i < 5 * tenants; i++) {
      int number = i;
      Promise<Void> over = Promise.promise();
      all.add(over.future());
      gateway
          .timeline()
          .execute(
              () -> {
                Call call = Call.root(gateway.timeline());
                Caller caller = new Caller(HOST, "", "tenant-" + number % tenants, "", "");
                RequestInfo info =
                    RequestInfo.chat(
                        "r" + number,
                        "model-" + number % MODELS,
                        caller,
                        gateway.timeline().nanos());
                gateway
                    .serve(new InferenceRequest(info, Buffer.buffer("{}"), call, Attempt.FIRST))
                    .compose(head -> Streams.forEach(head.tokens(), chunk -> {}))
                    .onComplete(
                        read -> {
                          call.end();
                          over.complete();
                        });
              });
    }
    Future.all(all).await();
  }
}
