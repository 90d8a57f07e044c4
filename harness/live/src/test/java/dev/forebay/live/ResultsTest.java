package dev.forebay.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {

  private static final Path FULL = Path.of("/dev/full");

  @TempDir private Path folder;

  private static Result result(String id) {
    return new Result(
        new Turn(id, 0, null, 0, 1, null, null, null, 0, "m", true, 4, "p", List.of(), 0, 0, null));
  }

  private static List<IOException> lost(Path file, int lines) {
    List<IOException> lost = new ArrayList<>();
    try (Results results = new Results(file, 0, lost::add)) {
      results.begin(0);
      for (int i = 0; i < lines; i++) {
        results.add(result("r" + i));
      }
    }
    return lost;
  }

  @Test
  void aLineForEachRequestAndALastOne() throws IOException {
    Path file = folder.resolve("results.jsonl");
    assertEquals(List.of(), lost(file, 3));
    List<String> lines = Files.readAllLines(file);
    assertEquals(4, lines.size());
    assertEquals("{\"results\":3,", lines.get(3).substring(0, 13));
  }

  /** A caller who never hears that its result is written would wait for ten minutes. */
  @Test
  void aFullDiskIsToldInTheMiddleAndAtTheEnd() {
    assumeTrue(Files.exists(FULL), "there is no /dev/full");
    assertFalse(lost(FULL, 1000).isEmpty());
    assertEquals("No space left on device", lost(FULL, 1).get(0).getMessage());
  }
}
