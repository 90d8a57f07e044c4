package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** A rate limit over HTTP that binds only while enough is under way. */
class YieldingLimitServedTest {

  private static final String DOCUMENT =
      """
      keys: [{ id: alice, key: sk-alice, tenant: acme }]
      models: [small]
      pipeline:
        - rate-limit: { by: { plugin: token-bucket, per: tenant, rate: 0.001, burst: 1 }, pass-below: %d }
      backends: [{ plugin: simulated, id: a }]
      """;

  @Test
  void requestsOverTheLimitPassWhileTheGatewayIsIdle() throws Exception {
    try (Fronted gateway = new Fronted(DOCUMENT.formatted(2), Map.of())) {
      for (int i = 0; i < 4; i++) {
        assertEquals(200, gateway.chat("sk-alice", "small").statusCode(), "request " + i);
      }
    }
  }

  @Test
  void aLimitThatDoesNotYieldRefusesThem() throws Exception {
    try (Fronted gateway = new Fronted(DOCUMENT.formatted(0), Map.of())) {
      assertEquals(200, gateway.chat("sk-alice", "small").statusCode());
      assertEquals(429, gateway.chat("sk-alice", "small").statusCode());
    }
  }
}
