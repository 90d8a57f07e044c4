package dev.forebay.cli.livepage;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Makes the pictures of the live page, if {@code -Dforebay.pictures=FOLDER} asks for them: {@code
 * live-page.png} for the guide, and the dark one and that of a phone beside it.
 */
@Timeout(120)
class LivePagePicturesTest {

  private static final int MOST_BYTES = 200_000;

  @Test
  void thePictureOfTheGuideIsSmall() throws Exception {
    String folder = System.getProperty("forebay.pictures", "");
    assumeTrue(!folder.isEmpty(), "-Dforebay.pictures=FOLDER makes pictures");
    Vertx vertx = Vertx.vertx();
    try (Incident incident =
            Incident.serve(vertx).toCompletionStage().toCompletableFuture().join();
        Chromium chromium = Chromium.start()) {
      Path root = Path.of(System.getProperty("forebay.root", "."));
      Path light = root.resolve(folder).resolve("live-page.png");
      take(chromium, incident, light, 1280, 1010, "light");
      assertTrue(Files.size(light) < MOST_BYTES, Files.size(light) + " bytes");
      if (!folder.equals("docs")) {
        take(chromium, incident, light.resolveSibling("live-page-dark.png"), 1280, 1010, "dark");
        take(chromium, incident, light.resolveSibling("live-page-phone.png"), 390, 1700, "light");
      }
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  private static void take(
      Chromium chromium, Incident incident, Path file, int width, int height, String scheme)
      throws Exception {
    chromium.size(width, height, width < 600 ? 2 : 1);
    chromium.scheme(scheme);
    chromium.open(incident.url());
    chromium.until("document.querySelectorAll('.u-wrap canvas').length > 4", 30_000);
    Files.write(file, chromium.picture());
  }
}
