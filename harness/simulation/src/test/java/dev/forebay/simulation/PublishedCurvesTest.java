package dev.forebay.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The simulated server against curves of real ones, and the page that shows them. */
class PublishedCurvesTest {

  private static final Path PAGE = Path.of("../../docs/simulated-server.md");

  @Test
  void theModelIsAsNearToTheCurvesAsThePageSays() {
    for (PublishedCurves.Curve curve : PublishedCurves.all()) {
      for (PublishedCurves.Point point : curve.points()) {
        assertTrue(
            Math.abs(point.error()) <= curve.tolerance(),
            curve.title() + ", " + point + " (expected: within " + curve.tolerance() + ")");
      }
    }
  }

  @Test
  void thePageShowsTheCurvesAsTheyArePrinted() throws IOException {
    String page = Files.readString(PAGE);
    assertTrue(
        page.endsWith(PublishedCurves.markdown()),
        PAGE + ": its end is not what PublishedCurves prints (expected: its output)");
  }

  /** What the constants were derived from, one by one. */
  @Test
  void theDefaultsAreWhatTheirSourcesGive() {
    ServerParameters defaults = ServerParameters.DEFAULT;
    double uncached = 73_700 * (1 - 0.563) / 8;
    assertEquals(uncached, defaults.prefillTokensPerSecond(), 1);
    double requests = 14_800 / 8.0 / 21;
    assertEquals(1000 / 21.0, defaults.stepNanos(88, 88 * 4989, 0) / 1e6, 0.1);
    assertEquals(88, requests, 0.5);
    assertEquals(1000 / 42.0, defaults.decodeStepMillis(), 0.05);
    double perContextToken = 61.0 * 2 * 128 * (576 + 512) / 580e12 * 1e9;
    assertEquals(perContextToken, defaults.effects().decodeNanosPerContextToken(), 0.05);
    double attention = 61.0 * 2 * 128 * (192 + 128);
    assertEquals(2 * 37e9 / attention, defaults.effects().quadraticTokens(), 50);
  }
}
