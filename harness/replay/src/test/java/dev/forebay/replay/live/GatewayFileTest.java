package dev.forebay.replay.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GatewayFileTest {

  private static final String GATEWAY =
      """
      pipeline: [{ cache: { store: lru } }, { balance: least-connections }]
      backends:
        - { plugin: simulated, id: a, server: { slots: 4 }, faults: [{ kind: crash }] }
        - { plugin: simulated, id: b, account: shared }
      """;

  private static Node node(String text) {
    return Node.parse("gateway.yaml", text, name -> null);
  }

  @Test
  void simulatedBackendsBecomeRemoteOnes() {
    Map<String, String> urls = Map.of("a", "http://127.0.0.1:1", "b", "http://127.0.0.1:2");
    TreeMap<String, String> keys = new TreeMap<>(Map.of("acme", "live-0"));
    String document = GatewayFile.of(node(GATEWAY), urls, keys);
    assertFalse(document.contains("simulated"), document);
    assertTrue(document.contains("http://127.0.0.1:2"), document);
    assertTrue(document.contains("shared"), document);
    GatewayDocument read =
        GatewayDocument.read(
            Node.parse("gateway.json", document, name -> null),
            Registry.load(getClass().getClassLoader()));
    assertEquals(0, read.http().port());
    assertEquals("acme", read.keys().get(0).tenant());
    assertEquals(2, read.blueprint().allPools().values().iterator().next().members().size());
  }

  @Test
  void aBackendWithoutAUrlIsAMistake() {
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> GatewayFile.of(node(GATEWAY), Map.of("a", "http://x"), new TreeMap<>()));
    assertTrue(String.valueOf(thrown.getMessage()).startsWith("backend b"), thrown.getMessage());
  }

  @Test
  void whatKnowsTooMuchIsLeftOut() {
    assertNull(GatewayFile.obstacle(node(GATEWAY)));
    assertNotNull(GatewayFile.obstacle(node("pipeline: [{ balance: clairvoyant }]")));
    assertNotNull(GatewayFile.obstacle(node("pipeline: [{ cache: { store: unbounded } }]")));
    assertNotNull(
        GatewayFile.obstacle(node("pipeline: [{ cache: { store: { plugin: redis } } }]")));
  }
}
