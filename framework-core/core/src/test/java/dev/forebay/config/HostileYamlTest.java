package dev.forebay.config;

import static dev.forebay.config.Lines.mistakesOf;
import static dev.forebay.config.Lines.yaml;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents that are made to hurt: one clear line each, quickly. */
@Timeout(value = 20, unit = SECONDS)
class HostileYamlTest {

  @Test
  void anAliasBombIsRefusedWithoutBeingExpanded() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 30; i++) {
      bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ",").repeat(10)));
    }
    assertOneLine(bomb.toString(), "too many values (expected: at most 100000 values, with");
  }

  @Test
  void nestedAliasesCountAsLevels() {
    StringBuilder deep = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 60; i++) {
      deep.append("a%d: &a%d [*a%d]\n".formatted(i, i, i - 1));
    }
    assertOneLine(deep.toString(), "nested too deeply (expected: at most 50 levels)");
  }

  @Test
  void anAliasOfItselfIsRefused() {
    assertOneLine(
        "a: &x [*x]",
        "*… (expected: an alias of a value that ends before it, or a value in quotes)");
    assertOneLine(
        "a: *nowhere",
        "*… (expected: an alias of a value that ends before it, or a value in quotes)");
  }

  @Test
  void deepNestingIsRefused() {
    assertOneLine("[".repeat(1_000_000), "nested too deeply (expected: at most 50 levels)");
    assertOneLine("{a: ".repeat(200_000), "nested too deeply (expected: at most 50 levels)");
    assertOneLine("- ".repeat(200_000), "nested too deeply (expected: at most 50 levels)");
    assertOneLine("? ".repeat(200_000), "nested too deeply (expected: at most 50 levels)");
    assertEquals(50, yaml("[".repeat(50) + "]".repeat(50)).height(), "fifty are fine");
  }

  @Test
  void hugeDocumentsAreRefused() {
    assertOneLine("a".repeat(Node.MAX_BYTES + 1), "too large (expected: at most 1 MiB)");
    assertOneLine("[" + "1,".repeat(400_000) + "]", "too many values");
  }

  @Test
  void variablesDoNotMakeADocumentHuge() {
    Map<String, String> environment = Map.of("X", "x".repeat(100_000));
    List<String> lines = mistakesOf(() -> yaml("a: " + "${X}".repeat(200_000), environment));
    assertEquals(
        List.of("g.yaml:1: a: too long (expected: variables that make at most 1 MiB together)"),
        lines);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[]]]",
        "a: !!binary aGk=",
        "a: !custom {b: 1}",
        "a: !!int 5",
        "!!set {a, b}"
      })
  void tagsAreRefused(String text) {
    List<String> lines = mistakesOf(() -> yaml(text));
    assertTrue(
        lines.getFirst().matches("g.yaml:1: .*: !.* \\(expected: no tag, or a value in quotes\\)"),
        lines::toString);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: \0",
        "a: \u0001",
        "%YAML 99999999999.9\n---\na: 1",
        "%TAG ! \n---\n",
        "a: \"\\uD800\"",
        "a: \"\\U99999999\"",
        "a: |99\n x",
        "\t- a",
        "a: 'x",
        "@",
        "`",
        "a: b: c",
        "- a\nb: c",
        "&a",
        "!",
        "--- ---",
        "...\n...",
        "%",
        "*",
        "a: !<",
        ": : :",
        "a: \uDC00"
      })
  void strangeInputGivesNothingButAMistake(String text) {
    try {
      yaml(text);
    } catch (ConfigException e) {
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      assertTrue(e.getMessage().startsWith("g.yaml"), e.getMessage());
    }
  }

  @Test
  void namesDoNotBreakTheLine() {
    List<String> lines =
        mistakesOf(() -> Node.parse("g\n.yaml", "\"a\\nb\\e[31m\\u202E\": ${X}", name -> null));
    assertEquals(1, lines.size());
    assertTrue(
        lines.getFirst().startsWith("g\\n.yaml:1: [\"a\\nb\\u001b[31m\\u202e\"]: ${X} ("),
        lines::toString);
  }

  @Test
  void countlessMistakesAreCounted() {
    List<String> lines = mistakesOf(() -> yaml("- ${X}\n".repeat(5000)));
    assertEquals(Mistakes.LIMIT + 1, lines.size());
    assertEquals("and 4000 more", lines.getLast());
  }

  private static void assertOneLine(String text, String part) {
    List<String> lines = mistakesOf(() -> yaml(text));
    assertEquals(1, lines.size(), lines::toString);
    assertTrue(lines.getFirst().contains(": " + part), lines::toString);
  }
}
