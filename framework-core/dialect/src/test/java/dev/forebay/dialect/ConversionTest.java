package dev.forebay.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Headers;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.CachedAnswer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConversionTest {

  private static final Usage USED = new Usage(9, 4, 3, 1);

  private static Chunk event(Chunk.Kind kind, int tokens, String choices, String more) {
    String json =
        "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"m\",\"choices\":"
            + choices
            + more
            + "}";
    return new Chunk(Buffer.buffer("data: " + json + "\n\n"), kind, tokens, false);
  }

  private static Chunk delta(Chunk.Kind kind, int tokens, String delta) {
    return event(
        kind, tokens, "[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":null}]", "");
  }

  private static Chunk finish(String reason) {
    return event(
        Chunk.Kind.TRAILER,
        0,
        "[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}]",
        "");
  }

  private static final Chunk ROLE =
      delta(Chunk.Kind.PRELUDE, 0, "{\"role\":\"assistant\",\"content\":\"\"}");
  private static final Chunk USAGE =
      event(
          Chunk.Kind.TRAILER,
          0,
          "[]",
          ",\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3,\"total_tokens\":12}");

  private static JsonObject whole(Chunk... chunks) {
    Chunk made = WholeFromStream.of(Operation.CHAT, List.of(chunks), Usage.NONE);
    assertNotNull(made);
    return made.data().toJsonObject();
  }

  private static void isNotUnderstood(Chunk... chunks) {
    assertNull(WholeFromStream.of(Operation.CHAT, List.of(chunks), USED));
  }

  @Test
  void piecesOfTextBecomeOneMessage() {
    JsonObject whole =
        whole(
            ROLE,
            delta(Chunk.Kind.CONTENT, 1, "{\"reasoning_content\":\"so \"}"),
            delta(Chunk.Kind.CONTENT, 1, "{\"content\":\"Hel\"}"),
            delta(Chunk.Kind.CONTENT, 1, "{\"role\":\"assistant\",\"content\":\"lo\\n😀\"}"),
            finish("stop"),
            USAGE,
            Events.DONE);
    JsonObject expected =
        new JsonObject(
            """
            {"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,
            "finish_reason":"stop","message":{"role":"assistant","content":"Hello\\n😀",
            "reasoning_content":"so "}}],
            "usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}
            """);
    assertEquals(expected, whole);
  }

  @Test
  void piecesOfToolCallsArePutTogetherByTheirIndex() {
    JsonObject whole =
        whole(
            delta(Chunk.Kind.PRELUDE, 0, "{\"role\":\"assistant\",\"content\":null}"),
            delta(
                Chunk.Kind.CONTENT,
                1,
                "{\"tool_calls\":[{\"index\":0,\"id\":\"t0\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}"),
            delta(
                Chunk.Kind.CONTENT,
                1,
                "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":\"}}]}"),
            delta(
                Chunk.Kind.CONTENT,
                1,
                "{\"tool_calls\":[{\"index\":1,\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]}"),
            delta(
                Chunk.Kind.CONTENT,
                1,
                "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]}"),
            finish("tool_calls"),
            Events.DONE);
    JsonObject message = whole.getJsonArray("choices").getJsonObject(0).getJsonObject("message");
    assertNull(message.getValue("content"));
    assertEquals(
        new JsonArray(
            """
            [{"id":"t0","type":"function","function":{"name":"f","arguments":"{\\"a\\":1}"}},
            {"id":"t1","type":"function","function":{"name":"g","arguments":"{}"}}]
            """),
        message.getJsonArray("tool_calls"));
  }

  @Test
  void choicesAndTheirLogprobsAreKeptApart() {
    JsonObject whole =
        whole(
            event(
                Chunk.Kind.CONTENT,
                1,
                "[{\"index\":1,\"delta\":{\"content\":\"b\"},\"logprobs\":{\"content\":[{\"token\":\"b\"}]}}]",
                ""),
            event(
                Chunk.Kind.CONTENT,
                1,
                "[{\"index\":0,\"delta\":{\"content\":\"a\"},\"logprobs\":{\"content\":[{\"token\":\"a\"}]}}]",
                ""),
            event(
                Chunk.Kind.CONTENT,
                1,
                "[{\"index\":0,\"delta\":{\"content\":\"a\"},\"logprobs\":{\"content\":[{\"token\":\"a\"}]}}]",
                ""),
            event(
                Chunk.Kind.TRAILER,
                0,
                "[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"},{\"index\":1,\"delta\":{},\"finish_reason\":\"length\"}]",
                ""),
            Events.DONE);
    JsonArray choices = whole.getJsonArray("choices");
    assertEquals("aa", choices.getJsonObject(0).getJsonObject("message").getString("content"));
    assertEquals(
        2, choices.getJsonObject(0).getJsonObject("logprobs").getJsonArray("content").size());
    assertEquals("length", choices.getJsonObject(1).getString("finish_reason"));
  }

  @Test
  void whatIsNotUnderstoodIsNotGuessed() {
    Chunk said = delta(Chunk.Kind.CONTENT, 1, "{\"content\":\"Hi\"}");
    isNotUnderstood(said, Events.DONE); // no end
    isNotUnderstood(said, Chunk.content(Buffer.buffer("data: {cut\n\n"), 1), finish("stop"));
    isNotUnderstood(
        said,
        event(Chunk.Kind.TRAILER, 0, "[]", ",\"error\":{\"message\":\"no\"}"),
        finish("stop"));
    isNotUnderstood(
        new Chunk(
            Buffer.buffer("data: {\"object\":\"other\",\"choices\":[]}\n\n"),
            Chunk.Kind.CONTENT,
            1,
            false),
        finish("stop"));
    isNotUnderstood(Events.DONE);
  }

  @Test
  void usageThatNobodyKnowsIsLeftOut() {
    Chunk[] stream = {
      delta(Chunk.Kind.CONTENT, 1, "{\"content\":\"Hi\"}"), finish("stop"), Events.DONE
    };
    assertNull(whole(stream).getValue("usage"));
    Chunk known = WholeFromStream.of(Operation.CHAT, List.of(stream), USED);
    assertNotNull(known);
    JsonObject usage = known.data().toJsonObject().getJsonObject("usage");
    assertEquals(12, usage.getInteger("total_tokens"));
    assertEquals(4, usage.getJsonObject("prompt_tokens_details").getInteger("cached_tokens"));
  }

  /** There and back: the same answer, whatever its text is. */
  @Property(tries = 200)
  void aWholeAnswerSurvivesBothConversions(
      @ForAll String content,
      @ForAll String reasoning,
      @ForAll @IntRange(min = 1, max = 3) int choices,
      @ForAll @IntRange(max = 1000) int tokens) {
    JsonArray said = new JsonArray();
    for (int i = 0; i < choices; i++) {
      JsonObject message = new JsonObject().put("role", "assistant").put("content", content + i);
      if (!reasoning.isEmpty()) {
        message.put("reasoning_content", reasoning);
      }
      said.add(
          new JsonObject()
              .put("index", i)
              .put("message", message)
              .put("logprobs", null)
              .put("finish_reason", "stop"));
    }
    JsonObject whole =
        new JsonObject()
            .put("id", "c")
            .put("object", "chat.completion")
            .put("created", 1)
            .put("model", "m")
            .put("system_fingerprint", "fp")
            .put("choices", said)
            .put("usage", Events.usage(USED));
    List<Chunk> stream =
        StreamFromWhole.of(Operation.CHAT, Chunk.whole(whole.toBuffer(), tokens), true);
    assertNotNull(stream);
    assertTrue(stream.get(stream.size() - 1).last());
    assertEquals(tokens, stream.stream().mapToInt(Chunk::tokens).sum());
    Chunk back = WholeFromStream.of(Operation.CHAT, stream, Usage.NONE);
    assertNotNull(back);
    assertEquals(whole, back.data().toJsonObject());
    assertEquals(tokens, back.tokens());
  }

  /** Each of 1,024 events would repeat the long member, which fills the heap. */
  @Test
  void aStreamThatWouldBeManyTimesAsLongIsNotMade() {
    String whole =
        """
        {"x":"%s","choices":[{"message":{"content":"%s"},"finish_reason":"stop"}]}
        """
            .formatted("x".repeat(1 << 20), "a".repeat(1 << 20));
    assertNull(StreamFromWhole.of(Operation.CHAT, Chunk.whole(Buffer.buffer(whole), 1), false));
  }

  /** All of it is made in one turn of an event loop. */
  @Test
  void whatIsMadeOfAStreamIsBounded() {
    String part = "{\"index\":%d,\"id\":\"a\"}";
    List<String> parts = IntStream.range(0, 20_000).mapToObj(part::formatted).toList();
    String calls = "{\"tool_calls\":[" + String.join(",", parts) + "]}";
    isNotUnderstood(ROLE, delta(Chunk.Kind.CONTENT, 1, calls), finish("stop"), Events.DONE);
    String same = "{\"tool_calls\":[" + "{\"index\":0},".repeat(20_000) + "{\"index\":0}]}";
    isNotUnderstood(ROLE, delta(Chunk.Kind.CONTENT, 1, same), finish("stop"), Events.DONE);
    Chunk words = delta(Chunk.Kind.CONTENT, 1, "{\"content\":\"" + "a".repeat(1 << 20) + "\"}");
    assertNotNull(whole(ROLE, words, words, finish("stop"), Events.DONE));
    isNotUnderstood(ROLE, words, words, words, words, words, finish("stop"), Events.DONE);
  }

  @Test
  void aStreamHasABoundedNumberOfEvents() {
    String choice = "{\"index\":%d,\"message\":{\"content\":\"%s\"},\"finish_reason\":\"stop\"}";
    String few =
        choice.formatted(0, "a".repeat(100_000)) + "," + choice.formatted(1, "b".repeat(50_000));
    List<Chunk> stream = streamOf("{\"choices\":[" + few + "]}");
    assertNotNull(stream);
    assertTrue(stream.size() < 1100, stream.size() + " events");
    String many = (choice.formatted(0, "a") + ",").repeat(2000) + choice.formatted(0, "a");
    assertNull(streamOf("{\"choices\":[" + many + "]}"));
  }

  private static @Nullable List<Chunk> streamOf(String whole) {
    return StreamFromWhole.of(Operation.CHAT, Chunk.whole(Buffer.buffer(whole), 1), false);
  }

  @Test
  void toolCallsThatAreNoObjectsAreNotUnderstood() {
    for (String calls : List.of("[1]", "[null]", "[{},[]]")) {
      String whole =
          "{\"choices\":[{\"message\":{\"tool_calls\":" + calls + "},\"finish_reason\":\"stop\"}]}";
      assertNull(StreamFromWhole.of(Operation.CHAT, Chunk.whole(Buffer.buffer(whole), 1), false));
    }
  }

  @Test
  void textCompletionsAreConvertedToo() {
    JsonObject whole =
        new JsonObject(
            """
            {"id":"c","object":"text_completion","created":1,"model":"m","choices":[
            {"index":0,"text":"some words that are longer than a single piece","logprobs":null,
            "finish_reason":"stop"}],"usage":{"prompt_tokens":1}}
            """);
    List<Chunk> stream =
        StreamFromWhole.of(Operation.COMPLETION, Chunk.whole(whole.toBuffer(), 9), true);
    assertNotNull(stream);
    Chunk back = WholeFromStream.of(Operation.COMPLETION, stream, Usage.NONE);
    assertNotNull(back);
    assertEquals(whole, back.data().toJsonObject());
  }

  private static CachedAnswer stored(Usage usage, Chunk... chunks) {
    return new CachedAnswer("a", 200, Headers.EMPTY, List.of(chunks), usage, 0);
  }

  @Test
  void theUsageOfAStreamIsGivenToThoseWhoAskForIt() {
    Chunk said = delta(Chunk.Kind.CONTENT, 1, "{\"content\":\"Hi\"}");
    CachedAnswer with = stored(USED, said, finish("stop"), USAGE, Events.DONE);
    CachedAnswer without = stored(USED, said, finish("stop"), Events.DONE);
    assertSame(with, StreamUsage.as(with, true));
    assertSame(without, StreamUsage.as(without, false));
    assertEquals(without.chunks(), chunks(StreamUsage.as(with, false)));
    List<Chunk> made = chunks(StreamUsage.as(without, true));
    assertEquals(4, made.size());
    JsonObject event = Events.json(made.get(2).data());
    assertNotNull(event);
    assertEquals(new JsonArray(), event.getJsonArray("choices"));
    assertEquals("c1", event.getString("id"));
    assertNull(StreamUsage.as(stored(Usage.NONE, said, finish("stop"), Events.DONE), true));
  }

  private static List<Chunk> chunks(@Nullable CachedAnswer answer) {
    return answer == null ? new ArrayList<>() : answer.chunks();
  }
}
