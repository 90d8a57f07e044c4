package dev.forebay.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.forebay.core.metrics.MetricsRegistry;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RequestMetricsTest {

  private static final long MILLI = 1_000_000;

  private final MetricsRegistry registry = new MetricsRegistry();
  private final RequestMetrics metrics = new RequestMetrics(registry);

  private void over(String model, Outcome outcome) {
    RequestInfo info = RequestInfo.chat("r", model, Caller.at("192.0.2.1"), 0);
    metrics.over(info, outcome, 1000 * MILLI, outcome.timings().endedNanos());
  }

  private static Outcome answered(Usage usage) {
    return Outcome.ok(usage, new Timings(1100 * MILLI, 1200 * MILLI, 2200 * MILLI));
  }

  private static Outcome failed(Status status, int http) {
    return Outcome.failed(Failure.of(status, http, "why", "why"), 1000 * MILLI, 1001 * MILLI);
  }

  private Map<String, Long> counters() {
    Map<String, Long> counters = new TreeMap<>();
    registry.counters().forEach((series, count) -> counters.put(series.toString(), count));
    return counters;
  }

  private double sum(String histogram) {
    return registry.histograms().entrySet().stream()
        .filter(each -> each.getKey().toString().equals("gateway." + histogram))
        .mapToDouble(each -> each.getValue().sum())
        .sum();
  }

  @Test
  void kindsOfTokensDoNotOverlap() {
    over("m", answered(new Usage(100, 60, 30, 10)));
    Map<String, Long> counters = counters();
    assertEquals(40, counters.get("gateway.tokens{model=m,kind=prompt}"));
    assertEquals(60, counters.get("gateway.tokens{model=m,kind=cached}"));
    assertEquals(20, counters.get("gateway.tokens{model=m,kind=completion}"));
    assertEquals(10, counters.get("gateway.tokens{model=m,kind=reasoning}"));
    assertEquals(10, counters.get("gateway.tenant_tokens{tenant=default,kind=reasoning}"));
  }

  @Test
  void tokensThatACacheGivesAgainAreCountedApartAndSayNothingOfThePace() {
    over("m", answered(new Usage(100, 0, 11, 0).asReplay()));
    assertEquals(11, counters().get("gateway.replayed_tokens{kind=completion}"));
    assertFalse(counters().containsKey("gateway.tokens{model=m,kind=completion}"));
    assertEquals(0, sum("output_token_seconds{form=streamed}"));
  }

  @Test
  void timesCountFromWhenTheRequestCameAndTokensFromTheFirstContent() {
    over("m", answered(new Usage(100, 0, 11, 0)));
    assertEquals(1.2, sum("latency_seconds{form=streamed}"), 1e-9);
    assertEquals(0.2, sum("first_content_seconds{form=streamed}"), 1e-9);
    assertEquals(0.1, sum("output_token_seconds{form=streamed}"), 1e-9);
  }

  @Test
  void theCodeIsWhatTheCallerGets() {
    over("m", answered(Usage.NONE));
    over("m", failed(Status.THROTTLED, 429));
    over("m", failed(Status.REFUSED, 429));
    assertEquals(1, counters().get("gateway.requests{model=m,code=503}"));
    assertEquals(1, counters().get("gateway.requests{model=m,code=429}"));
    assertEquals(1, counters().get("gateway.errors{reason=why,status=refused}"));
  }

  @Test
  void aNameHasSeriesIfTheConfigurationHasItOrItWasAnswered() {
    metrics.expectModels(List.of("named"));
    over("named", failed(Status.SATURATED, 503));
    over("mistyped", failed(Status.MODEL_MISSING, 404));
    over("answered", answered(Usage.NONE));
    Map<String, Long> counters = counters();
    assertEquals(1, counters.get("gateway.requests{model=named,code=503}"));
    assertEquals(0, counters.get("gateway.requests{model=named,code=200}"));
    assertEquals(1, counters.get("gateway.requests{model=other,code=404}"));
    assertEquals(1, counters.get("gateway.requests{model=answered,code=200}"));
    assertFalse(counters.containsKey("gateway.requests{model=mistyped,code=404}"));
  }

  @Test
  void namesBeyondTheBoundAreOthersAlsoIfTheyAreAnswered() {
    over("mistyped", failed(Status.MODEL_MISSING, 404));
    for (int i = 0; i < 150; i++) {
      over("m" + i, answered(Usage.NONE));
    }
    Map<String, Long> counters = counters();
    assertEquals(1, counters.get("gateway.requests{model=m99,code=200}"));
    assertEquals(50, counters.get("gateway.requests{model=other,code=200}"));
    over("m200", failed(Status.SATURATED, 503));
    over("m99", failed(Status.SATURATED, 503));
    over("m99", failed(Status.SATURATED, 503));
    counters = counters();
    assertEquals(1, counters.get("gateway.requests{model=other,code=503}"));
    assertEquals(2, counters.get("gateway.requests{model=m99,code=503}"));
    assertFalse(counters.containsKey("metrics.other_values{metric=gateway.requests}"));
  }
}
