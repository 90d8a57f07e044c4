package dev.forebay.replay.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.OptionsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every key that a user can write about traffic, and what it may carry, stands in the docs. */
class DocumentedKeysTest {

  private static final Path ROOT = Path.of(System.getProperty("forebay.root", "../.."));

  @Test
  void everyKeyOfTrafficIsDocumented() throws IOException {
    String docs = Files.readString(ROOT.resolve("docs/harness.md"));
    List<String> keys = new ArrayList<>(JsonlFormat.KEYS);
    keys.addAll(JsonlFormat.HEADER_KEYS);
    keys.addAll(OptionsReader.keys(SyntheticOptions.class));
    keys.addAll(OptionsReader.keys(OverlayOptions.class));
    keys.removeIf(key -> docs.contains("`" + key + "`") || docs.contains("\"" + key + "\""));
    keys.remove("infer-sessions"); // documented with its value
    assertEquals(List.of(), keys, "docs/harness.md");
  }

  @Test
  void everythingThatATraceMayCarryStandsUnderNeeds() throws IOException {
    String needs =
        Files.readString(ROOT.resolve("docs/harness.md"))
            .lines()
            .filter(line -> line.startsWith("- **`needs`**"))
            .findFirst()
            .orElse("");
    for (Carries field : Carries.values()) {
      assertTrue(needs.contains("`" + field.label().replace(' ', '-') + "`"), field::label);
    }
  }
}
