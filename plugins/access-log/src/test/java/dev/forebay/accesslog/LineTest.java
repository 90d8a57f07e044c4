package dev.forebay.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.Requests;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Usage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** What a line says. */
class LineTest {

  private static final long MILLI = 1_000_000;

  private static JsonObject json(RequestInfo info, Headers headers, Outcome outcome) {
    String servedBy = outcome.failure() == null ? "a" : null;
    return new JsonObject(
        new Line(0, info, null, servedBy, headers, outcome, 10 * MILLI, 110 * MILLI)
            .json(32, null));
  }

  @Test
  void anAnswerSaysWhoGaveItAndWhatItUsed() {
    Outcome outcome =
        Outcome.ok(
            new Usage(100, 40, 20, 5), new Outcome.Timings(20 * MILLI, 60 * MILLI, 110 * MILLI));
    Headers headers = Headers.of("x-forebay-cache", "miss").with("x-forebay-attempts", "2");
    JsonObject line = json(Requests.chat("r"), headers, outcome);
    assertEquals("1970-01-01T00:00:00Z", line.getString("time"));
    assertEquals("r", line.getString("request_id"));
    assertEquals("chat", line.getString("operation"));
    assertEquals("ok", line.getString("status"));
    assertEquals(200, line.getInteger("code"));
    assertNull(line.getString("reason"));
    assertEquals("a", line.getString("endpoint"));
    assertEquals(2, line.getInteger("attempts"));
    assertEquals("miss", line.getString("cache"));
    assertEquals(100, line.getInteger("prompt_tokens"));
    assertEquals(40, line.getInteger("cached_tokens"));
    assertEquals(20, line.getInteger("completion_tokens"));
    assertEquals(5, line.getInteger("reasoning_tokens"));
    assertEquals(100, line.getDouble("latency_ms"));
    assertEquals(50, line.getDouble("first_content_ms"));
  }

  @Test
  void aFailureSaysWhyAndWhere() {
    Failure failure =
        Failure.overloaded(503, "unavailable", "the prompt was: secret").at("b").after(3);
    JsonObject line = json(Requests.chat("r"), Headers.EMPTY, Outcome.failed(failure, 0, 5));
    assertEquals("overloaded", line.getString("status"));
    assertEquals(503, line.getInteger("code"));
    assertEquals("unavailable", line.getString("reason"));
    assertEquals("b", line.getString("endpoint"));
    assertEquals(3, line.getInteger("attempts"));
    assertFalse(line.containsKey("first_content_ms"));
    assertFalse(line.encode().contains("secret"), "messages may hold words of callers");
  }

  @Test
  void whatACallerMakesLongIsCutAndCannotEndTheLine() {
    String evil = "\n{\"status\": \"ok\"}\u2028".repeat(10_000);
    RequestInfo info = RequestInfo.chat(evil, evil, new Caller("", evil, evil, "", ""), 0);
    String line =
        new Line(
                0, info, null, evil, Headers.EMPTY, Outcome.failed(Failure.cancelled(), 0, 1), 0, 1)
            .json(256, null);
    assertEquals(1, line.lines().count(), "one line");
    assertTrue(line.length() < 16 << 10, "bounded");
    assertEquals("cancelled", new JsonObject(line).getString("status"));
  }

  private static JsonObject replayed(RequestInfo info, long salt) {
    Outcome outcome = Outcome.failed(Failure.cancelled(), 10 * MILLI, 110 * MILLI);
    return new JsonObject(
        new Line(0, info, null, "a", null, outcome, 10 * MILLI, 110 * MILLI)
            .json(256, new ReplayFields(salt)));
  }

  @Test
  void aReplayKnowsWhatBelongsTogetherAndNoWordOfIt() {
    Caller caller = new Caller("", "key", "acme", "ann@acme.com", "ann's words");
    RequestInfo info =
        RequestInfo.chat("r", "m", caller, 10 * MILLI)
            .withDeadlineNanos(410 * MILLI)
            .withPriority(RequestInfo.VIP)
            .withPrompt(700, new PromptKey(1, 2), PrefixHashes.of(-5, 7));
    JsonObject line = replayed(info, 1);
    assertEquals(0, line.getInteger("priority"));
    assertEquals(700, line.getInteger("expected_prompt_tokens"));
    assertEquals(400, line.getDouble("patience_ms"));
    assertEquals("00000000000000010000000000000002", line.getString("prompt"));
    assertEquals(JsonArray.of(-5, 7), line.getJsonArray("prefix"));
    assertFalse(line.encode().contains("ann"), line::encode);
    assertEquals(line.getString("session"), replayed(info, 1).getString("session"));
    assertNotEquals(line.getString("session"), replayed(info, 2).getString("session"));
    assertNotEquals(line.getString("session"), line.getString("user"));
  }

  @Test
  void withoutThatALineHasNothingOfIt() {
    JsonObject line =
        json(Requests.chat("r"), Headers.EMPTY, Outcome.failed(Failure.cancelled(), 0, 5));
    assertFalse(line.containsKey("priority"));
    assertFalse(replayed(RequestInfo.chat("r", "m", Caller.at(""), 0), 1).containsKey("session"));
  }
}
