package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The comparison of caches, in a small size: the order of what they find, and what that spares. */
class PopularTest {

  @Test
  void moreRoomFindsMoreAndNoCacheFindsMoreThanOneWithoutABound() {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            Map.of(),
            "compare",
            "popular",
            "--limit",
            "6000",
            "--seeds",
            "1",
            "--format",
            "json");
    assertEquals(0, code, err.toString());
    Map<String, JsonObject> rows = new LinkedHashMap<>();
    new JsonObject(out.toString())
        .getJsonArray("rows")
        .forEach(row -> rows.put(((JsonObject) row).getString("combination"), (JsonObject) row));
    assertEquals(0, hits(rows, "none"));
    assertTrue(hits(rows, "lru") > 0.1, rows.toString());
    assertTrue(hits(rows, "tinylfu") > 0.1, rows.toString());
    assertTrue(hits(rows, "two-tier") > hits(rows, "lru"), rows.toString());
    assertTrue(hits(rows, "unbounded-cache") >= hits(rows, "two-tier"), rows.toString());
    assertTrue(row(rows, "unbounded-cache").getDouble("costSaved") > 0, rows.toString());
    assertTrue(
        row(rows, "unbounded-cache").getDouble("cost") < row(rows, "none").getDouble("cost"),
        rows.toString());
  }

  private static double hits(Map<String, JsonObject> rows, String combination) {
    return row(rows, combination).getDouble("cacheHitRate");
  }

  private static JsonObject row(Map<String, JsonObject> rows, String combination) {
    return Objects.requireNonNull(rows.get(combination), combination);
  }
}
