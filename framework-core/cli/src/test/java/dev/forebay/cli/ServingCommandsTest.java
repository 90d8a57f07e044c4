package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.OptionDescription;
import dev.forebay.config.PluginDescription;
import dev.forebay.config.Reference;
import dev.forebay.config.Registry;
import dev.forebay.spi.options.Plugins;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands serve, emulate and plugins: what they say, and how they refuse bad input. */
@Timeout(60)
class ServingCommandsTest {

  private static final Path ROOT =
      Path.of(System.getProperty("forebay.root", "../..")).toAbsolutePath();
  private static final String GATEWAY =
      "http: { port: 0 }\nadministration: { port: 0 }\nbackends: [{ plugin: simulated, id: a }]\n";

  @TempDir Path folder;
  private StringWriter out = new StringWriter();
  private StringWriter err = new StringWriter();

  @Test
  void checksAGoodFile() throws IOException {
    assertEquals(0, run("serve", file(GATEWAY), "--check"), err.toString());
    assertTrue(out.toString().contains("is right"), out.toString());
    assertEquals("", err.toString());
  }

  @Test
  void saysWhichFileOfTlsIsWrong() throws IOException {
    String tls = "tls: { certificate: none.pem, key: none.key }";
    String gateway = GATEWAY.replaceFirst("port: 0", "port: 0, " + tls);
    for (String mode : new String[] {"", "--check"}) {
      err = new StringWriter();
      assertEquals(2, run(("serve " + file(gateway) + " " + mode).split(" ")), err.toString());
      for (String line :
          new String[] {
            ":1: http.tls.certificate: none.pem (expected: a file that can be read)",
            ":1: http.tls.key: none.key (expected: a file that can be read)"
          }) {
        assertTrue(err.toString().contains(line), err.toString());
      }
      assertNoTrace();
    }
  }

  @Test
  void checksWhatTheFilesOfTlsHold() throws IOException {
    String empty = Files.createFile(folder.resolve("empty.pem")).toString();
    String tls = "tls: { certificate: %s, key: %s }".formatted(empty, empty);
    String gateway = GATEWAY.replaceFirst("port: 0", "port: 0, " + tls);
    assertWrong(
        "http.tls.certificate: " + empty + " (expected: PEM files of",
        "serve",
        file(gateway),
        "--check");
  }

  /** Each option that names a file, with one that is not there, and with a folder. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "client-ca | http: { tls: { certificate: @, key: @, client-ca: # } };backends: [{ plugin:"
            + " simulated, id: a }]",
        "key-file | backends: [{ plugin: openai, id: a, url: 'http://h', key-file: # }]",
        "trust | backends: [{ plugin: openai, id: a, url: 'http://h', tls: { trust: # } }]",
        "certificate-key | backends: [{ plugin: openai, id: a, url: 'http://h', tls: {"
            + " certificate: @, certificate-key: # } }]",
        "ca | discover: { from: { plugin: consul, service: s, ca: # }, ~ }",
        "token-file | discover: { from: { plugin: kubernetes, service: s, token-file: # }, ~ }",
        "ca-file | discover: { from: { plugin: kubernetes, service: s, ca-file: # }, ~ }",
        "path | discover: { from: { plugin: file, path: # }, ~ }",
        "balance.probe.by.trust | backends: [{ plugin: simulated, id: a }];pipeline: [{ balance: {"
            + " by: random, probe: { by: { plugin: http, trust: # } } } }]",
        "model | backends: [{ plugin: llama, id: a, model: # }]"
      })
  void aFileThatCannotBeReadIsAMistake(String option, String yaml) throws IOException {
    String there = Files.createFile(folder.resolve("there")).toString();
    for (String name : new String[] {folder.resolve("no/such").toString(), folder.toString()}) {
      String gateway =
          yaml.replace("@", there)
              .replace("#", name)
              .replace(";", "\n")
              .replace("~", "backend: { plugin: openai, id: '{id}', url: 'http://{address}' }");
      String line = option + ": " + name + " (expected: a file that can be read";
      assertWrong(line, "serve", file(gateway), "--check");
    }
  }

  /** In what a secret holds, braces may be its own. */
  @Test
  void aPlaceholderThatNobodyFillsInIsAMistake() throws IOException {
    String gateway =
        """
        discover:
          from: { plugin: static-list, addresses: ["10.0.0.1:8000"] }
          backend:
            plugin: openai
            id: "{idd}"
            url: "http://{address}"
            key: "a{b}c"
            account: "{host}-{region}"
            tls: { trust-password: "{x}" }
            models: ["m-{}", "{port}"]
        """;
    assertEquals(2, run("serve", file(gateway), "--check"), err.toString());
    String expected = " (expected: a placeholder of {id}, {address}, {host}, {port}";
    for (String line :
        new String[] {
          ":5: discover.backend.id: {idd}" + expected,
          ":8: discover.backend.account: {region}" + expected,
          ":10: discover.backend.models[0]: {}" + expected
        }) {
      assertTrue(err.toString().contains(line), line + " in " + err);
    }
    assertEquals(3, err.toString().lines().count(), err.toString());
    assertNoTrace();
  }

  @Test
  void eachOptionThatNamesAFileSaysSo() {
    for (PluginDescription plugin : Registry.load(getClass().getClassLoader()).descriptions()) {
      for (OptionDescription option : plugin.options()) {
        boolean file = option.doc().matches("(?i).*\\b(pem file|file of|file that|file with)\\b.*");
        assertEquals(
            file || option.type().equals("file"),
            option.type().equals("file"),
            plugin.name() + "." + option.name());
      }
    }
  }

  @Test
  void checksTheExamples() {
    for (String name : new String[] {"gateway.yaml", "simulated.yaml"}) {
      assertEquals(
          0, run("serve", ROOT.resolve("examples/" + name).toString(), "--check"), err.toString());
    }
  }

  @Test
  void saysWhereItListensAndStopsWhenToldTo() throws Exception {
    Running serve = new Running("serve", file(GATEWAY), "--port", "0");
    String listening = serve.line();
    assertTrue(listening.matches("forebay: listening on http://127\\.0\\.0\\.1:\\d+"), listening);
    String administration = serve.line();
    assertTrue(
        administration.matches("forebay: administration on http://127\\.0\\.0\\.1:\\d+"),
        administration);
    assertEquals(200, get(listening.replaceAll(".* ", "") + "/readyz"));
    assertEquals(200, get(administration.replaceAll(".* ", "") + "/state"));
    assertEquals(0, serve.stop());
  }

  @Test
  void emulatesTheExampleAndTheDefault() throws Exception {
    for (String[] arguments :
        new String[][] {
          {"emulate", ROOT.resolve("examples/emulator.yaml").toString(), "--port", "0"},
          {"emulate"}
        }) {
      Running emulate = new Running(arguments);
      String listening = emulate.line();
      assertTrue(listening.matches("forebay: listening on http://127\\.0\\.0\\.1:\\d+"), listening);
      assertEquals(200, get(listening.replaceAll(".* ", "") + "/v1/models"));
      assertEquals(0, emulate.stop());
    }
  }

  @Test
  void reportsEveryMistakeOfAFileWithItsLine() throws IOException {
    String path =
        file(
            """
            http: { port: 99999 }
            htpp: {}
            pipeline:
              - rate-limit: { by: { plugin: token-bucket, rate: -1 } }
              - cache: { store: lruu }
              - admit: { limit: fixed, queue: { plugin: fifo, capactiy: 3 } }
            backends:
              - { plugin: openai, id: a, url: "${NOT_SET_FOR_FOREBAY}" }
            """);
    assertEquals(2, run("serve", path, "--check"));
    String[] lines = err.toString().split("\n");
    assertEquals(6, lines.length, err.toString());
    for (String wanted :
        new String[] {
          ":1: http.port: 99999",
          ":2: htpp: unknown key",
          ":4: pipeline[0].rate-limit.by.rate: -1",
          ":5: pipeline[1].cache.store: lruu",
          ":6: pipeline[2].admit.queue.capactiy",
          "NOT_SET_FOR_FOREBAY"
        }) {
      assertTrue(err.toString().contains(wanted), wanted + " in " + err);
    }
    assertNoTrace();
  }

  /** What a gateway could not serve by, or would serve too many by, is a mistake of its file. */
  @Test
  void whatWouldGoWrongLaterIsAMistakeNow() throws IOException {
    String backend = "backends: [{ plugin: openai, id: %s, url: 'http://127.0.0.1:1' }]\n";
    for (String id : new String[] {"''", "' '", "\"a\\nb\"", "\"é\""}) {
      assertWrong("no blanks", "serve", file(backend.formatted(id)), "--check");
    }
    String sound = backend.formatted("a");
    assertWrong(
        "keys: none (expected: at least one; without the key, everybody may ask)",
        "serve",
        file(sound + "keys:\n"),
        "--check");
    assertWrong(
        "keys: none (expected: at least one; without the key, everybody may ask)",
        "serve",
        file(sound + "keys: []\n"),
        "--check");
    assertWrong(
        "tenants: none (expected: at least one; without the key, it may take those of all)",
        "serve",
        file(sound.replace(" }]", ", tenants: [] }]")),
        "--check");
    String late = "pipeline: [{ deadline: { total: 1s, first-content: 2s } }]\n";
    assertWrong(
        "first-content: 2000 ms (expected: at most total", "serve", file(sound + late), "--check");
    String twice =
        "pipeline: [{ rate-limit: { by: { plugin: limits, each: [token-bucket, token-bucket] } }"
            + " }]\n";
    assertWrong(
        "two limits have the name token-bucket (expected: names that differ)",
        "serve",
        file(sound + twice),
        "--check");
  }

  @Test
  void answersBadInputWithOneLineAndTwo() throws IOException {
    assertWrong("Missing required parameter", "serve");
    assertWrong("Unknown option: '--prot'", "serve", file(GATEWAY), "--prot");
    assertWrong(
        "--port: abc (expected: a whole number, at most 2147483647)",
        "serve",
        file(GATEWAY),
        "--port",
        "abc");
    assertWrong("http.port: 70000", "serve", file(GATEWAY), "--port", "70000");
    assertWrong("gone.yaml", "serve", folder.resolve("gone.yaml").toString());
    assertWrong(folder.toString(), "serve", folder.toString());
    assertWrong(".yaml:2: document: not YAML", "serve", file("a: [b\n"));
    assertWrong("backends: missing", "serve", file("http: { port: 0 }\n"));
    assertWrong(".yaml:1: document: empty (expected: a gateway: a mapping)", "serve", file(""));
    assertWrong(".yaml:1: document: a list (expected: a gateway", "serve", file("- a\n"));
    assertWrong(
        ".yaml:1: http: banana",
        "serve",
        file("http: banana\nbackends: [{ plugin: simulated }]\n"),
        "--port",
        "0");
    assertWrong(
        ".yaml:1: document: a scenario, for forebay compare (expected: a gateway)",
        "serve",
        file("about: x\nfleet: [{}]\ncombinations: {}\n"));
    assertWrong(
        ".yaml:1: document: a scenario, for forebay compare (expected: the profile",
        "emulate",
        file("about: x\nfleet: [{}]\n"));
    assertWrong(
        ": pipeline[0].deadline: 5s (expected: a mapping with total, first-content",
        "serve",
        file("pipeline: [{ deadline: 5s }]\nbackends: [{ plugin: simulated }]\n"),
        "--check");
    assertWrong("--plugins: ", "serve", file(GATEWAY), "--plugins", "no-such-folder");
    assertWrong("port: -1", "emulate", "--port", "-1");
    assertWrong("server.slots: 0", "emulate", file("server: { slots: 0 }\n"));
    assertWrong("slotz", "emulate", file("slotz: 0\n"));
    assertWrong(
        "plugins: no-such-plugin (expected: one of llama, llama-server, openai, ",
        "plugins",
        "no-such-plugin");
    assertWrong("; perhaps prefix-affinity)", "plugins", "prefix-afinity");
    assertWrong("--format: xml", "plugins", "--format", "xml");
  }

  @Test
  void refusesContradictingOptionsOfAPlugin() throws IOException {
    String health = "health: { plugin: consecutive-failures, base-cooldown: 9s, max-cooldown: 1s }";
    String pipeline = "pipeline: [{ balance: { by: round-robin, " + health + " } }]\n";
    assertWrong("max-cooldown", "serve", file(GATEWAY + pipeline), "--check");
  }

  @Test
  void failsWhereAPortIsInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      String port = Integer.toString(taken.getLocalPort());
      assertFailed(
          "cannot listen on 0.0.0.0:" + port,
          "serve",
          file(GATEWAY),
          "--host",
          "0.0.0.0",
          "--port",
          port);
      assertFailed(
          "cannot listen on 0.0.0.0:" + port, "emulate", "--host", "0.0.0.0", "--port", port);
    }
  }

  @Test
  void namesAJarThatIsNone() throws IOException {
    Path jars = Files.createDirectory(folder.resolve("jars"));
    assertWrong("holds none (expected: *.jar)", "plugins", "--plugins", jars.toString());
    Files.writeString(jars.resolve("broken.jar"), "no zip");
    assertEquals(0, run("plugins", "--plugins", jars.toString()));
    assertTrue(err.toString().contains("broken.jar is not a jar"), err.toString());
    assertEquals(1, err.toString().lines().count(), err.toString());
  }

  @Test
  void aMisspelledListOfBackendsHasNoOtherConsequence() throws IOException {
    String misspelled =
        "pipeline: [{ balance: random }]\nbackend: [{ plugin: simulated, id: a }]\n";
    assertEquals(2, run("serve", file(misspelled), "--check"));
    assertTrue(err.toString().contains(":2: backend: unknown key"), err.toString());
    assertEquals(1, err.toString().lines().count(), err.toString());
  }

  @Test
  void saysThatNoJarNamesAPlugin() throws IOException {
    Path jars = Files.createDirectory(folder.resolve("jars"));
    try (JarOutputStream jar =
        new JarOutputStream(Files.newOutputStream(jars.resolve("library.jar")))) {
      jar.putNextEntry(new ZipEntry("com/acme/Balancer.class"));
    }
    assertWrong(
        "no jar names a plugin (expected: " + Plugins.SERVICES,
        "plugins",
        "--plugins",
        jars.toString());
  }

  @Test
  void listsPlugins() {
    assertEquals(0, run("plugins"), err.toString());
    assertTrue(out.toString().contains("rate-limiter\n  leaky-bucket"), out.toString());
    assertEquals(0, run("plugins", "token-bucket"));
    assertTrue(out.toString().contains("burst: whole number"), out.toString());
    assertEquals(0, run("plugins", "token-bucket", "--format", "json"));
    JsonArray json = new JsonArray(out.toString());
    assertEquals("rate-limiter", json.getJsonObject(0).getString("kind"));
  }

  /** Regenerate with {@code ./forebay plugins --format markdown > docs/plugins.md}. */
  @Test
  void theReferenceInTheDocsIsUpToDate() throws IOException {
    String docs = Files.readString(ROOT.resolve("docs/plugins.md"));
    assertEquals(
        Reference.markdown(new PluginJars().registry(new PrintWriter(err))),
        docs,
        "stale: ./forebay plugins --format markdown > docs/plugins.md");
  }

  private String file(String yaml) throws IOException {
    Path file = Files.createTempFile(folder, "gateway", ".yaml");
    Files.writeString(file, yaml);
    return file.toString();
  }

  private void assertWrong(String line, String... arguments) {
    assertEquals(2, run(arguments), String.join(" ", arguments) + "\n" + err);
    assertOneLine(line);
  }

  private void assertFailed(String line, String... arguments) {
    assertEquals(1, run(arguments), String.join(" ", arguments) + "\n" + err);
    assertOneLine(line);
  }

  private void assertOneLine(String line) {
    assertTrue(err.toString().contains(line), line + " in " + err);
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertNoTrace();
  }

  private void assertNoTrace() {
    assertFalse(err.toString().contains("\tat "), err.toString());
    assertEquals("", out.toString());
  }

  private int run(String... arguments) {
    out = new StringWriter();
    err = new StringWriter();
    return Main.run(new PrintWriter(out), new PrintWriter(err), Map.of(), arguments);
  }

  private static int get(String url) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create(url)).build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }

  /** A command on a thread of its own, whose output is read while it runs. */
  private static final class Running {
    private final PipedReader output = new PipedReader();
    private final CompletableFuture<Integer> code = new CompletableFuture<>();
    private final Thread thread;

    Running(String... arguments) throws IOException {
      PrintWriter out = new PrintWriter(new PipedWriter(output));
      thread =
          new Thread(
              () -> {
                code.complete(
                    Main.run(out, new PrintWriter(new StringWriter()), Map.of(), arguments));
                out.close();
              });
      thread.start();
    }

    String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = output.read(); c != '\n' && c >= 0; c = output.read()) {
        line.append((char) c);
      }
      return line.toString();
    }

    int stop() {
      thread.interrupt();
      return code.join();
    }
  }
}
