package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.ConfigException;
import dev.forebay.edge.identity.KeyHash;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Keys of a document, in each form, from the file to the answer. */
@Timeout(60)
class ServedKeysTest {

  private static final String SECRET = "a secret of the gateway";
  private static final Map<String, String> ENVIRONMENT =
      Map.of("ALICE_KEY", "sk-alice", "KEY_HASH_SECRET", SECRET);
  private static final String KEYS =
      """
      key-hash-secret: "${KEY_HASH_SECRET}"
      keys:
        - { id: alice, key: "${ALICE_KEY}", tenant: acme, priority: vip }
        - { id: bob, hash: "%s", tenant: acme, models: [small] }
        - { id: jobs, hash: "%s", tenant: batch, priority: batch }
      models: [small, large]
      pipeline:
        - rate-limit: { by: { plugin: token-bucket, per: tenant, rate: 0.001, burst: 2 } }
      backends: [{ plugin: simulated, id: a }]
      """
          .formatted(KeyHash.of("sk-bob", null), KeyHash.of("sk-jobs", SECRET));

  @Test
  void eachFormOfAKeyOpensTheDoorAndOthersDoNot() throws Exception {
    try (Fronted gateway = new Fronted(KEYS, ENVIRONMENT)) {
      for (String key : List.of("sk-alice", "sk-jobs")) {
        assertEquals(200, gateway.chat(key, "large").statusCode(), key);
      }
      assertEquals(200, gateway.chat("sk-bob", "small").statusCode());
      for (String key : List.of("", "sk-nobody", SECRET, KeyHash.of("sk-bob", null).toString())) {
        HttpResponse<String> refused = gateway.chat(key, "small");
        assertEquals(401, refused.statusCode(), key);
        JsonObject error = new JsonObject(refused.body()).getJsonObject("error");
        assertEquals("authentication_error", error.getString("type"));
        assertFalse(key.length() > 0 && refused.body().contains(key), refused.body());
      }
    }
  }

  @Test
  void aKeyOpensItsModelsOnlyAndListsNoOthers() throws Exception {
    try (Fronted gateway = new Fronted(KEYS, ENVIRONMENT)) {
      HttpResponse<String> refused = gateway.chat("sk-bob", "large");
      assertEquals(403, refused.statusCode());
      JsonObject error = new JsonObject(refused.body()).getJsonObject("error");
      assertEquals("model_not_allowed", error.getString("code"));
      assertEquals("permission_error", error.getString("type"));
      assertEquals("model", error.getString("param"));
      JsonObject listed = new JsonObject(gateway.models("sk-bob").body());
      assertEquals(1, listed.getJsonArray("data").size());
      assertEquals("small", listed.getJsonArray("data").getJsonObject(0).getString("id"));
      assertEquals(
          2, new JsonObject(gateway.models("sk-alice").body()).getJsonArray("data").size());
    }
  }

  @Test
  void keysOfOneTenantShareItsLimits() throws Exception {
    try (Fronted gateway = new Fronted(KEYS, ENVIRONMENT)) {
      assertEquals(200, gateway.chat("sk-alice", "small").statusCode());
      assertEquals(200, gateway.chat("sk-bob", "small").statusCode());
      assertEquals(429, gateway.chat("sk-alice", "small").statusCode());
      assertEquals(200, gateway.chat("sk-jobs", "small").statusCode());
    }
  }

  @Test
  void aPriorityIsANameOrANumberAndNothingElse() throws Exception {
    try (Fronted gateway = new Fronted(KEYS, ENVIRONMENT)) {
      assertEquals(200, gateway.chat("sk-jobs", "small", "x-forebay-priority", "vip").statusCode());
      assertEquals(
          400, gateway.chat("sk-jobs", "small", "x-forebay-priority", "king").statusCode());
    }
  }

  @Test
  void whatIsWrongWithKeysIsSaidAtOnceAndWithoutThem() {
    String yaml =
        """
        keys:
          - { id: a, key: "sk-one", hash: "sha256:00" }
          - { id: b, hash: "md5:sk-two" }
          - { id: c, subject: "CN=carol" }
          - { id: d, subject: "carol" }
          - { id: e, key: "sk-three", priority: king }
        backends: [{ plugin: simulated, id: a }]
        """;
    ConfigException wrong =
        assertThrows(ConfigException.class, () -> new Fronted(yaml, Map.of()).close());
    String said = String.valueOf(wrong.getMessage());
    assertTrue(said.contains("exactly one of key, sha256, hash and subject"), said);
    assertTrue(said.contains("forebay hash-key makes one"), said);
    assertTrue(said.contains("a distinguished name"), said);
    assertFalse(said.contains("sk-"), said);
  }
}
