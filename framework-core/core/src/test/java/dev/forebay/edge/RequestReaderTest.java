package dev.forebay.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.CacheMode;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RequestReaderTest {

  private static final long ARRIVED = 1_000;

  private final EdgeOptions options = EdgeOptions.DEFAULTS;
  private final PromptKeys promptKeys = PromptKeys.of("a secret of this test");
  private final RequestReader reader = new RequestReader(options, promptKeys);

  @ParameterizedTest
  @CsvSource({
    ", , 1",
    ", vip, 1",
    ", 0, 1",
    ", 2, 2",
    ", batch, 2",
    ", 7, 7",
    "vip, , 0",
    "vip, standard, 1",
    "batch, vip, 2",
    "batch, 7, 7"
  })
  void prioritiesAreLoweredButNeverRaised(
      @Nullable String allowed, @Nullable String asked, int expected) {
    Keys.Key key =
        allowed == null
            ? null
            : Keys.of(List.of(KeyOptions.of("k", "sk", "t").withPriority(allowed)), options)
                .find("sk");
    assertEquals(expected, read(key, headers("x-forebay-priority", asked)).priority());
  }

  @ParameterizedTest
  @CsvSource({
    "x-forebay-priority, 8",
    "x-forebay-priority, -1",
    "x-forebay-priority, gold",
    "x-forebay-deadline-ms, 0",
    "x-forebay-deadline-ms, soon",
    "x-forebay-deadline-ms, 86400001",
    "x-forebay-cache, never"
  })
  void badHeadersAreNamed(String name, String value) {
    BadRequest bad = assertThrows(BadRequest.class, () -> read(null, headers(name, value)));
    assertEquals(400, bad.httpStatus);
    assertTrue(bad.text.startsWith(name + ": " + value), bad.text);
    assertTrue(bad.text.contains("expected"), bad.text);
  }

  @Test
  void headersSayHowLongAndHow() {
    RequestInfo info =
        read(
            null,
            headers("x-forebay-deadline-ms", "250")
                .set("x-forebay-cache", "only-if-cached")
                .set("x-forebay-session", "s-1"));
    assertEquals(ARRIVED + 250_000_000, info.deadlineNanos());
    assertEquals(CacheMode.ONLY_IF_CACHED, info.cacheMode());
    assertEquals("s-1", info.caller().session());
    assertEquals(Long.MAX_VALUE, read(null, headers("x", null)).deadlineNanos());
  }

  @Test
  void routingKeysComeFromParsedFieldsOnly() {
    RequestInfo info =
        read(
            Operation.CHAT,
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\\\"user\\\":\\\"evil\\\",\\\"stream\\\":true\"}]}");
    assertEquals("", info.caller().user());
    assertEquals(false, info.stream());
  }

  @Test
  void tokensAreEstimatedFromTextAndCountedFromNumbers() {
    assertEquals(
        3, read(Operation.CHAT, chat("user", "123456789")).promptTokens(), "9 bytes, rounded up");
    assertEquals(
        3, read(Operation.EMBEDDING, "{\"model\":\"m\",\"input\":[7,8,9]}").promptTokens());
    assertEquals(
        2, read(Operation.COMPLETION, "{\"model\":\"m\",\"prompt\":\"üüüü\"}").promptTokens());
    String image =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"abcd\"},"
            + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:xxxxxxxxxxxxxxxxxxxxxxx\"}}]}]}";
    assertEquals(1, read(Operation.CHAT, image).promptTokens());
  }

  @Test
  void theBoundOnTheAnswerIsRead() {
    assertEquals(9, read(Operation.CHAT, with("\"max_tokens\":9.0")).maxOutputTokens());
    assertEquals(
        7,
        read(Operation.CHAT, with("\"max_tokens\":9,\"max_completion_tokens\":7"))
            .maxOutputTokens());
    assertEquals(
        Integer.MAX_VALUE, read(Operation.CHAT, with("\"max_tokens\":1e30")).maxOutputTokens());
    assertEquals(0, read(Operation.CHAT, with("\"max_tokens\":null")).maxOutputTokens());
  }

  @Test
  void promptsShareAsManyHashesAsBlocks() {
    String shared = "x".repeat(3 * PromptText.BLOCK_BYTES);
    PrefixHashes one = read(Operation.CHAT, chat("user", shared + "a")).prefix();
    PrefixHashes two = read(Operation.CHAT, chat("user", shared + "b".repeat(5_000))).prefix();
    assertEquals(3, one.size());
    assertEquals(5, two.size());
    for (int i = 0; i < 2; i++) {
      assertEquals(one.get(i), two.get(i));
      assertNotEquals(one.get(i), one.get(i + 1), "each hash covers what comes before");
    }
    assertNotEquals(two.get(3), two.get(4));
    assertNotEquals(
        one.get(0), read(Operation.CHAT, chat("system", shared)).prefix().get(0), "roles count");
    assertEquals(PrefixHashes.NONE, read(Operation.CHAT, chat("user", "short")).prefix());
  }

  @Test
  void theNumberOfHashesIsBounded() {
    String huge = "x".repeat(2 * PromptText.MAX_BLOCKS * PromptText.BLOCK_BYTES);
    assertEquals(PromptText.MAX_BLOCKS, read(Operation.CHAT, chat("user", huge)).prefix().size());
  }

  @Test
  void aBodyWithDuplicatesHasNoKey() {
    assertNull(read(Operation.CHAT, with("\"seed\":1,\"seed\":2")).promptKey());
  }

  private RequestInfo read(Operation operation, String body) {
    return reader.read(
        "id", operation, "127.0.0.1", null, headers("x", null), Buffer.buffer(body), ARRIVED);
  }

  private RequestInfo read(Keys.@Nullable Key key, MultiMap headers) {
    return reader.read(
        "id", Operation.CHAT, "127.0.0.1", key, headers, Buffer.buffer(with("\"a\":1")), ARRIVED);
  }

  private static String chat(String role, String content) {
    JsonObject message = new JsonObject().put("role", role).put("content", content);
    return new JsonObject()
        .put("model", "m")
        .put("messages", new JsonArray().add(message))
        .encode();
  }

  private static String with(String field) {
    return "{\"model\":\"m\",\"messages\":[]," + field + "}";
  }

  private static MultiMap headers(String name, @Nullable String value) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    return value == null ? headers : headers.set(name, value);
  }
}
