package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process of serve that is told to stop. */
@Timeout(120)
class RunningTest {

  @TempDir Path folder;
  private ServerSocket silent; // an upstream that takes requests and does not answer
  private Process gateway;

  @BeforeEach
  void start() throws IOException {
    silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    silent.setSoTimeout(100_000);
    Files.writeString(folder.resolve("gateway.yaml"), yaml(""));
    gateway = process();
  }

  private Process process() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            Main.class.getName(),
            "serve",
            "--watch",
            folder.resolve("gateway.yaml").toString());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path", ""));
    Process started = builder.redirectErrorStream(true).start();
    CompletableFuture.delayedExecutor(100, TimeUnit.SECONDS)
        .execute(started::destroyForcibly); // so that a read of its output ends
    return started;
  }

  /** A JVM leaves a SIGHUP ignored if it was when it started, as under nohup. */
  private static void hangUp(Process process) throws Exception {
    Path status = Path.of("/proc/" + process.pid() + "/status");
    if (Files.isReadable(status)) {
      String ignored =
          Files.readString(status).replaceAll("(?s).*\\nSigIgn:\\s*([0-9a-f]+)\\n.*", "$1");
      assumeTrue((Long.parseUnsignedLong(ignored, 16) & 1) == 0, "SIGHUP is ignored here");
    }
    new ProcessBuilder("kill", "-HUP", Long.toString(process.pid())).start().waitFor();
  }

  private String yaml(String more) {
    return """
    http: { port: 0, drain-timeout: 1h }
    administration: { port: 0 }
    backends: [{ plugin: openai, id: a, url: "http://127.0.0.1:%d"%s }]
    """
        .formatted(silent.getLocalPort(), more);
  }

  @AfterEach
  void stop() throws IOException {
    gateway.destroyForcibly();
    silent.close();
  }

  @Test
  void aSecondSignalEndsWhatTheFirstOneWaitsFor() throws Exception {
    try (BufferedReader out = gateway.inputReader(StandardCharsets.UTF_8)) {
      String url = line(out, "forebay: listening on ").replaceAll(".* ", "");
      CompletableFuture<HttpResponse<String>> answer = ask(url);
      try (Socket upstream = silent.accept()) {
        gateway.toHandle().destroy(); // SIGTERM, and its output stays to be read
        line(out, "forebay: stopping");
        assertFalse(answer.isDone());
        assertTrue(gateway.isAlive());
        gateway.toHandle().destroy();
        HttpResponse<String> ended = answer.get(30, TimeUnit.SECONDS);
        assertEquals(503, ended.statusCode(), ended.body());
        assertTrue(ended.body().contains("shutting_down"), ended.body());
        assertTrue(gateway.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, gateway.exitValue());
      }
    }
  }

  @Test
  void oneSignalIsEnoughIfNothingIsUnderWay() throws Exception {
    try (BufferedReader out = gateway.inputReader(StandardCharsets.UTF_8)) {
      line(out, "forebay: administration on ");
      gateway.toHandle().destroy();
      assertTrue(gateway.waitFor(30, TimeUnit.SECONDS));
      assertEquals(0, gateway.exitValue());
    }
  }

  @Test
  void theFileIsReadAgainOnSighupAndWhenItHasChanged() throws Exception {
    Path file = folder.resolve("gateway.yaml");
    try (BufferedReader out = gateway.inputReader(StandardCharsets.UTF_8)) {
      line(out, "forebay: administration on ");
      hangUp(gateway);
      assertEquals("forebay: " + file + " was read again", line(out, "forebay: "));
      Files.writeString(file, yaml(", weight: none"));
      String refused = line(out, "forebay: ");
      assertTrue(refused.contains("was not taken, and nothing has changed: "), refused);
      assertTrue(refused.contains(file + ":3: backends[0].weight: "), refused);
      Files.writeString(file, yaml(", weight: 2"));
      assertEquals("forebay: " + file + " was read again", line(out, "forebay: "));
      assertTrue(gateway.isAlive());
    }
  }

  @Test
  void aSighupWhileItStartsIsKeptUntilItHasStarted() throws Exception {
    gateway.destroyForcibly().waitFor();
    String more =
        """
        ledger:
          gateway: a
          outbox: { folder: "%s" }
          store:
            plugin: mysql
            databases: [{ name: a, primary: "mysql://127.0.0.1:%d/a" }]
        """
            .formatted(folder.resolve("outbox"), silent.getLocalPort());
    Files.writeString(folder.resolve("gateway.yaml"), yaml("") + more);
    gateway = process();
    try (BufferedReader out = gateway.inputReader(StandardCharsets.UTF_8)) {
      silent.accept().close(); // it has read its file, and starts
      hangUp(gateway);
      silent.close();
      line(out, "forebay: administration on ");
      assertTrue(line(out, "forebay: ").contains("gateway.yaml was "), "it was read again");
    }
  }

  private static CompletableFuture<HttpResponse<String>> ask(String url) {
    String body = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    return HttpClient.newHttpClient()
        .sendAsync(
            HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static String line(BufferedReader out, String begin) throws IOException {
    StringBuilder said = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(begin)) {
        return line;
      }
      said.append(line).append('\n');
    }
    throw new IllegalStateException("no " + begin + " in " + said);
  }
}
