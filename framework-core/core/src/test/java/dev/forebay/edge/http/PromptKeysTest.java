package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.edge.identity.KeyOptions;
import dev.forebay.edge.identity.Keys;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PromptKey;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The corpus of what is one prompt, and what is not. */
final class PromptKeysTest {

  private static final Path CORPUS = Path.of("..", "..", "docs", "cache-keys.jsonl");

  private final PromptKeys keys = PromptKeys.of("a secret of this test");

  @TestFactory
  Stream<DynamicTest> theCorpus() throws IOException {
    return Files.readAllLines(CORPUS).stream()
        .map(JsonObject::new)
        .map(pair -> DynamicTest.dynamicTest(pair.getString("why"), () -> check(pair)));
  }

  private void check(JsonObject pair) {
    PromptKey a = key(pair, "a", 0);
    PromptKey b = key(pair, "b", 1);
    if (pair.getBoolean("same")) {
      assertEquals(a, b);
    } else {
      assertNotEquals(a, b);
    }
    assertEquals(a, key(pair, "a", 0), "stable");
  }

  private PromptKey key(JsonObject pair, String which, int side) {
    JsonArray tenants = pair.getJsonArray("tenants", JsonArray.of("t", "t"));
    String scope = pair.getString("scope", "tenant").toUpperCase(Locale.ROOT);
    CacheKeyOptions options =
        new CacheKeyOptions(
            CacheKeyOptions.Scope.valueOf(scope), pair.getBoolean("samplingDefaults", true));
    String operation = pair.getString("operation", "chat").toUpperCase(Locale.ROOT);
    return keys.key(
        Operation.valueOf(operation),
        caller(tenants.getString(side)),
        Json.read(Buffer.buffer(pair.getString(which))).fields(),
        options);
  }

  /** Answers in a shared cache outlive versions: what a key is made of does not change. */
  @Test
  void keysAreWhatTheyWereInEarlierVersions() {
    assertEquals("579a969f7106536c52cf8b0a9ffaa94b", saying("Hi?"));
    assertEquals("e47bb7898119190b85d2b21810396157", saying("x".repeat(5000)));
    assertEquals("b8c475985ac4b810ff9c99e2c106bc95", saying("caf\u00e9 \u6c34 \ud83d\ude00"));
    assertEquals(
        "58ed6d903d93492305839697bc36230b", saying("a".repeat(4090) + "\u00e9".repeat(20)));
  }

  private String saying(String words) {
    String body =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
            + words
            + "\"}],\"temperature\":0.5}";
    return keys.key("chat", "t", Buffer.buffer(body), CacheKeyOptions.DEFAULTS).toString();
  }

  private static Caller caller(String tenant) {
    return new Caller("127.0.0.1", "", tenant, "", "");
  }

  private static PromptKey key(
      PromptKeys keys, Operation operation, String tenant, Map<String, Object> body) {
    return keys.key(operation, caller(tenant), body, CacheKeyOptions.DEFAULTS);
  }

  @Property
  void twoTenantsNeverShare(@ForAll String one, @ForAll String other, @ForAll String words) {
    Assume.that(!one.equals(other));
    Map<String, Object> body = Map.of("model", "m", "prompt", words);
    PromptKeys own = PromptKeys.of("a secret of this test");
    assertNotEquals(
        key(own, Operation.COMPLETION, one, body), key(own, Operation.COMPLETION, other, body));
  }

  @Test
  void operationTenantAndSecretCount() {
    Map<String, Object> body = Json.read(Buffer.buffer("{\"a\":1}")).fields();
    PromptKey key = key(keys, Operation.CHAT, "t", body);
    assertNotEquals(key, key(keys, Operation.COMPLETION, "t", body));
    assertNotEquals(key, key(keys, Operation.CHAT, "u", body));
    assertNotEquals(key, key(PromptKeys.random(), Operation.CHAT, "t", body));
    assertEquals(
        key, key(PromptKeys.of("a secret of this test"), Operation.CHAT, "t", body), "stable");
    assertThrows(IllegalArgumentException.class, () -> PromptKeys.of("short"));
  }

  @Test
  void allTheCorpusIsDifferent() {
    Map<PromptKey, String> seen = new HashMap<>();
    for (String body : List.of("{}", "{\"\":\"\"}", "{\"\":{}}", "{\"\":[]}", "{\"\":0}")) {
      assertEquals(null, seen.put(key(body), body));
    }
  }

  @Test
  void apiKeysAreKnownByTheirHashAndNeverShown() {
    KeyOptions plain = KeyOptions.of("k1", "sk-one", "t");
    String sha =
        "fdb8e2c2d4f4e5cb4d5c4c5dd8d7e9f3e5b3f6c6a3f9e9a2d8b6b3c9b4e0a1c2"; // of nothing known
    KeyOptions hashed = new KeyOptions("k2", null, sha, "t", "0", List.of(), null, null);
    Keys known = Keys.of(List.of(plain, hashed), EdgeOptions.DEFAULTS::priority);
    Keys.Key found = known.find("sk-one");
    assertEquals("k1", found == null ? "none" : found.id());
    assertEquals(null, known.find("sk-two"));
    assertEquals(null, known.find(sha));
    assertFalse(plain.toString().contains("sk-one"));
    assertThrows(
        IllegalArgumentException.class,
        () -> Keys.of(List.of(plain, plain), EdgeOptions.DEFAULTS::priority));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Keys.of(
                List.of(plain, KeyOptions.of("k3", "sk-one", "t")),
                EdgeOptions.DEFAULTS::priority));
    assertThrows(
        IllegalArgumentException.class,
        () -> Keys.of(List.of(plain.withPriority("gold")), EdgeOptions.DEFAULTS::priority));
    assertThrows(
        IllegalArgumentException.class,
        () -> new KeyOptions("k", "sk", sha, "t", "0", List.of(), null, null));
  }

  private PromptKey key(String body) {
    return key(keys, Operation.CHAT, "t", Json.read(Buffer.buffer(body)).fields());
  }
}
