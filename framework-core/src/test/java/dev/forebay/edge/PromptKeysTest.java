package dev.forebay.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.spi.Operation;
import dev.forebay.spi.PromptKey;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The corpus of what is one prompt, and what is not. */
final class PromptKeysTest {

  private final PromptKeys keys = PromptKeys.of("a secret of this test");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":1,\"b\":2} | { \"b\" : 2, \"a\" : 1 }",
        "{\"a\":{\"x\":1,\"y\":2}} | {\"a\":{\"y\":2,\"x\":1}}",
        "{\"t\":1} | {\"t\":1.0}",
        "{\"t\":1} | {\"t\":10e-1}",
        "{\"t\":100} | {\"t\":1e2}",
        "{\"t\":0} | {\"t\":-0.00}",
        "{\"s\":\"A\"} | {\"s\":\"\\u0041\"}",
        "{\"s\":\"/\"} | {\"s\":\"\\/\"}",
        "{\"s\":\"😀\"} | {\"s\":\"\\ud83d\\ude00\"}",
        "{\"a\":1} | {\"a\":1,\"user\":\"ann\"}",
        "{\"a\":1,\"user\":\"ann\"} | {\"a\":1,\"user\":\"bob\"}",
      })
  void thisIsOnePrompt(String one, String two) {
    assertEquals(key(one), key(two));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":1} | {\"a\":2}",
        "{\"a\":1} | {\"a\":\"1\"}",
        "{\"a\":[1,2]} | {\"a\":[2,1]}",
        "{\"a\":[[1],2]} | {\"a\":[1,[2]]}",
        "{\"a\":null} | {}",
        "{\"a\":null} | {\"a\":false}",
        "{\"a\":true} | {\"a\":false}",
        "{\"a\":\"x\"} | {\"a\":\"x \"}",
        "{\"a\":\"b\",\"c\":\"d\"} | {\"a\":\"bc\",\"\":\"d\"}",
        "{\"a\":0.1} | {\"a\":0.10000000000000000001}",
        "{\"a\":1e999999999} | {\"a\":1e999999998}",
        "{\"a\":1e99999999999} | {\"a\":1e99999999998}",
        "{\"a\":\"\\ud800\"} | {\"a\":\"?\"}",
        "{\"a\":\"\\ud800\"} | {\"a\":\"\\ud801\"}",
        "{\"stream\":true} | {\"stream\":false}",
        "{\"stream_options\":{\"include_usage\":true}} | {}",
        "{\"user_id\":\"a\"} | {\"user_id\":\"b\"}",
        "{\"x\":{\"user\":\"a\"}} | {\"x\":{\"user\":\"b\"}}",
        "{\"model\":\"a\"} | {\"model\":\"b\"}",
      })
  void theseAreTwo(String one, String two) {
    assertNotEquals(key(one), key(two));
  }

  @Test
  void operationTenantAndSecretCount() {
    Map<String, Object> body = Json.read(Buffer.buffer("{\"a\":1}")).fields();
    PromptKey key = keys.key(Operation.CHAT, "t", body);
    assertNotEquals(key, keys.key(Operation.COMPLETION, "t", body));
    assertNotEquals(key, keys.key(Operation.CHAT, "u", body));
    assertNotEquals(key, PromptKeys.random().key(Operation.CHAT, "t", body));
    assertEquals(
        key, PromptKeys.of("a secret of this test").key(Operation.CHAT, "t", body), "stable");
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
    Keys known = Keys.of(List.of(plain, hashed), EdgeOptions.DEFAULTS);
    Keys.Key found = known.find("sk-one");
    assertEquals("k1", found == null ? "none" : found.id);
    assertEquals(null, known.find("sk-two"));
    assertEquals(null, known.find(sha));
    assertFalse(plain.toString().contains("sk-one"));
    assertThrows(
        IllegalArgumentException.class, () -> Keys.of(List.of(plain, plain), EdgeOptions.DEFAULTS));
    assertThrows(
        IllegalArgumentException.class,
        () -> Keys.of(List.of(plain, KeyOptions.of("k3", "sk-one", "t")), EdgeOptions.DEFAULTS));
    assertThrows(
        IllegalArgumentException.class,
        () -> Keys.of(List.of(plain.withPriority("gold")), EdgeOptions.DEFAULTS));
    assertThrows(
        IllegalArgumentException.class,
        () -> new KeyOptions("k", "sk", sha, "t", "0", List.of(), null, null));
  }

  private PromptKey key(String body) {
    return keys.key(Operation.CHAT, "t", Json.read(Buffer.buffer(body)).fields());
  }
}
