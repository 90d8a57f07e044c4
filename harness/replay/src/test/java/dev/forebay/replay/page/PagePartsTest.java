package dev.forebay.replay.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.run.Cell;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the page of a report is made of. */
class PagePartsTest {

  /** Of {@code dist/echarts.min.js} in the package echarts 6.1.0 of npm. */
  private static final String ECHARTS =
      "b66b25aeb4df84e33199dc21694014d336d222cbd9deb0e5a7c14bd6aa0d0fd0";

  @Test
  void theLibraryIsTheOneThatWasPublished() throws Exception {
    byte[] library = Document.resource("echarts.min.js").getBytes(StandardCharsets.UTF_8);
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(library);
    assertEquals(ECHARTS, HexFormat.of().formatHex(hash));
    assertTrue(Document.resource("echarts.LICENSE.txt").contains("Apache License"));
    assertTrue(Document.resource("echarts.NOTICE.txt").contains("Apache ECharts"));
  }

  @Test
  void noCellsHaveNoFront() {
    assertEquals(List.of(), Pareto.front(List.<Cell>of(), row -> 0, row -> 0, true));
  }
}
