package dev.forebay.examples.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wordings that readers stumble over are at most as many as {@code config/wording.txt} says. */
class WordingTest {

  private static final int SHOWN = 5;

  @Test
  void wordingsThatReadersStumbleOverGetNoMore() throws IOException {
    List<Wording.Prose> prose = Wording.prose(QuotesTest.ROOT.toAbsolutePath().normalize());
    assertFalse(prose.isEmpty(), "no prose was found");
    List<String> wrong = new ArrayList<>();
    for (Wording.Rule rule : Wording.rules(QuotesTest.ROOT.resolve("config/wording.txt"))) {
      List<String> places = Wording.places(rule, prose);
      if (places.size() > rule.allowed()) {
        wrong.add(
            rule.pattern()
                + " "
                + places.size()
                + " times, not at most "
                + rule.allowed()
                + ": say it otherwise: "
                + places.subList(0, Math.min(SHOWN, places.size())));
      }
    }
    assertEquals("", String.join("\n", wrong));
  }

  @Test
  void wordingsAreFoundInCommentsMessagesAndDocumentsOnly(@TempDir Path root) throws IOException {
    Path code = root.resolve("module/src/main/java/A.java");
    Files.createDirectories(code.getParent());
    Files.writeString(
        code,
        """
        /** Read anew. */
        class A { // begins anew
          String anew = "anew";
          String message = "reads \\"it\\" anew";
        }
        """);
    Files.writeString(root.resolve("page.md"), "Begun anew, anew.\n```\nanew\n```\n");
    Files.writeString(root.resolve("rules.txt"), "# note\n\n2  \\banew\\b\n");

    Wording.Rule rule = Wording.rules(root.resolve("rules.txt")).get(0);

    assertEquals(2, rule.allowed());
    assertEquals(5, Wording.places(rule, Wording.prose(root)).size());
  }
}
