package dev.forebay.cli.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a report, as it is written. */
class ReportPageTest {

  private static final Pattern OPTIONS =
      Pattern.compile("<script type=\"application/json\" id=\"options\">(.*?)</script>");

  @TempDir private static Path folder;
  private static String html = "";
  private static JsonObject report = new JsonObject();
  private static JsonObject options = new JsonObject();

  @BeforeAll
  static void compare() throws Exception {
    Compared compared = Compared.in(folder);
    html = compared.html();
    report = new JsonObject(Files.readString(compared.page().resolveSibling("report.json")));
    options = options(html);
  }

  private static JsonObject options(String html) {
    Matcher found = OPTIONS.matcher(html);
    assertTrue(found.find());
    return new JsonObject(found.group(1));
  }

  @Test
  void wordsComeFirstThenTheTableThenCharts() throws Exception {
    List<String> order =
        List.of(
            "<h1>Scenario small</h1>",
            "Two servers &amp; &lt;too little&gt; room.",
            "<h2>The verdict</h2>",
            " answers ",
            "<h2>The figures</h2>",
            "<td class=\"best\">",
            "id=\"answered\"",
            "id=\"latency\"",
            "id=\"over-time-arrivals\"",
            "id=\"cost-answered\"",
            "id=\"tenants\"",
            "<h2>What each strategy is worth</h2>",
            "<h2>How to repeat it</h2>",
            "./forebay compare " + folder.resolve("small.yaml") + " --seeds 2 --out ");
    int at = 0;
    for (String part : order) {
      int next = html.indexOf(part, at);
      assertTrue(next >= 0, part);
      at = next;
    }
    assertFalse(html.contains("<too little>"));
    assertTrue(Files.size(folder.resolve("out/index.html")) < 2_000_000);
  }

  @Test
  void everyChartHasItsFiguresInATable() throws Exception {
    for (String id : options.fieldNames()) {
      int chart = html.indexOf("id=\"" + id + "\"");
      assertTrue(chart > 0, id);
      String behind = html.substring(chart, html.indexOf("</figure>", chart));
      assertTrue(behind.contains("<td>"), id);
      assertTrue(behind.contains("<th scope=\"row\">"), id);
    }
  }

  @Test
  void chartsShowTheFiguresOfTheReport() throws Exception {
    JsonObject answered = options.getJsonObject("answered");
    JsonArray names = answered.getJsonObject("yAxis").getJsonArray("data");
    JsonArray dots = answered.getJsonArray("series").getJsonObject(0).getJsonArray("data");
    assertEquals(names.size(), dots.size());
    for (int i = 0; i < names.size(); i++) {
      double expected = 100 * mean(names.getString(i));
      assertEquals(expected, dots.getJsonObject(i).getJsonArray("value").getDouble(0), 0.01);
    }
    JsonObject arrivals = options.getJsonObject("over-time-arrivals");
    JsonArray steps = arrivals.getJsonArray("series").getJsonObject(0).getJsonArray("data");
    double sum = 0;
    for (int i = 0; i < steps.size(); i++) {
      sum += steps.getJsonArray(i).getDouble(1);
    }
    assertEquals(requests(), sum, requests() * 0.001); // a step is a second here
    JsonArray spread = rows().getJsonObject(0).getJsonArray("latencySpread");
    long counted = 0;
    for (int i = 0; i < spread.size(); i++) {
      counted += spread.getJsonArray(i).getLong(1);
    }
    assertEquals(rows().getJsonObject(0).getLong("ok"), counted);
  }

  private static JsonArray rows() {
    return report.getJsonArray("rows");
  }

  private static double mean(String combination) {
    return rows().stream()
        .map(JsonObject.class::cast)
        .filter(row -> row.getString("combination").equals(combination))
        .mapToDouble(row -> row.getDouble("answeredOfOffered"))
        .average()
        .orElseThrow();
  }

  private static double requests() {
    return rows().stream()
        .map(JsonObject.class::cast)
        .filter(row -> row.getString("combination").equals("baseline"))
        .mapToLong(row -> row.getLong("requests"))
        .average()
        .orElseThrow();
  }

  @Test
  void anAblationShowsWhatEachStrategyIsWorth() throws Exception {
    assertTrue(html.contains("Nothing was taken apart"));
    assertFalse(options.containsKey("contribution"));
    String apart = Compared.in(Files.createDirectory(folder.resolve("apart")), "--ablate").html();
    assertFalse(apart.contains("Nothing was taken apart"));
    assertEquals(
        "[\"rate-limit\",\"cache\",\"admit\",\"balance\"]",
        options(apart)
            .getJsonObject("contribution")
            .getJsonObject("yAxis")
            .getJsonArray("data")
            .encode());
  }

  @Test
  void theFrontHasThoseThatNobodyBeats() throws Exception {
    JsonArray series = options.getJsonObject("cost-answered").getJsonArray("series");
    JsonArray front = series.getJsonObject(1).getJsonArray("data");
    JsonArray dots = series.getJsonObject(0).getJsonArray("data");
    double best = 0;
    for (int i = 0; i < dots.size(); i++) {
      best = Math.max(best, dots.getJsonObject(i).getJsonArray("value").getDouble(1));
    }
    assertEquals(best, front.getJsonArray(front.size() - 1).getDouble(1), "the best is on it");
    for (int i = 1; i < front.size(); i++) {
      JsonArray cheaper = front.getJsonArray(i - 1);
      JsonArray next = front.getJsonArray(i);
      assertTrue(cheaper.getDouble(0) <= next.getDouble(0), front.encode());
      assertTrue(cheaper.getDouble(1) <= next.getDouble(1), front.encode());
    }
  }
}
