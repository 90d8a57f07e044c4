package dev.forebay.cli.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.cli.livepage.Chromium;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of a report, from the file system, in a real Chromium. */
@Timeout(180)
class ReportPageBrowserTest {

  private static final int PATIENCE_MILLIS = 60_000;
  private static final String ALL_DRAWN =
      "document.querySelectorAll('.chart').length > 10"
          + " && document.querySelectorAll('.chart:not([data-drawn])').length === 0";

  @TempDir private Path folder;
  private Chromium chromium;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Chromium.installed(), "no Chromium with its driver is installed");
    chromium = Chromium.start();
  }

  @AfterEach
  void stop() throws Exception {
    if (chromium != null) {
      chromium.close();
    }
  }

  @Test
  void everyChartIsDrawnWithoutAnErrorAndWithoutARequest() throws Exception {
    String url = Compared.in(folder, "--ablate").page().toUri().toString();
    chromium.open(url);
    chromium.until(ALL_DRAWN, PATIENCE_MILLIS);
    assertEquals(
        0L,
        number(
            "[...document.querySelectorAll('.chart')].filter(c =>"
                + " !c.querySelector('path')).length"),
        "charts without a drawing");
    linesAreChosenForAllCharts();
    aPhoneHasNothingBesideThePage();
    darkIsDark();
    assertEquals(List.of(), errors());
    assertEquals(List.of(url), chromium.requested());
    thePolicyForbidsRequests();
  }

  @Test
  void theMapsOfASweepAreDrawn() throws Exception {
    String[] sweep = {
      "--combination",
      "cache",
      "--sweep",
      "load=0.5,4",
      "--sweep",
      "synthetic.popular-share=0,0.9",
      "--region",
      "cache.answeredOfOffered >= 0.5"
    };
    String url = Compared.in(folder, sweep).page().toUri().toString();
    chromium.open(url);
    chromium.until(
        "document.querySelectorAll('.chart[data-drawn]').length === 5"
            + " && document.querySelectorAll('.chart:not([data-drawn])').length === 0",
        PATIENCE_MILLIS);
    String ticked = "document.querySelector('#region-0 svg').textContent.includes('\u2713')";
    assertEquals(true, chromium.of(ticked));
    assertEquals(List.of(), errors());
    assertEquals(List.of(url), chromium.requested());
  }

  private List<JsonObject> errors() throws Exception {
    return chromium.console().stream().filter(e -> !e.getString("level").equals("INFO")).toList();
  }

  private long number(String expression) throws Exception {
    return ((Number) chromium.of(expression)).longValue();
  }

  private void linesAreChosenForAllCharts() throws Exception {
    String lines = "document.querySelectorAll('#latency path[stroke-width=\"2\"]').length";
    long before = number(lines);
    chromium.of("document.querySelector('#chooser input:checked').click()");
    chromium.until(lines + " === " + (before - 1), PATIENCE_MILLIS);
  }

  private void aPhoneHasNothingBesideThePage() throws Exception {
    chromium.size(390, 844, 2);
    chromium.until("document.querySelector('#answered svg').clientWidth < 390", PATIENCE_MILLIS);
    assertTrue(number("document.documentElement.scrollWidth") <= 390);
  }

  private void darkIsDark() throws Exception {
    chromium.of("document.querySelectorAll('.chart').forEach(c => delete c.dataset.drawn)");
    chromium.scheme("dark");
    chromium.until(ALL_DRAWN, PATIENCE_MILLIS);
    assertEquals("rgb(22, 24, 28)", chromium.of("getComputedStyle(document.body).backgroundColor"));
  }

  private void thePolicyForbidsRequests() throws Exception {
    chromium.of(
        "document.addEventListener('securitypolicyviolation',"
            + " e => { window.forbidden = e.effectiveDirective; })");
    chromium.of("new Image().src = 'http://127.0.0.1:9/picture.png'");
    chromium.until("window.forbidden === 'img-src'", PATIENCE_MILLIS);
  }
}
