package dev.forebay.replay.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LiveCountsTest {

  /**
   * 12 requests in 13 tries, of which a cache answered 3, and of which the gateway tried 1 again.
   * Of its calls, 2 ended before they were written.
   */
  private static LiveCounts counts(
      int gatling, int ok, int metered, int written, int started, int finished, boolean crashes) {
    JsonObject state =
        new JsonObject()
            .put("outcomes", new JsonObject().put("ok", ok).put("cancelled", 2).put("refused", 1))
            .put(
                "counters",
                new JsonObject()
                    .put("gateway.requests{model=a,code=200}", metered)
                    .put("gateway.requests{model=a,code=499}", 2)
                    .put("gateway.requests{model=b,code=429}", 1)
                    .put("cache.hits", 3)
                    .put("balance.picks", 11)
                    .put("default/openai-0.written", written - 1)
                    .put("spare/openai-1.written", 1)
                    .put("access-log.written", 7)
                    .put("health.probes", 1));
    JsonObject upstream =
        new JsonObject()
            .put("started", started)
            .put("warm_up_started", 2)
            .put("warm_up_finished", 2)
            .put("refused", 1)
            .put("first_token", 6)
            .put("finished", finished)
            .put("failed", 1)
            .put("cancelled", 2);
    LiveCounts.Client client =
        new LiveCounts.Client(12, 13, new TreeMap<>(Map.of("answered", 9L, "left", 3L)));
    return new LiveCounts("x", 1, client, gatling, state, upstream, crashes);
  }

  @Test
  void allAgreeThoughTheyEndedInDifferentWays() {
    LiveCounts counts = counts(12, 10, 10, 10, 7, 4, false);
    assertEquals(List.of(), counts.differences());
    JsonObject json = counts.json();
    assertTrue(json.getBoolean("agree"));
    assertEquals(13, json.getJsonObject("requests").getLong("gateway"));
    assertEquals(12, json.getJsonObject("calls").getLong("gateway"));
    assertEquals(10, json.getJsonObject("calls").getLong("written"));
    assertEquals(10, json.getJsonObject("calls").getLong("upstream"));
    assertEquals(3, json.getJsonObject("client").getLong("left"));
    assertEquals(2, json.getJsonObject("gateway").getLong("cancelled"));
  }

  @Test
  void eachNumberThatIsAnotherOneIsNamed() {
    assertEquals(
        List.of(
            "x, seed 1: requests that Gatling counted: 11 (expected: 12)",
            "x, seed 1: requests that the gateway ended: 12 (expected: 13)",
            "x, seed 1: requests in the gateway's metrics: 14 (expected: 13)",
            "x, seed 1: calls that reached the upstream: 10 (expected: 9)",
            "x, seed 1: calls that the upstream ended: 8 (expected: 9)"),
        counts(11, 9, 11, 9, 7, 3, true).differences());
  }

  /** Callers leave, further tries and probes are given up: none of it is an excuse. */
  @Test
  void eachCallThatWasWrittenReachesTheUpstream() {
    assertEquals(
        List.of("x, seed 1: calls that reached the upstream: 10 (expected: 11)"),
        counts(12, 10, 10, 11, 7, 4, false).differences());
  }

  @Test
  void whatIsWrittenToAServerThatCrashesMayNeverReachIt() {
    assertEquals(List.of(), counts(12, 10, 10, 30, 7, 4, true).differences());
    assertEquals(1, counts(12, 10, 10, 30, 7, 4, false).differences().size());
  }
}
