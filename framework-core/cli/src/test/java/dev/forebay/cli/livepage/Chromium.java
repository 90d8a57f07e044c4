package dev.forebay.cli.livepage;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A headless Chromium, driven by its ChromeDriver over the HTTP of W3C WebDriver. It has a profile
 * of its own, which goes with it.
 */
public final class Chromium implements AutoCloseable {

  private static final List<String> FLAGS =
      List.of(
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--hide-scrollbars",
          "--window-size=1280,900");

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process driver;
  private final Path profile;
  private final String session;
  private final List<JsonObject> console = new ArrayList<>();
  private final List<String> requested = new ArrayList<>();

  private Chromium(Process driver, String address, Path profile) throws Exception {
    this.driver = driver;
    this.profile = profile;
    List<String> flags = new ArrayList<>(FLAGS);
    flags.add("--user-data-dir=" + profile);
    JsonObject wanted =
        new JsonObject()
            .put("goog:chromeOptions", new JsonObject().put("args", new JsonArray(flags)))
            .put(
                "goog:loggingPrefs",
                new JsonObject().put("browser", "ALL").put("performance", "ALL"));
    JsonObject asked =
        new JsonObject().put("capabilities", new JsonObject().put("alwaysMatch", wanted));
    JsonObject made = (JsonObject) send(address + "/session", asked);
    session = address + "/session/" + made.getString("sessionId");
  }

  /** Whether a Chromium with its driver is installed. */
  public static boolean installed() {
    return find("chromedriver").isPresent()
        && (find("chromium").isPresent() || find("google-chrome").isPresent());
  }

  private static Optional<Path> find(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts one. */
  public static Chromium start() throws Exception {
    Process driver =
        new ProcessBuilder(find("chromedriver").orElseThrow().toString(), "--port=0")
            .redirectErrorStream(true)
            .start();
    try {
      return new Chromium(
          driver, "http://127.0.0.1:" + port(driver), Files.createTempDirectory("chromium"));
    } catch (Exception | Error e) {
      driver.destroyForcibly();
      throw e;
    }
  }

  /** It tells the port that it chose; what it says later is read and dropped. */
  private static int port(Process driver) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(driver.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.contains("started successfully on port")) {
        Thread.ofVirtual().start(() -> out.lines().forEach(ignored -> {}));
        return Integer.parseInt(line.replaceAll(".*port (\\d+).*", "$1"));
      }
    }
    throw new IOException("chromedriver ended without a port");
  }

  private Object send(String url, JsonObject body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.encode()))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    Object value = new JsonObject(answer.body()).getValue("value");
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(url + ": " + value);
    }
    return value == null ? "" : value;
  }

  private Object ask(String command, JsonObject body) throws Exception {
    return send(session + "/" + command, body);
  }

  /** Sends a command of the DevTools protocol. */
  public JsonObject devTools(String command, JsonObject parameters) throws Exception {
    return (JsonObject)
        ask("goog/cdp/execute", new JsonObject().put("cmd", command).put("params", parameters));
  }

  /** Shows a page. */
  public void open(String url) throws Exception {
    ask("url", new JsonObject().put("url", url));
  }

  /** What an expression is in the page. */
  public Object of(String expression) throws Exception {
    return ask(
        "execute/sync",
        new JsonObject().put("script", "return " + expression).put("args", new JsonArray()));
  }

  /**
   * Waits until an expression is true in the page, which looks each 20 ms.
   *
   * @throws IllegalStateException if it is not within so many milliseconds
   */
  public void until(String expression, int millis) throws Exception {
    ask("timeouts", new JsonObject().put("script", millis));
    String script =
        "const done = arguments[arguments.length - 1];"
            + "const look = () => ("
            + expression
            + ") ? done(true) : setTimeout(look, 20);"
            + "look();";
    ask("execute/async", new JsonObject().put("script", script).put("args", new JsonArray()));
  }

  /** Presses keys where the focus is, as a keyboard does: {@code \uE004} is Tab. */
  public void press(String keys) throws Exception {
    JsonArray actions = new JsonArray();
    for (String key : keys.split("")) {
      actions.add(new JsonObject().put("type", "keyDown").put("value", key));
      actions.add(new JsonObject().put("type", "keyUp").put("value", key));
    }
    JsonObject keyboard =
        new JsonObject().put("type", "key").put("id", "keyboard").put("actions", actions);
    ask("actions", new JsonObject().put("actions", new JsonArray().add(keyboard)));
  }

  /** Gives the page a size in its own pixels. */
  public void size(int width, int height, int pixelsForEach) throws Exception {
    devTools(
        "Emulation.setDeviceMetricsOverride",
        new JsonObject()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", pixelsForEach)
            .put("mobile", width < 600));
  }

  /** Prefers light or dark. */
  public void scheme(String name) throws Exception {
    JsonObject feature = new JsonObject().put("name", "prefers-color-scheme").put("value", name);
    devTools(
        "Emulation.setEmulatedMedia",
        new JsonObject().put("features", new JsonArray().add(feature)));
  }

  /** A picture of the page as it is seen, in PNG. */
  public byte[] picture() throws Exception {
    JsonObject taken = devTools("Page.captureScreenshot", new JsonObject().put("format", "png"));
    return Base64.getDecoder().decode(taken.getString("data"));
  }

  /** What the console said so far. */
  public List<JsonObject> console() throws Exception {
    log("browser").forEach(console::add);
    return console;
  }

  /** The addresses that the page asked for so far. */
  public List<String> requested() throws Exception {
    for (JsonObject entry : log("performance")) {
      JsonObject message = new JsonObject(entry.getString("message")).getJsonObject("message");
      JsonObject sent = message.getJsonObject("params");
      if (message.getString("method").equals("Network.requestWillBeSent")
          && !sent.getString("documentURL").matches("chrome[a-z-]*:.*")) { // its page for new tabs
        requested.add(sent.getJsonObject("request").getString("url"));
      }
    }
    return requested;
  }

  private List<JsonObject> log(String type) throws Exception {
    JsonArray entries = (JsonArray) ask("se/log", new JsonObject().put("type", type));
    return entries.stream().map(JsonObject.class::cast).toList();
  }

  @Override
  public void close() throws Exception {
    try {
      HttpRequest end = HttpRequest.newBuilder(URI.create(session)).DELETE().build();
      http.send(end, HttpResponse.BodyHandlers.discarding());
    } finally {
      driver.destroy();
      driver.waitFor();
      http.close();
      delete(profile);
    }
  }

  /** Chromium may still write into its profile while it ends: what is gone already is well. */
  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.toList().reversed()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException | java.io.UncheckedIOException e) {
      System.getLogger("chromium").log(System.Logger.Level.DEBUG, "profile: {0}", e);
    }
  }
}
