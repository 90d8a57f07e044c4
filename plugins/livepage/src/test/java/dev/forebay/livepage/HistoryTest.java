package dev.forebay.livepage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Status;
import dev.forebay.spi.metrics.Series;
import dev.forebay.spi.state.AdmissionState;
import io.vertx.core.json.JsonArray;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The ring of samples. */
class HistoryTest {

  private static History of(int samples) {
    History history = new History();
    for (int i = 0; i < samples; i++) {
      history.add(1000L * i, States.sample(States.gateway(2, 1)));
    }
    return history;
  }

  private static JsonArray rows(History history, long since) {
    return new JsonArray("[" + history.since(since) + "]");
  }

  private static long at(JsonArray rows, int index) {
    return rows.getJsonArray(index).getLong(0);
  }

  @Test
  void itKeepsTheLastQuarterOfAnHour() {
    History history = of(2000);
    JsonArray rows = rows(history, -1);
    assertEquals(History.MOST, rows.size());
    assertEquals(1_100_000, at(rows, 0));
    assertEquals(1_999_000, at(rows, History.MOST - 1));
    assertEquals(1999, history.last());
  }

  @Test
  void whoHasSomeGetsTheRest() {
    History history = of(10);
    assertEquals(0, rows(history, 9).size());
    assertEquals(2, rows(history, 7).size());
    assertEquals(8000, at(rows(history, 7), 0));
    assertEquals(10, rows(history, -1).size());
  }

  @Test
  void numbersOfAnEarlierStartGetAll() {
    assertEquals(10, rows(of(10), 500).size());
  }

  @Test
  void aRowHoldsRatesAndWhatIsNow() {
    SortedMap<Series, Long> counters = new TreeMap<>();
    counters.put(new Series("cache", "joins"), 10L);
    counters.put(new Series("cache", "hits"), 20L);
    counters.put(new Series("cache", "misses"), 40L);
    for (String other : List.of("stale", "failures", "lookup_timeouts")) {
      counters.put(new Series("cache", other), 0L);
    }
    counters.put(new Series("cache/lru", "hits"), 1000L); // the store of the same cache
    History history = new History();
    history.add(
        5,
        States.sample(
            States.gateway(
                States.endpoints(2, 1),
                Map.of(Status.OK, 50L, Status.REFUSED, 5L),
                Map.of("admit", new AdmissionState(8, 7, 6, 40, 600, 20)),
                counters)));
    List<String> names = Figure.names();
    JsonArray row = rows(history, -1).getJsonArray(0);
    assertEquals(names.size(), row.size());
    assertEquals(5, row.getValue(names.indexOf("answered")));
    assertEquals(0.5, row.getValue(names.indexOf("over_limit")));
    assertEquals(6, row.getValue(names.indexOf("queued")));
    assertEquals(8, row.getValue(names.indexOf("limit")));
    assertEquals(3, row.getValue(names.indexOf("cache_hits")));
    assertEquals(4, row.getValue(names.indexOf("cache_misses")));
    assertEquals(2, row.getValue(names.indexOf("up")));
    assertEquals(3, row.getValue(names.indexOf("endpoints")));
    assertTrue(row.getValue(names.indexOf("latency_p99")) == null, "nothing measures it");
  }
}
