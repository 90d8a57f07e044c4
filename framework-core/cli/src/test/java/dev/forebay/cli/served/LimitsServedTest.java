package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Limits over HTTP: what callers are told, and changes while the gateway runs. */
class LimitsServedTest {

  private static final String DOCUMENT =
      """
      keys: [{ id: alice, key: sk-alice, tenant: acme }, { id: bob, key: sk-bob, tenant: other }]
      models: [small]
      pipeline:
        - rate-limit:
            by:
              plugin: limits
              each:
                - { plugin: quota, name: rpd, limit: 3 }
                - { plugin: sliding-window, name: tph, of: tokens, limit: 1000, window: 1h, own: { other: 1 } }
      backends: [{ plugin: simulated, id: a }]
      """;

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  @Test
  void answersAndRefusalsTellOfLimits() throws Exception {
    try (Fronted gateway = new Fronted(DOCUMENT, Map.of())) {
      HttpResponse<String> first = gateway.chat("sk-alice", "small");
      assertEquals(200, first.statusCode());
      assertEquals("3", header(first, "x-ratelimit-limit-requests"));
      assertEquals("2", header(first, "x-ratelimit-remaining-requests"));
      assertEquals("1000", header(first, "x-ratelimit-limit-tokens"));
      assertTrue(
          header(first, "ratelimit-policy").contains("\"rpd\";q=3;w=86400"),
          first.headers().toString());
      gateway.chat("sk-alice", "small");
      gateway.chat("sk-alice", "small");
      HttpResponse<String> refused = gateway.chat("sk-alice", "small");
      assertEquals(429, refused.statusCode());
      assertEquals("rate_limited", header(refused, "x-forebay-reason"));
      assertEquals("rpd", header(refused, "x-forebay-limit"));
      assertEquals("true", header(refused, "x-should-retry"));
      assertEquals("0", header(refused, "x-ratelimit-remaining-requests"));
      long wait = Long.parseLong(header(refused, "retry-after"));
      assertTrue(
          header(refused, "ratelimit").startsWith("\"rpd\";r=0;t=" + wait),
          header(refused, "ratelimit") + ", not " + wait);
      String message = new JsonObject(refused.body()).getJsonObject("error").getString("message");
      assertTrue(message.startsWith("the limit rpd is reached: 3 requests in 24h0m0s"), message);
    }
  }

  @Test
  void aLimitIsRaisedWhileTheGatewayRuns() throws Exception {
    try (Fronted gateway = new Fronted(DOCUMENT, Map.of())) {
      assertEquals(200, gateway.chat("sk-bob", "small").statusCode());
      assertEquals("tph", header(gateway.chat("sk-bob", "small"), "x-forebay-limit"));
      String change = "{\"limit\":\"tph\",\"key\":\"other\",\"quota\":1000}";
      assertEquals(204, gateway.administer("/limits", change).statusCode());
      assertEquals(200, gateway.chat("sk-bob", "small").statusCode());
      assertEquals(
          404, gateway.administer("/limits", "{\"limit\":\"x\",\"quota\":1}").statusCode());
      assertEquals(
          400, gateway.administer("/limits", "{\"limit\":\"tph\",\"quota\":0}").statusCode());
      assertEquals(400, gateway.administer("/limits", "nonsense").statusCode());
    }
  }

  /** What two programs could read in two ways, or what would be left out, changes nothing. */
  @Test
  void aChangeIsReadInOneWayOrNotAtAll() throws Exception {
    List<String> bad =
        List.of(
            "{'limit':'tph','quota':1,'quota':1000}",
            "{'limit':'tph','quota':1000,'burst':5}",
            "{'limit':'tph','key':5,'quota':1000}",
            "{'limit':'tph','key':'','quota':1000}",
            "{'limit':'tph','key':null,'quota':1000}",
            "{'limit':'tph','key':'" + "x".repeat(1025) + "','quota':1000}",
            "{'limit':'tph','quota':'1000'}",
            "{'limit':'tph','quota':1e400}",
            "{'limit':'tph','quota':1e18}",
            "{'limit':['tph'],'quota':1000}",
            "{'limit':'tph','quota':1000} {}",
            "{'quota':1000}",
            "[]",
            "");
    try (Fronted gateway = new Fronted(DOCUMENT, Map.of())) {
      for (String each : bad) {
        HttpResponse<String> answer = gateway.administer("/limits", each.replace('\'', '"'));
        assertEquals(400, answer.statusCode(), each);
      }
      assertEquals(200, gateway.chat("sk-bob", "small").statusCode());
      assertEquals("tph", header(gateway.chat("sk-bob", "small"), "x-forebay-limit"));
    }
  }
}
