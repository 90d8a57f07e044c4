package dev.forebay.cli.page;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.cli.livepage.Chromium;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Makes pictures of a report's page, if {@code -Dforebay.page=DIR/index.html} names one and {@code
 * -Dforebay.pictures=FOLDER} says where: {@code report-page.png} for the guide, and the dark one
 * and that of a phone beside it unless the folder is {@code docs}.
 */
@Timeout(120)
class ReportPagePicturesTest {

  private static final int MOST_BYTES = 300_000;

  @Test
  void thePictureOfTheGuideIsSmall() throws Exception {
    String folder = System.getProperty("forebay.pictures", "");
    String page = System.getProperty("forebay.page", "");
    assumeTrue(!folder.isEmpty() && !page.isEmpty(), "-Dforebay.page, -Dforebay.pictures");
    Path root = Path.of(System.getProperty("forebay.root", "."));
    Path light = root.resolve(folder).resolve("report-page.png");
    String url = root.resolve(page).toUri().toString();
    try (Chromium chromium = Chromium.start()) {
      take(chromium, url, light, 1120, 1620, "light");
      assertTrue(Files.size(light) < MOST_BYTES, Files.size(light) + " bytes");
      if (!folder.equals("docs")) {
        take(chromium, url, light.resolveSibling("report-page-dark.png"), 1120, 3600, "dark");
        take(chromium, url, light.resolveSibling("report-page-phone.png"), 390, 3600, "light");
      }
    }
  }

  private static void take(
      Chromium chromium, String url, Path file, int width, int height, String scheme)
      throws Exception {
    chromium.size(width, height, 1);
    chromium.scheme(scheme);
    chromium.open(url);
    chromium.until("document.querySelectorAll('.chart:not([data-drawn])').length === 0", 60_000);
    Files.write(file, chromium.picture());
  }
}
