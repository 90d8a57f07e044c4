package dev.forebay.cli.livepage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import dev.forebay.simulation.http.Emulator;
import dev.forebay.simulation.http.EmulatorProfile;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The live page of a served gateway, in a real Chromium. */
@Timeout(120)
class LivePageTest {

  private static final String TOKEN = "a token of the administration";
  private static final String TAB = "\uE004";
  private static final String ENTER = "\uE007";
  private static final int PATIENCE_MILLIS = 30_000;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = vertx.createHttpClient();
  private long timer;
  private Emulator a;
  private Emulator b;
  private final List<GatewayServer> served = new ArrayList<>();
  private Chromium chromium;
  @TempDir private Path outbox;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Chromium.installed(), "no Chromium with its driver is installed");
    EmulatorProfile fast = EmulatorProfile.DEFAULT.withTimeScale(100);
    a = await(Emulator.start(vertx, fast, request -> 5));
    b = await(Emulator.start(vertx, fast, request -> 5));
    chromium = Chromium.start();
  }

  @AfterEach
  void stop() throws Exception {
    if (chromium != null) {
      chromium.close();
    }
    vertx.cancelTimer(timer);
    served.forEach(each -> await(each.close()));
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  private String yaml(String administration) {
    return """
    http: { port: 0, drain-timeout: 1s }
    administration: { port: 0%s }
    live-page: { title: "under test" }
    pipeline:
      - retry: { attempts: 2 }
      - balance: { by: round-robin, health: { plugin: consecutive-failures, base-cooldown: 60s } }
    backends:
      - { plugin: openai, id: a, url: "%s" }
      - { plugin: openai, id: b, url: "%s" }
    jobs: { store: memory, queue: memory, workers: 1 }
    ledger: { gateway: one, outbox: { folder: "%s" } }
    scaling: { pools: [{ by: { plugin: fixed, replicas: 2 }, target: none, min: 2 }] }
    """
        .formatted(administration, a.url(), b.url(), outbox);
  }

  private static GatewayDocument document(String yaml) {
    Registry registry = Registry.load(LivePageTest.class.getClassLoader());
    return GatewayDocument.read(Node.parse("gateway.yaml", yaml, name -> null), registry);
  }

  private void open(String administration) throws Exception {
    served.add(await(GatewayServer.start(vertx, document(yaml(administration)))));
    timer = vertx.setPeriodic(50, id -> ask());
    chromium.open(origin() + "/live");
    chromium.until(row("a", ".state", "up"), PATIENCE_MILLIS);
  }

  private GatewayServer server() {
    return served.get(0);
  }

  private String origin() {
    return "http://127.0.0.1:" + server().administrationPort();
  }

  /** One request of a caller. */
  private void ask() {
    JsonObject body =
        new JsonObject()
            .put("model", "deepseek-flash")
            .put("max_tokens", 5)
            .put(
                "messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", "hi")));
    client
        .request(HttpMethod.POST, server().port(), "127.0.0.1", "/v1/chat/completions")
        .compose(request -> request.send(body.toBuffer()))
        .compose(answer -> answer.body());
  }

  /** Whether a part of an endpoint's row has a text. */
  private static String row(String endpoint, String part, String text) {
    return "document.querySelector('[data-endpoint=\"%s\"] %s')?.textContent === '%s'"
        .formatted(endpoint, part, text);
  }

  private void assertNoError() throws Exception {
    List<JsonObject> errors =
        chromium.console().stream().filter(e -> e.getString("level").equals("SEVERE")).toList();
    assertEquals(List.of(), errors);
    List<String> asked = chromium.requested();
    assertTrue(asked.size() > 5, asked.toString());
    asked.forEach(url -> assertTrue(url.startsWith(origin() + "/"), url));
  }

  @Test
  void figuresMoveAndAnEndpointThatDiesIsShownWithinTwoSeconds() throws Exception {
    open("");
    String answered = "document.querySelector('#endings b').textContent";
    chromium.until("/· [1-9]/.test(" + answered + ")", PATIENCE_MILLIS);
    Object before = chromium.of(answered);
    chromium.until(answered + " !== '" + before + "'", PATIENCE_MILLIS);
    chromium.until("document.querySelectorAll('.u-wrap canvas').length >= 4", PATIENCE_MILLIS);
    chromium.of(
        "new MutationObserver(() => {"
            + " if (window.shownAt === undefined"
            + " && document.querySelector('[data-endpoint=b] .state').dataset.level === 'bad')"
            + " window.shownAt = Date.now(); })"
            + ".observe(document.getElementById('endpoints'),"
            + " {attributes: true, subtree: true, childList: true, characterData: true})");
    long killedAt = System.currentTimeMillis();
    await(b.close());
    chromium.until("window.shownAt !== undefined", PATIENCE_MILLIS);
    long took = ((Number) chromium.of("window.shownAt")).longValue() - killedAt;
    System.out.printf("LivePageTest: an endpoint was shown as out after %d ms%n", took);
    chromium.until(
        "document.getElementById('detail').textContent.includes('b (')", PATIENCE_MILLIS);
    chromium.until(
        "document.getElementById('changes').textContent.includes('endpoint default/b')",
        PATIENCE_MILLIS);
    assertEquals("warn", chromium.of("document.getElementById('verdict').dataset.level"));
    assertNoError();
  }

  @Test
  void withoutATokenNobodyIsOfferedToDrain() throws Exception {
    open("");
    assertEquals(
        0L,
        ((Number)
                chromium.of(
                    "[...document.querySelectorAll('#endpoints button')]"
                        + ".filter(each => each.offsetParent !== null).length"))
            .longValue());
    await(server().close());
    chromium.until("document.getElementById('lost').offsetParent !== null", PATIENCE_MILLIS);
    assertTrue(
        chromium.of("document.getElementById('lost').textContent").toString().contains("of "));
  }

  @Test
  void theKeyboardDrainsAnEndpointWithTheToken() throws Exception {
    open(", token: \"" + TOKEN + "\"");
    String focus = "document.activeElement.getAttribute('aria-label') || document.activeElement.id";
    for (int i = 0; i < 30 && !chromium.of(focus).equals("Drain a"); i++) {
      chromium.press(TAB);
    }
    assertEquals("Drain a", chromium.of(focus));
    chromium.press(ENTER);
    chromium.until("document.activeElement.id === 'token'", PATIENCE_MILLIS);
    chromium.press("a wrong token" + ENTER);
    chromium.until(
        "document.getElementById('action-error').textContent === 'This is not the token.'",
        PATIENCE_MILLIS);
    assertFalse(draining("a"));
    chromium.of("document.getElementById('token').value = ''");
    chromium.press(TOKEN + ENTER);
    chromium.until(row("a", ".state", "draining"), PATIENCE_MILLIS);
    assertTrue(draining("a"));
    chromium.until("!document.getElementById('action').open", PATIENCE_MILLIS);
    chromium.until(focus + " === 'Undrain a'", PATIENCE_MILLIS);
    chromium.press(ENTER);
    chromium.until("document.activeElement.id === 'action-do'", PATIENCE_MILLIS);
    chromium.press(ENTER);
    chromium.until(row("a", ".state", "up"), PATIENCE_MILLIS);
    assertFalse(draining("a"));
    assertNoError();
  }

  @Test
  void jobsTheLedgerAndTheAutoscalerHaveCards() throws Exception {
    open("");
    chromium.until(value("jobs", "Stores", "in use"), PATIENCE_MILLIS);
    chromium.until(value("ledger", "Database takes records", "yes"), PATIENCE_MILLIS);
    chromium.until(value("scaling: default", "Wanted", "2"), PATIENCE_MILLIS);
    assertEquals(false, chromium.of("document.body.textContent.includes('undefined')"));
    assertEquals(false, chromium.of("document.body.textContent.includes('NaN')"));
    assertNoError();
  }

  @Test
  void aStageThatAReloadTakesAwayLosesItsCard() throws Exception {
    open("");
    String card =
        "[...document.querySelectorAll('#stages h2')]"
            + ".some(each => each.firstChild.textContent === 'retry')";
    chromium.until(card, PATIENCE_MILLIS);
    await(server().reload(document(yaml("").replace("  - retry: { attempts: 2 }\n", ""))));
    chromium.until("!" + card, PATIENCE_MILLIS);
    assertNoError();
  }

  /** Whether a card tells such a value under a label. */
  private static String value(String card, String label, String text) {
    return ("[...document.querySelectorAll('#stages .card')]"
            + ".filter(card => card.firstChild.firstChild.textContent === '%s')"
            + ".flatMap(card => [...card.querySelectorAll('dt')])"
            + ".some(dt => dt.textContent === '%s' && dt.nextSibling.textContent === '%s')")
        .formatted(card, label, text);
  }

  private boolean draining(String endpoint) {
    return Objects.requireNonNull(await(server().gateway().state()).pools().get("default"))
        .endpoints()
        .stream()
        .anyMatch(each -> each.id().equals(endpoint) && each.state().toString().equals("draining"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void itFitsAPhoneAndCanBeRead(String scheme) throws Exception {
    chromium.scheme(scheme);
    open(", token: \"" + TOKEN + "\"");
    for (int width : new int[] {1280, 800, 390, 320}) {
      chromium.size(width, 800, 1);
      chromium.until("document.documentElement.clientWidth === " + width, PATIENCE_MILLIS);
      Object needed = chromium.of("document.documentElement.scrollWidth");
      assertEquals((long) width, ((Number) needed).longValue(), "width of the page");
    }
    assertEquals(new JsonArray(), chromium.of(FAINT));
    assertEquals(new JsonArray(), chromium.of(UNNAMED));
    assertNoError();
    chromium.of(
        "document.body.append(Object.assign(document.createElement('script'),"
            + " {textContent: 'window.inline = true'}))");
    assertEquals(true, chromium.of("window.inline === undefined"), "no inline script runs");
  }

  /** Texts whose contrast with what is behind them is below 4.5 (WCAG 2.1, AA). */
  private static final String FAINT =
      """
      (() => {
        const parts = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
        const opaque = (color) => parts(color).length === 3 || parts(color)[3] === 1;
        const light = (color) => parts(color).slice(0, 3).map((each) => {
          const c = each / 255;
          return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        }).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
        const behind = (element) => {
          for (let each = element; each; each = each.parentElement) {
            const color = getComputedStyle(each).backgroundColor;
            if (opaque(color)) return color;
          }
          return 'rgb(255, 255, 255)';
        };
        const faint = [];
        for (const each of document.querySelectorAll('body *')) {
          const own = [...each.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
          if (!own || each.offsetParent === null) continue;
          const one = light(getComputedStyle(each).color);
          const other = light(behind(each));
          const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
          if (contrast < 4.5) faint.push(each.textContent.trim() + ': ' + contrast.toFixed(2));
        }
        return faint;
      })()
      """;

  /** Buttons, fields, tables and sections without a name. */
  private static final String UNNAMED =
      """
      [...document.querySelectorAll('button, input, section, table, dialog, [role=group]')]
        .filter((each) => !(each.getAttribute('aria-label')
          || document.getElementById(each.getAttribute('aria-labelledby') || '-')
          || (each.labels && each.labels.length)
          || (each.tagName === 'BUTTON' && (each.textContent.trim() || each.offsetParent === null))))
        .map((each) => each.outerHTML.slice(0, 80))
      """;
}
