package dev.forebay.livepage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.spi.metrics.Series;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What sections tell of themselves; that real ones are found is a test of the page in a browser.
 */
class SectionFiguresTest {

  private final Map<Series, Double> gauges = new TreeMap<>();

  private void gauge(String part, String name, Map<String, String> labels, double value) {
    gauges.put(new Series(part, name, labels), value);
  }

  @Test
  void jobsAndEachPoolOfTheAutoscalerAreShownWithTheirGauges() {
    gauge("jobs", "oldest_due_seconds", Map.of(), 2.5);
    gauge("jobs", "kept", Map.of("state", "queued"), 7);
    gauge("scaling", "wanted_replicas", Map.of("pool", "small"), 3);
    gauge("scaling", "wanted_replicas", Map.of("pool", "large"), Double.NaN);
    gauge("balance", "in_flight", Map.of("pool", "large"), 1);
    gauge("memory", "held_bytes", Map.of(), 1);

    JsonArray sections = SectionFigures.of(gauges);

    assertEquals(
        new JsonArray()
            .add(section("jobs", "jobs", "kept_queued", 7.0, "oldest_due_seconds", 2.5))
            .add(section("scaling: large", "scaling", "wanted_replicas", null))
            .add(section("scaling: small", "scaling", "wanted_replicas", 3.0)),
        sections);
  }

  private static JsonObject section(String name, String kind, @Nullable Object... figures) {
    JsonObject shown = new JsonObject();
    for (int i = 0; i < figures.length; i += 2) {
      shown.put(String.valueOf(figures[i]), figures[i + 1]);
    }
    return new JsonObject().put("name", name).put("kind", kind).put("gauges", shown);
  }

  @Test
  void whatIsShownHasABound() {
    for (int i = 0; i < 1000; i++) {
      gauge("scaling", "wanted_replicas", Map.of("pool", "p" + i), 1);
    }
    assertEquals(50, SectionFigures.of(gauges).size());
  }
}
