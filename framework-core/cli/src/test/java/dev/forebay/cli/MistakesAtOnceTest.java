package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One run of {@code serve --check} tells everything that is wrong, and nothing else. */
class MistakesAtOnceTest {

  @TempDir Path folder;

  @Test
  void mistakesOfOptionsHideNoneOfReferences() throws IOException {
    assertEquals(
        List.of(
            "2: http.port: 70000 (expected: a whole number from 0 to 65535)",
            "5: keys[1].id: alice (expected: an id that no other key has)",
            "6: keys[2].priority: standart (expected: 0 to 7, or one of vip, standard, batch;"
                + " perhaps standard)",
            "8: pipeline[0].retry.attempts: 0 (expected: a whole number from 1 to 10)",
            "9: pipeline[1].fallback.pool: locl (expected: a pool: one of remote, local; perhaps"
                + " local)",
            "12: pools.remote.backends[0].ulr: unknown key (expected: one of"),
        wrong(
            """
            # everything
            http: { port: 70000 }
            keys:
              - { id: alice, key: one }
              - { id: alice, key: two }
              - { id: bob, key: three, priority: standart }
            pipeline:
              - retry: { attempts: 0 }
              - fallback: { pool: locl, on: [saturated] }
            pools:
              remote:
                backends: [{ plugin: openai, id: a, ulr: 'http://a:1' }]
              local:
                models: [m]
                backends: [{ plugin: simulated, id: b }]
            """));
  }

  @Test
  void aStageWithAMistakeStillNamesItsPool() throws IOException {
    assertEquals(
        List.of(
            "1: pipeline[0].fallback.max-prompt-tokens: -1 (expected: a whole number from 0 to"
                + " 10000000, in tokens)",
            "1: pipeline[0].fallback.pool: x (expected: a pool: default)"),
        wrong(
            """
            pipeline: [{ fallback: { pool: x, max-prompt-tokens: -1 } }]
            backends: [{ plugin: simulated, id: a }]
            """));
  }

  @Test
  void whatOnlyFollowsFromAnotherMistakeIsNotTold() throws IOException {
    List<String> pools =
        wrong(
            """
            pipeline: [{ fallback: { pool: spare } }]
            pools:
              main: { backends: [{ plugin: simulated, id: a }] }
              spare: 7
            """);
    assertEquals(List.of("4: pools.spare: 7 (expected: a mapping with"), pools);
    assertEquals(
        List.of("2: poools: unknown key (expected: one of"),
        wrong(
            """
            pipeline: [{ fallback: { pool: spare } }]
            poools: { spare: { backends: [{ plugin: simulated, id: a }] } }
            """));
    assertEquals(
        List.of("1: backends[0].plugin: simulatd (expected: the name of a backend: one of"),
        wrong("backends: [{ plugin: simulatd, id: a }]"));
    assertEquals(
        List.of("2: pools.a.model: unknown key (expected: one of"),
        wrong(
            """
            pools:
              a: { model: [m], backends: [{ plugin: simulated, id: a }] }
              b: { models: [n], backends: [{ plugin: simulated, id: a }] }
            routes: [{ models: [m], to: [{ weight: 1 }] }]
            """));
    assertEquals(
        List.of("1: http.prioritys: unknown key (expected: one of"),
        wrong(
            """
            http: { prioritys: [gold] }
            keys: [{ id: a, key: k, priority: gold }]
            backends: [{ plugin: simulated, id: a }]
            """));
    assertEquals(
        List.of("1: http.prot: unknown key (expected: one of"),
        wrong(
            """
            http: { prot: 8081 }
            administration: { port: 8080 }
            backends: [{ plugin: simulated, id: a }]
            """));
    assertEquals(
        List.of("1: key-hash-secrt: unknown key (expected: one of"),
        wrong(
            """
            key-hash-secrt: a secret of sixteen bytes
            keys: [{ id: a, hash: 'hmac-sha256:%s' }]
            backends: [{ plugin: simulated, id: a }]
            """
                .formatted("0".repeat(64))));
    assertEquals(
        List.of("1: backends: ${NO_SUCH_VARIABLE} (expected: the environment variable"),
        wrong("backends: ${NO_SUCH_VARIABLE}"));
    assertEquals(
        List.of("1: pipeline[0]: ${NO_SUCH_VARIABLE} (expected: the environment variable"),
        wrong(
            """
            pipeline: ["${NO_SUCH_VARIABLE}"]
            backends: [{ plugin: simulated, id: a }]
            """));
  }

  @Test
  void anIdThatIsThereTwiceIsToldBesideABackendThatIsWrong() throws IOException {
    assertEquals(
        List.of(
            "2: backends[0].weight: -1 (expected: a number",
            "4: backends[2].id: b (expected: an id of its own; backends[1] has this one)"),
        wrong(
            """
            backends:
              - { plugin: simulated, id: a, weight: -1 }
              - { plugin: simulated, id: b }
              - { plugin: simulated, id: b }
            """));
    assertEquals(
        List.of(
            "2: backends[0].plugin: no (expected: the name of a backend: one of",
            "4: backends[2].id: b (expected: an id of its own; backends[1] has this one)"),
        wrong(
            """
            backends:
              - { plugin: no, id: b }
              - { plugin: simulated, id: b }
              - { plugin: simulated, id: b }
            """));
  }

  @Test
  void whatPluginsRefuseWhenTheyAreMadeIsToldOfAll() throws IOException {
    String model = Files.createFile(folder.resolve("empty.gguf")).toString();
    String refused = ".model: " + model + ": no GGUF file (expected: one that begins with GGUF)";
    assertEquals(
        List.of(
            "4: pools.main.backends[0]" + refused,
            "5: pools.main.backends[1]" + refused,
            "8: pools.spare.backends[0]" + refused),
        wrong(
            """
            pools:
              main:
                backends:
                  - { plugin: llama, id: a, model: @ }
                  - { plugin: llama, id: b, model: @ }
              spare:
                models: [m]
                backends: [{ plugin: llama, id: a, model: @ }]
            """
                .replace("@", model)
                .replaceFirst("scaling.*\n", "")));
  }

  /** What stderr says: each line without the file, and without the end of a long list of names. */
  private List<String> wrong(String yaml) throws IOException {
    StringWriter err = new StringWriter();
    Path file = Files.writeString(folder.resolve("gateway.yaml"), yaml);
    int code =
        Main.run(
            new PrintWriter(new StringWriter()),
            new PrintWriter(err),
            Map.of(),
            "serve",
            file.toString(),
            "--check");
    assertEquals(2, code, err.toString());
    return err.toString()
        .lines()
        .map(line -> line.replace("forebay: ", "").replace(file + ":", ""))
        .map(MistakesAtOnceTest::shortened)
        .toList();
  }

  private static String shortened(String line) {
    return line.replaceAll(
        "(unknown key \\(expected: one of|the name of a backend: one of|a mapping with|a number|"
            + "the environment variable) .*",
        "$1");
  }
}
