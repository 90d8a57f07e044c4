package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve --check} warns of stages that can do nothing. */
class IdleStagesTest {

  private static final String RESUME =
      " can continue an answer (expected: one that says so, such as openai with continues)";
  private static final String HEDGE =
      " to ask, so that a second call goes to the first again (expected: two or more)";

  @TempDir Path folder;

  @Test
  void aResumeWithoutABackendThatContinuesIsWarnedOf() throws IOException {
    String gateway =
        "pipeline: [resume]\nbackends: [{ plugin: openai, id: a, url: 'http://a:1'%s }]\n";
    assertEquals(List.of("resume: no backend" + RESUME), warnings(gateway.formatted("")));
    assertEquals(List.of(), warnings(gateway.formatted(", continues: prefix")));
  }

  @Test
  void aResumeInAPoolThatCannotContinueIsWarnedOfAlthoughAnotherCan() throws IOException {
    String gateway =
        """
        pools:
          a:
            models: [m]
            pipeline: [resume%s]
            backends: [{ plugin: openai, id: a, url: 'http://a:1' }]
          b:
            pipeline: [resume]
            backends: [{ plugin: openai, id: b, url: 'http://b:1', continues: prefix }]
        """;
    assertEquals(
        List.of("a/resume: no backend of pool a" + RESUME), warnings(gateway.formatted("")));
    assertEquals(List.of(), warnings(gateway.formatted(", fallback: { pool: b }")));
  }

  @Test
  void aHedgeWithoutASecondBackendIsWarnedOf() throws IOException {
    String one = "pipeline: [hedge]\nbackends: [{ plugin: simulated, id: a }]\n";
    assertEquals(List.of("hedge: there is no second backend" + HEDGE), warnings(one));
    assertEquals(
        List.of(), warnings(one.replace("id: a }", "id: a }, { plugin: simulated, id: b }")));
    String pools =
        """
        pipeline: [%s]
        pools:
          a: { models: [m], pipeline: [%s], backends: [{ plugin: simulated, id: a }] }
          b: { backends: [{ plugin: simulated, id: b }] }
        """;
    assertEquals(
        List.of("a/hedge: there is no second backend of pool a" + HEDGE),
        warnings(pools.formatted("", "hedge")));
    assertEquals(List.of(), warnings(pools.formatted("", "hedge, fallback: { pool: b }")));
    assertEquals(
        List.of("hedge: there is no second backend" + HEDGE),
        warnings(pools.formatted("hedge", "")));
    assertEquals(
        List.of(),
        warnings(pools.formatted("hedge, fallback: { pool: b }", "")),
        "by the fallback");
    assertEquals(
        List.of(),
        warnings(
            pools.formatted("hedge", "")
                + "routes: [{ models: [x], to: [{ pool: a }, { pool: b }] }]\n"),
        "by the route");
  }

  @Test
  void discoveryMayAddWhatIsMissing() throws IOException {
    assertEquals(
        List.of(),
        warnings(
            """
            pipeline: [resume, hedge]
            backends: [{ plugin: openai, id: a, url: 'http://a:1' }]
            discover:
              from: { plugin: static-list, addresses: ["10.0.0.1:8000"] }
              backend: { plugin: openai, id: "{id}", url: "http://{address}" }
            """));
  }

  private List<String> warnings(String gateway) throws IOException {
    Path file = Files.writeString(folder.resolve("gateway.yaml"), gateway);
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    StringWriter err = new StringWriter();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      int code =
          Main.run(
              new PrintWriter(new StringWriter()),
              new PrintWriter(err),
              Map.of(),
              "serve",
              file.toString(),
              "--check");
      assertEquals(0, code, err.toString());
    } finally {
      System.setErr(before);
    }
    return log.toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains("dev.forebay.gateway.Stages"))
        .map(line -> line.replaceFirst(".*Stages[^a-z]*", ""))
        .toList();
  }
}
