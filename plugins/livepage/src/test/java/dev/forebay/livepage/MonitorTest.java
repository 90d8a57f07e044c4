package dev.forebay.livepage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import dev.forebay.spi.state.StateReader;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The section with its routes, in virtual time. */
class MonitorTest {

  private final Map<String, HttpRoute> routes = new LinkedHashMap<>();
  private int endpoints = 3;
  private int asked;
  private int unreadable = -1;
  private final TestContext context =
      TestContext.create()
          .lend(
              StateReader.class,
              () -> {
                asked++;
                if (asked == unreadable) {
                  throw new IllegalStateException("a part of the state");
                }
                return States.gateway(endpoints, 2);
              })
          .lend(HttpRoutes.class, (listener, route) -> routes.put(route.path(), route));
  private final Section section = new LivePage("gate <b>1</b>", 200).create(context);

  private Future<RouteAnswer> ask(String path, String... since) {
    Map<String, List<String>> query =
        since.length == 0 ? Map.of() : Map.of("since", List.of(since));
    return Objects.requireNonNull(routes.get(path))
        .handler()
        .handle(
            new RouteRequest(
                Map.of(),
                query,
                new HttpHead(path, Headers.EMPTY),
                Caller.at("127.0.0.1"),
                Buffer.buffer()));
  }

  private JsonObject data(String... since) {
    return ask("/live/data", since).result().body().toJsonObject();
  }

  @Test
  void itSamplesOnceASecondUntilItIsClosed() {
    section.prepare();
    context.passSeconds(60);
    assertEquals(61, asked);
    for (int i = 0; i < 10; i++) {
      assertEquals(60, data().getInteger("last"));
    }
    assertEquals(61, asked, "pages cost no samples");
    section.close();
    context.passSeconds(60);
    assertEquals(61, asked);
    assertEquals(0, context.timeline().pending());
  }

  @Test
  void aStateThatCannotBeReadIsLeftOutAndTheNextOneIsTaken() {
    unreadable = 5;
    section.prepare();
    context.passSeconds(60);
    assertEquals(61, asked);
    assertEquals(59, data().getInteger("last"), "60 samples of 61");
    assertEquals(1, context.count("unreadable_states"));
  }

  @Test
  void whatIsKeptOfASampleIsBoundedHoweverManyEndpointsThereAre() {
    Totals totals = Totals.of(States.gateway(5_000, 20), 0);
    assertEquals(1_000, totals.dispatched().size());
    assertTrue(totals.dispatched().containsKey("default/e5019"), "those that are down first");
  }

  @Test
  void itTellsWhatIsNewSinceANumber() {
    section.prepare();
    context.passSeconds(10);
    assertEquals(11, data().getJsonArray("rows").size());
    assertEquals(3, data("7").getJsonArray("rows").size());
    assertEquals(0, data("10").getJsonArray("rows").size());
    assertTrue(data().getInteger("nextMillis") <= 1000);
    for (String wrong : List.of("x", "-2", "", "9999999999999999999")) {
      assertTrue(ask("/live/data", wrong).failed(), wrong);
    }
    assertTrue(ask("/live/data", "1", "2").failed());
  }

  @Test
  void whatItTellsHasABound() {
    endpoints = 5000;
    section.prepare();
    context.passSeconds(1000);
    Buffer body = ask("/live/data").result().body();
    assertTrue(body.length() < 512 << 10, body.length() + " bytes");
    JsonObject pool =
        body.toJsonObject().getJsonObject("state").getJsonArray("pools").getJsonObject(0);
    assertEquals(5002, pool.getInteger("total"));
    JsonArray shown = pool.getJsonArray("endpoints");
    assertEquals(200, shown.size());
    assertEquals("down", shown.getJsonObject(0).getString("state"), "the worst first");
    assertEquals("up", shown.getJsonObject(2).getString("state"));
  }

  @Test
  void allPartsOfThePageMayOnlyUseThePagesOwn() {
    section.prepare();
    for (String path : routes.keySet()) {
      RouteAnswer answer = ask(path).result();
      String policy = String.valueOf(answer.headers().get("content-security-policy"));
      assertTrue(policy.startsWith("default-src 'none'; script-src 'self'"), path);
      assertFalse(policy.contains("unsafe"), path);
      assertEquals("nosniff", answer.headers().get("x-content-type-options"), path);
      assertTrue(answer.body().length() > 0, path);
    }
    String page = ask("/live").result().body().toString();
    assertFalse(page.matches("(?s).*(<script>|<style| style=| on[a-z]+=).*"), "nothing inline");
    assertFalse(page.contains("http"), "no other host");
    assertTrue(ask("/live/uPlot.LICENSE.txt").result().body().toString().contains("MIT License"));
    for (String word : page.split("\"")) {
      assertTrue(!word.startsWith("/live/") || routes.containsKey(word), word);
    }
  }

  @Test
  void beforeItsFirstSampleItHasNothingToTell() {
    assertThrows(IllegalStateException.class, () -> ask("/live/data"));
  }

  @Test
  void aTitleIsShort() {
    assertThrows(IllegalArgumentException.class, () -> new LivePage(" ", 1));
    assertThrows(IllegalArgumentException.class, () -> new LivePage("x".repeat(101), 1));
  }
}
