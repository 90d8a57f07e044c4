package dev.forebay.examples.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.core.stream.Streams;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.metrics.Exposition;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.RequestInfo;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Figures of runs in virtual time, beside what the load generator measured. */
class VirtualMetricsTest {

  private static final long SECOND = 1_000_000_000L;
  private static final Map<String, String> STREAMED = Map.of("form", "streamed");

  private final VirtualTimeline time = new VirtualTimeline();
  private final List<Double> latencies = new ArrayList<>();

  private Gateway gateway(String document) {
    return Gateway.of(Documents.read(document).blueprint(), new Host(time, 1)).start();
  }

  private static Scrape scrape(Gateway gateway) {
    return Scrape.of(Exposition.text(gateway.stateNow()));
  }

  private void ask(Gateway gateway, String model, String tenant) {
    long began = time.nanos();
    Call call = Call.root(time);
    Caller caller = new Caller("192.0.2.1", "key", tenant, "", "");
    RequestInfo info = RequestInfo.chat("r" + began, model, caller, began);
    Buffer body = Buffer.buffer("{\"model\":\"m\",\"messages\":[]}");
    gateway
        .serve(new InferenceRequest(info, body, call, Attempt.FIRST))
        .compose(head -> Streams.forEach(head.tokens(), chunk -> {}))
        .onComplete(
            read -> {
              if (read.succeeded()) {
                latencies.add((time.nanos() - began) / 1e9);
              }
              call.end();
            });
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void percentilesAreWithinFivePercentOfWhatTheLoadGeneratorMeasured(long seed) {
    Gateway gateway = gateway("backends: [{ plugin: simulated, server: { slots: 64 } }]");
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 2000; i++) {
      time.after((long) (random.nextDouble(200) * SECOND), () -> ask(gateway, "m", "t"));
    }
    time.runUntil(1000 * SECOND);
    double[] sorted = latencies.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    assertEquals(2000, sorted.length);
    Scrape scrape = scrape(gateway);
    for (double share : new double[] {0.5, 0.99}) {
      double measured = sorted[(int) Math.ceil(share * sorted.length) - 1];
      double told = scrape.quantile(share, "forebay_latency_seconds", STREAMED);
      assertEquals(measured, told, 0.05 * measured, "p" + share);
    }
    assertEquals(
        Arrays.stream(sorted).sum(), scrape.sum("forebay_latency_seconds_sum", STREAMED), 1e-6);
    gateway.close();
  }

  @Test
  void aFloodOfInventedNamesLeavesTheNumberOfSeriesUnchanged() {
    Gateway gateway = gateway("models: [m]\nbackends: [{ plugin: simulated }]");
    ask(gateway, "m", "t");
    ask(gateway, "invented", "nobody");
    time.runUntil(1000 * SECOND);
    int before = scrape(gateway).series();
    for (int i = 0; i < 100_000; i++) {
      ask(gateway, "invented-" + i, "nobody-" + i);
    }
    time.runUntil(2000 * SECOND);
    Scrape after = scrape(gateway);
    assertEquals(before, after.series());
    Map<String, String> other = Map.of("model", "other");
    assertEquals(100_001, after.sum("forebay_requests_total", other));
    assertEquals(100_001, after.sum("forebay_tenant_requests_total", Map.of("tenant", "other")));
    gateway.close();
  }

  @Test
  void ifAnyModelIsAnsweredTheFirstHundredAreToldApart() {
    Gateway gateway =
        gateway(
            "backends: [{ plugin: simulated, server: { slots: 1000, tokens-per-chunk: 100 } }]");
    flood(gateway, 0, 600);
    long before = scrape(gateway).seriesBesideBuckets();
    flood(gateway, 600, 1600);
    Scrape after = scrape(gateway);
    assertEquals(before, after.seriesBesideBuckets());
    assertEquals(1600, after.sum("forebay_requests_total"));
    assertEquals(1500, after.sum("forebay_requests_total", Map.of("model", "other")));
    assertEquals(1100, after.sum("forebay_tenant_requests_total", Map.of("tenant", "other")));
    gateway.close();
  }

  private void flood(Gateway gateway, int from, int to) {
    for (int i = from; i < to; i++) {
      ask(gateway, "model-" + i, "tenant-" + i);
    }
    time.runUntil(time.nanos() + 1000 * SECOND);
    assertEquals(0, gateway.open(), "all are over");
  }
}
