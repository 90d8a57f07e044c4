package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String azure = "";

  @BeforeEach
  void writesATrace() throws IOException {
    Path file = folder.resolve("a.csv");
    Files.writeString(
        file,
        """
        TIMESTAMP,ContextTokens,GeneratedTokens
        2023-11-16 18:00:00,100,10
        2023-11-16 18:00:01,200,20
        2023-11-16 18:00:04,300,30
        """);
    azure = "azure:" + file;
  }

  @Test
  void describesATrace() {
    assertEquals(0, run("trace", azure));
    assertTrue(out.toString().contains("requests         3\n"), out.toString());
    assertTrue(out.toString().contains("mean rate        0.75 requests/s"), out.toString());
    assertTrue(out.toString().contains("variance/mean    0.40 / - / - of counts"), out.toString());
    assertTrue(out.toString().contains("input tokens     mean 200, p50 200"), out.toString());
    assertEquals("", err.toString());
  }

  @Test
  void describesATraceForPrograms() {
    assertEquals(0, run("trace", azure, "--format", "json", "--limit", "2"));
    JsonObject json = new JsonObject(out.toString());
    assertEquals(2, json.getInteger("requests"));
    assertEquals(2.0, json.getDouble("meanRate"));
    assertEquals(150.0, json.getJsonObject("promptTokens").getDouble("mean"));
    assertTrue(json.getJsonObject("arrivals").containsKey("varianceOverMean60s"));
    assertNull(json.getJsonObject("arrivals").getValue("varianceOverMean60s"));
    assertEquals("[\"lengths\"]", json.getJsonArray("carries").encode());
  }

  @Test
  void helpsOnStdout() {
    assertEquals(0, run("--help"));
    assertTrue(out.toString().contains("trace"), out.toString());
    assertEquals(0, run("help"));
    assertEquals(0, run("help", "serve"));
    assertTrue(out.toString().contains("GATEWAY.yaml"), out.toString());
    assertFalse(out.toString().contains("to come"), out.toString());
    assertEquals(0, run("compare", "--help"));
    assertFalse(out.toString().contains("to come"), out.toString());
    assertEquals(0, run("trace", "--help"));
    assertTrue(out.toString().contains("--limit"), out.toString());
    assertEquals("", err.toString());
  }

  @Test
  void answersWrongInputWithOneLineAndTwo() {
    assertWrong("no command (expected: ");
    assertWrong("command: bogus (expected: one of compare, diff, calibrate, serve, ", "bogus");
    assertWrong("; perhaps serve)", "serv");
    assertWrong("; perhaps compare)", "compar", "--help");
    assertWrong("command: nosuch (expected: one of ", "nosuch", "--help");
    assertWrong("nosuch", "help", "nosuch");
    assertWrong("Missing required parameter", "trace");
    assertWrong("trace format: 'foo' (expected: one of azure, ", "trace", "foo:bar");
    assertWrong("no such file", "trace", "azure:" + folder.resolve("none"));
    assertWrong("--limit: 0 (expected: at least 1)", "trace", azure, "--limit", "0");
    assertWrong("Unknown option", "trace", azure, "--limt", "3");
    assertWrong("--format", "trace", azure, "--format", "xml");
  }

  @Test
  void saysWhatAValueOfEachTypeMustBe() {
    String day = " (expected: a day of the calendar, as YYYY-MM-DD); see forebay ";
    assertWrong("forebay: --from: 2026-11-31" + day + "usage", "usage", "--from", "2026-11-31");
    assertWrong("forebay: --from: yesterday" + day + "audit", "audit", "--from", "yesterday");
    assertWrong("--seed: x (expected: a whole number, at most 9", "trace", azure, "--seed", "x");
    assertWrong("--limit: 1e9 (expected: a whole number,", "trace", azure, "--limit", "1e9");
    assertWrong("SHARD: x (expected: a whole", "ledger", "move-shard", "a", "x", "--to", "b");
    assertWrong("--load: much (expected: a number)", "compare", "--load", "much");
    assertWrong("--all: x (expected: true or false)", "diff", "a", "b", "--all=x");
    assertWrong("--by: days (expected: one of tenant, day, ", "usage", "--by", "days");
    assertWrong("; perhaps day)", "usage", "--by", "days");
    String url = " (expected: a URL such as http://127.0.0.1:8081)";
    for (String wrong : List.of("nope", "localhost:8081", "http://", "http://a b", "ftp://a")) {
      assertWrong("--administration: " + wrong + url, "usage", "--administration", wrong);
    }
    assertWrong("--url: nope" + url, "warm", "a", "--url", "nope");
  }

  @Test
  void saysThatAConnectionWasRefused() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    assertEquals(1, run("usage", "--administration", "http://127.0.0.1:" + closed));
    assertEquals(
        "forebay: administration 127.0.0.1:%d: connection refused (expected: it runs)\n"
            .formatted(closed),
        err.toString());
  }

  @Test
  void showsWhereOnlyWhenDebugging() {
    StringWriter debug = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out),
            new PrintWriter(debug, true),
            Map.of("FOREBAY_DEBUG", "1"),
            "trace",
            "foo:bar");
    assertEquals(2, code);
    assertTrue(debug.toString().contains("\tat dev.forebay.replay"), debug.toString());
  }

  private void assertWrong(String part, String... args) {
    err.getBuffer().setLength(0);
    out.getBuffer().setLength(0);
    assertEquals(2, run(args));
    String line = err.toString();
    assertTrue(line.startsWith("forebay: ") && line.contains(part), line);
    assertEquals(line.length() - 1, line.indexOf('\n'), line);
    assertEquals("", out.toString());
    assertFalse(line.contains("\tat "), line);
  }

  private int run(String... args) {
    return Main.run(
        new PrintWriter(out), new PrintWriter(err, true), Map.of("NO_COLOR", "1"), args);
  }
}
