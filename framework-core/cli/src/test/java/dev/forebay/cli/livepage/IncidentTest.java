package dev.forebay.cli.livepage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the page is told of a quarter of an hour in which a server dies under load. */
class IncidentTest {

  private static final JsonObject DATA = run();

  private static JsonObject run() {
    Vertx vertx = Vertx.vertx();
    try (Incident incident =
        Incident.serve(vertx).toCompletionStage().toCompletableFuture().join()) {
      return incident.data();
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  private static double sum(String figure) {
    int column = DATA.getJsonArray("figures").getList().indexOf(figure);
    return DATA.getJsonArray("rows").stream()
        .mapToDouble(row -> ((JsonArray) row).getDouble(column))
        .sum();
  }

  @Test
  void itTellsTheStoryAndTheSameOneAgain() {
    assertEquals(900, DATA.getJsonArray("rows").size());
    JsonObject state = DATA.getJsonObject("state");
    assertEquals("bad", state.getJsonObject("verdict").getString("level"));
    JsonObject worst =
        state.getJsonArray("pools").getJsonObject(0).getJsonArray("endpoints").getJsonObject(0);
    assertEquals("gpu-b", worst.getString("id"));
    assertTrue(worst.getString("since").startsWith("2026-11-30T02:11:0"), worst.encode());
    List<?> stages =
        state.getJsonArray("stages").stream()
            .map(stage -> ((JsonObject) stage).getString("name"))
            .toList();
    assertEquals(List.of("cache", "admit", "rate-limit", "retry"), stages);
    assertTrue(sum("answered") > 1000);
    assertTrue(sum("no_capacity") > 100);
    assertTrue(sum("cache_hits") > 100);
    assertEquals(DATA.encode(), run().encode());
  }

  @Test
  void itsRatesAddUpToWhatWasCounted() {
    JsonArray rows = DATA.getJsonArray("rows");
    JsonObject minute = DATA.getJsonObject("state").getJsonObject("minute");
    for (String ending : List.of("answered", "no_capacity", "over_limit", "timed_out")) {
      int column = DATA.getJsonArray("figures").getList().indexOf(ending);
      double sum = 0;
      for (int i = rows.size() - 60; i < rows.size(); i++) {
        sum += rows.getJsonArray(i).getDouble(column);
      }
      assertEquals(minute.getLong(ending).doubleValue(), sum, 0.5, ending);
    }
  }
}
