package dev.forebay.config;

import static dev.forebay.config.Lines.at;
import static dev.forebay.config.Lines.mistakesOf;
import static dev.forebay.config.Lines.plain;
import static dev.forebay.config.Lines.yaml;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeTest {

  @Test
  void everyValueKnowsItsPlace() {
    Node root =
        yaml(
            """
            pipeline:
              - deadline: 5s
              - rate-limit:
                  rate: 10
                  "odd.key": x
            """);
    Node limit = at(root, "pipeline", 1, "rate-limit");
    assertEquals(
        new Place("g.yaml", 4, 13, "pipeline[1].rate-limit.rate"), at(limit, "rate").place());
    assertEquals("pipeline[1].rate-limit[\"odd.key\"]", at(limit, "odd.key").place().path());
    assertEquals(
        new Place("g.yaml", 5, 7, "pipeline[1].rate-limit[\"odd.key\"]"), limit.placeOf("odd.key"));
    assertEquals("g.yaml:1:1", root.place().toString());
  }

  @Test
  void scalarsStayAsTheyAreWritten() {
    assertEquals(
        Map.of("a", "0.10", "b", "yes", "c", "007", "d", "null", "e", "two lines\n"),
        plain(yaml("{a: 0.10, b: yes, c: '007', d: 'null', e: \"two lines\\n\"}")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:", "a: null", "a: ~", "a: NULL"})
  void nothingIsNull(String text) {
    assertEquals(Node.Kind.NULL, at(yaml(text), "a").kind());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# only a comment\n", "---\n", "\uFEFF"})
  void anEmptyDocumentIsNull(String text) {
    assertEquals(Node.Kind.NULL, yaml(text).kind());
  }

  @Test
  void anAliasIsTheValueItNames() {
    Node root = yaml("a: &x {rate: 1}\nb: *x\n");
    assertEquals(plain(at(root, "a")), plain(at(root, "b")));
    assertEquals(1, at(root, "b").place().line(), "the place where it can be mended");
  }

  @Test
  void duplicateKeysAreMistakesAllAtOnce() {
    assertEquals(
        List.of(
            "g.yaml:3: a.b: a duplicate key (expected: each key once; it is also on line 2)",
            "g.yaml:4: 1: a duplicate key (expected: each key once; it is also on line 1)"),
        mistakesOf(() -> yaml("1: x\na: {b: 1,\n  b: 2}\n'1': y\n")));
  }

  @Test
  void keysAreText() {
    assertEquals(
        List.of("g.yaml:1: document: a list (expected: a key that is plain text)"),
        mistakesOf(() -> yaml("? [a, b]\n: c\n")));
  }

  @Test
  void mergeKeysAreMistakes() {
    assertEquals(
        List.of(
            "g.yaml:2: b[\"<<\"]: a merge key (expected: keys written out: merge keys are not"
                + " supported)"),
        mistakesOf(() -> yaml("a: &x {rate: 1}\nb: {<<: *x}\n")));
  }

  @Test
  void syntaxErrorsSayTheLine() {
    List<String> lines = mistakesOf(() -> yaml("a: 1\nb: [1, 2\nc: 3\n"));
    assertEquals(1, lines.size());
    assertTrue(
        lines.getFirst().startsWith("g.yaml:3: document: not YAML (expected: YAML; "),
        lines.getFirst());
  }

  @Test
  void twoDocumentsInAFileAreAMistake() {
    assertEquals(
        List.of("g.yaml:2: document: a second document (expected: one document in a file)"),
        mistakesOf(() -> yaml("a: 1\n---\nb: 2\n")));
  }

  @Test
  void variablesAreReplacedInValues() {
    Map<String, String> env = Map.of("HOST", "h", "EMPTY", "", "NESTED", "${HOST}");
    Node root =
        yaml(
            """
            a: http://${HOST}:${PORT:8080}/
            b: ${EMPTY:x}
            c: "${EMPTY}"
            d: ${NESTED}
            e: $${HOST} costs $5
            f: ${URL:http://x:1}
            ${HOST}: key
            """,
            env);
    assertEquals("http://h:8080/", at(root, "a").text());
    assertEquals(Node.Kind.NULL, at(root, "b").kind(), "as if nothing had been written");
    assertEquals(Node.Kind.SCALAR, at(root, "c").kind(), "quoted: an empty text");
    assertEquals("${HOST}", at(root, "d").text(), "replaced once");
    assertEquals("${HOST} costs $5", at(root, "e").text());
    assertEquals("http://x:1", at(root, "f").text());
    assertEquals("key", at(root, "${HOST}").text(), "keys are left alone");
  }

  @Test
  void missingVariablesAreMistakesAllAtOnce() {
    assertEquals(
        List.of(
            "g.yaml:1: a: ${KEY} (expected: the environment variable KEY to be set, or a default)",
            "g.yaml:2: b[0]: ${ (expected: ${NAME} or ${NAME:default}; $${ stands for a plain"
                + " ${)"),
        mistakesOf(() -> yaml("a: secret-${KEY}\nb: ['${no end']\n")));
  }

  @Test
  void treesFromCodeNameTheirOrigin() {
    Node node =
        Node.of(
            Map.of("a", Arrays.asList(1, true, null, Duration.ofSeconds(2), Node.Kind.MAPPING)),
            "--set");
    assertEquals(Map.of("a", Arrays.asList("1", "true", null, "PT2S", "mapping")), plain(node));
    assertEquals(new Place("--set", 0, 0, "a[1]"), at(node, "a").items().get(1).place());
    assertThrows(IllegalArgumentException.class, () -> Node.of(new Object(), "code"));
    List<Object> itself = new ArrayList<>();
    itself.add(itself);
    assertThrows(IllegalArgumentException.class, () -> Node.of(itself, "code"));
  }

  @Test
  void someKeysCanBeLeftOut() {
    Node node = yaml("{a: 1, b: 2, c: 3}");
    assertEquals(List.of("b"), node.without("a", "c", "d").keys());
    assertEquals(List.of("a", "b", "c"), node.keys(), "a copy");
  }

  @Test
  void aNodeNeverPrintsItsContents() {
    assertFalse(at(yaml("key: sk-123"), "key").toString().contains("sk-123"));
    assertFalse(yaml("key: sk-123").toString().contains("sk-123"));
  }

  @Test
  void filesThatCannotBeReadGiveOneLine(@TempDir Path dir) throws IOException {
    Path latin = Files.write(dir.resolve("latin.yaml"), new byte[] {'a', ':', ' ', (byte) 0xE4});
    Path large = Files.write(dir.resolve("large.yaml"), new byte[Node.MAX_BYTES + 1]);
    Path good = Files.write(dir.resolve("good.yaml"), "ä: ö".getBytes(StandardCharsets.UTF_8));
    Path none = dir.resolve("none.yaml");
    assertNotNull(Node.read(good, name -> null).get("ä"));
    assertEquals(
        List.of(none + ": document: no such file (expected: a readable YAML file)"),
        mistakesOf(() -> Node.read(none, name -> null)));
    assertEquals(
        List.of(dir + ": document: unreadable (expected: a readable YAML file)"),
        mistakesOf(() -> Node.read(dir, name -> null)));
    assertEquals(
        List.of(latin + ": document: not UTF-8 (expected: a text file in UTF-8)"),
        mistakesOf(() -> Node.read(latin, name -> null)));
    assertEquals(
        List.of(large + ": document: too large (expected: at most 1 MiB)"),
        mistakesOf(() -> Node.read(large, name -> null)));
  }
}
