package dev.forebay.config;

import static dev.forebay.config.Lines.mistakesOf;
import static dev.forebay.config.Lines.yaml;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class MistakeTest {

  private static final Place PLACE = new Place("g.yaml", 1, 1, "model");

  /** A record that says more after what it expects. */
  record Model(String model) {
    Model {
      throw new IllegalArgumentException(
          "model: ver.gguf: version: 9 (expected: 2 or 3), before byte 8");
    }
  }

  @Test
  void whatIsSaidAfterTheExpectationIsAboutTheValue() {
    assertEquals(
        "g.yaml:1: model: ver.gguf: version: 9, before byte 8 (expected: 2 or 3)",
        Mistake.refused(PLACE, "ver.gguf: version: 9 (expected: 2 or 3), before byte 8")
            .toString());
    assertEquals(
        List.of("g.yaml:1: model: ver.gguf: version: 9, before byte 8 (expected: 2 or 3)"),
        mistakesOf(() -> new OptionsReader().read(Model.class, yaml("model: ver.gguf"))));
  }

  @Test
  void wordsOfAnotherFormAreRepeated() {
    assertEquals(
        "g.yaml:1: model: refused (expected: the file is broken)",
        Mistake.refused(PLACE, "the file is broken").toString());
    assertEquals(
        "g.yaml:1: model: 5 (expected: 3 (or 4))",
        Mistake.refused(PLACE, "5 (expected: 3 (or 4))").toString());
  }
}
