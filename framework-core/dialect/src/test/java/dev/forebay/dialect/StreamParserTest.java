package dev.forebay.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.Golden;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Usage;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StreamParserTest {

  private final StreamSource source = Still.source();
  private final AnswerParser parser = new AnswerParser(source, asked(1 << 20, false), () -> {});

  private static Expected asked(long maxAnswer, boolean hideUsage) {
    return new Expected(Operation.CHAT, true, () -> 1, false, hideUsage, maxAnswer);
  }

  @Test
  void eachEventIsClassified() {
    assertEquals(
        List.of(
            "WAITING", "PRELUDE", "CONTENT", "CONTENT", "CONTENT", "TRAILER", "TRAILER", "LAST"),
        kinds(Golden.STREAM, Golden.STREAM.length()));
    Outcome outcome = source.outcome().result();
    assertEquals(Status.OK, outcome.status());
    assertEquals(new Usage(11, 5, 7, 3), outcome.usage());
  }

  @Test
  void everySplitIsClassifiedAlike() {
    Buffer bytes = Buffer.buffer(Golden.STREAM);
    List<String> expected = kinds(Golden.STREAM, 0);
    for (int at = 1; at < bytes.length(); at++) {
      StreamParserTest other = new StreamParserTest();
      other.parser.read(bytes.getBuffer(0, at));
      other.parser.read(bytes.getBuffer(at, bytes.length()));
      assertEquals(expected, other.drain(), "at " + at);
    }
  }

  /** Also where the stream is refused for what it holds: the same chunks, and the same words. */
  @ParameterizedTest
  @MethodSource("dev.forebay.dialect.SseReaderTest#corpus")
  void everySplitOfTheCorpusIsClassifiedAlike(String stream) {
    Buffer bytes = Buffer.buffer(stream);
    List<String> expected = new StreamParserTest().said(bytes, 0);
    for (int at = 1; at < bytes.length(); at++) {
      assertEquals(expected, new StreamParserTest().said(bytes, at), "at " + at);
    }
  }

  private List<String> said(Buffer bytes, int at) {
    String refused = "";
    try {
      parser.read(bytes.getBuffer(0, at));
      parser.read(bytes.getBuffer(at, bytes.length()));
      parser.end();
    } catch (Failure failure) {
      refused = failure.reason();
      parser.fail(failure);
    }
    List<String> said = new ArrayList<>();
    for (Future<Chunk> next = source.next(); next.succeeded(); next = source.next()) {
      said.add(next.result().kind() + " " + next.result().data());
    }
    said.add(refused);
    return said;
  }

  /** Longer than what a JSON reader takes if nobody tells it otherwise. */
  @Test
  void aStringMayBeAsLongAsAnAnswer() {
    AnswerParser large = new AnswerParser(source, asked(64 << 20, false), () -> {});
    String words = "x".repeat(15_000_001);
    boolean all =
        large.read(
            Buffer.buffer("data: {\"choices\":[{\"delta\":{\"content\":\"" + words + "\"}}]}\n\n"));
    while (!all) {
      all = large.more();
    }
    Chunk chunk = source.next().result();
    assertEquals(Chunk.Kind.CONTENT, chunk.kind());
    assertEquals(words.length() / 4, chunk.tokens());
  }

  @Test
  void aLargeEventIsRoomEnough() {
    String large = "data: {\"x\":\"" + "x".repeat(StreamSource.HIGH_WATER_BYTES) + "\"}\n\n";
    assertFalse(parser.read(Buffer.buffer(large)), "it is taken, and no more is");
    assertEquals(large, source.next().result().data().toString());
    assertTrue(parser.read(Buffer.buffer(Golden.WORD)));
  }

  @Test
  void usageThatTheCallerDidNotAskForIsHidden() {
    AnswerParser hiding = new AnswerParser(source, asked(1 << 20, true), () -> {});
    hiding.read(Buffer.buffer(Golden.STREAM));
    assertEquals(
        List.of("WAITING", "PRELUDE", "CONTENT", "CONTENT", "CONTENT", "TRAILER", "LAST"), drain());
    assertEquals(new Usage(11, 5, 7, 3), source.outcome().result().usage());
  }

  @Test
  void usageBesideAChoiceIsNotHidden() {
    AnswerParser hiding = new AnswerParser(source, asked(1 << 20, true), () -> {});
    hiding.read(
        Buffer.buffer(
            Golden.WORD
                + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],"
                + "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n"
                + Golden.DONE));
    assertEquals(List.of("CONTENT", "TRAILER", "LAST"), drain());
    assertEquals(new Usage(3, 0, 1, 0), source.outcome().result().usage());
  }

  @Test
  void fieldsWithoutDataBecomeAComment() {
    parser.read(Buffer.buffer("id: 1\n: ping\n\nevent: ping\n\n: mine\n\n" + Golden.WORD));
    assertEquals(": keep-alive\n\n", source.next().result().data().toString());
    assertEquals(": keep-alive\n\n", source.next().result().data().toString());
    assertEquals(": mine\n\n", source.next().result().data().toString());
    assertEquals(Golden.WORD, source.next().result().data().toString());
  }

  @Test
  void anEventOfSeveralLinesIsOne() {
    parser.read(
        Buffer.buffer("data: {\"choices\":[{\"delta\":\r\ndata: {\"content\":\"x\"}}]}\r\n\r\n"));
    assertEquals(Chunk.Kind.CONTENT, source.next().result().kind());
  }

  @Test
  void aMissingDoneIsAddedAfterAFinishReason() {
    parser.read(Buffer.buffer(Golden.WORD + Golden.FINISH + Golden.USAGE));
    parser.end();
    assertEquals(List.of("CONTENT", "TRAILER", "TRAILER", "LAST"), drain());
    assertEquals(Status.OK, source.outcome().result().status());
  }

  @Test
  void anEndThatWasNotSeenIsNotProven() {
    parser.read(Buffer.buffer(Golden.WORD + Golden.FINISH));
    assertTrue(parser.enough());
    parser.lost();
    source.next();
    source.next();
    Chunk last = source.next().result();
    assertEquals(Chunk.Kind.UNPROVEN, last.kind());
    assertEquals("data: [DONE]\n\n", last.data().toString());
    assertEquals(Status.OK, source.outcome().result().status());
  }

  /** The end of the response, or [DONE], is an end that was seen. */
  @Test
  void anEndThatWasSeenIsProven() {
    for (boolean done : new boolean[] {true, false}) {
      StreamParserTest test = new StreamParserTest();
      test.parser.read(Buffer.buffer(Golden.WORD + Golden.FINISH + (done ? Golden.DONE : "")));
      if (!done) {
        test.parser.end();
      }
      test.source.next();
      test.source.next();
      assertEquals(Chunk.Kind.TRAILER, test.source.next().result().kind());
    }
  }

  /** A whole answer would not show how its stream ended. */
  @Test
  void aWholeAnswerIsNotMadeOfAStreamThatWasLost() {
    Expected whole = new Expected(Operation.CHAT, false, () -> 1, false, false, 1 << 20);
    AnswerParser collecting = new AnswerParser(source, whole, () -> {});
    collecting.read(Buffer.buffer(Golden.WORD + Golden.FINISH));
    assertFalse(collecting.enough());
  }

  @Test
  void aHalfEventAfterAFinishReasonIsDropped() {
    parser.read(Buffer.buffer(Golden.WORD + Golden.FINISH + "data: {\"choi"));
    parser.end();
    assertEquals(List.of("CONTENT", "TRAILER", "LAST"), drain());
  }

  @Test
  void anEndBeforeAFinishReasonIsACut() {
    parser.read(Buffer.buffer(Golden.ROLE + Golden.WORD + "data: {\"choi"));
    assertEquals("cut", assertThrows(Failure.class, parser::end).reason());
  }

  @Test
  void errorsInside200AreOverload() {
    for (String event :
        List.of(
            Golden.ERROR,
            "event: error\ndata: {\"message\":\"x\"}\n\n",
            "data: {\"error\":\"x\"}\n\n",
            Golden.OUT_OF_RESOURCES,
            "data: hello\n\n",
            Golden.WAIT + Golden.DONE)) {
      AnswerParser fresh = new StreamParserTest().parser;
      Failure failure = assertThrows(Failure.class, () -> fresh.read(Buffer.buffer(event)), event);
      assertEquals(Status.OVERLOADED, failure.status());
    }
    parser.read(Buffer.buffer("data: {\"error\":null,\"choices\":[]}\n\n"));
  }

  @Test
  void aConsumerThatDoesNotReadIsSaidSo() {
    assertTrue(parser.read(Buffer.buffer(Golden.WORD)));
    assertFalse(parser.read(Buffer.buffer(Golden.WORD.repeat(StreamSource.HIGH_WATER))));
  }

  /** Other work of the event loop comes between, also if what is read goes nowhere. */
  @ParameterizedTest
  @ValueSource(strings = {"\n", ": c\n\n", "data:{}\n\n", Golden.WORD})
  void aTurnReadsABoundedNumberOfEvents(String event) {
    AtomicInteger turns = new AtomicInteger();
    Expected whole = new Expected(Operation.CHAT, false, () -> 1, false, false, 64 << 20);
    AnswerParser collecting = new AnswerParser(source, whole, turns::incrementAndGet);
    int events = 100_000;
    boolean room = collecting.read(Buffer.buffer(Golden.WORD + event.repeat(events)));
    while (!room) {
      room = collecting.more();
    }
    int most = Share.STEPS + StreamParser.SLICE / event.length();
    assertTrue(turns.get() >= events / most - 1, turns + " turns");
    collecting.read(Buffer.buffer(Golden.FINISH));
    collecting.end();
    assertTrue(source.next().result().last());
  }

  /** As many pieces may come in one turn as the network likes. */
  @ParameterizedTest
  @ValueSource(strings = {"data: {\"x\":\"%s\"}\n\n", "{\"x\":\"%s\"}", ": %s\n\n"})
  void aTurnReadsABoundedNumberOfBytes(String form) {
    AtomicInteger turns = new AtomicInteger();
    int bytes = 8 << 20;
    AnswerParser fresh = new AnswerParser(source, asked(64 << 20, false), turns::incrementAndGet);
    Buffer answer = Buffer.buffer(form.formatted("a".repeat(bytes)));
    boolean room = true;
    for (int at = 0; at < answer.length(); at += 1000) {
      room = fresh.read(answer.getBuffer(at, Math.min(answer.length(), at + 1000)));
    }
    assertEquals(1, turns.get(), "the rest waits for the turn that was asked for");
    while (!room) {
      room = fresh.more();
    }
    assertTrue(turns.get() >= bytes / (Share.BYTES + StreamParser.MAX_AT_ONCE), turns + " turns");
  }

  @ParameterizedTest
  @ValueSource(strings = {"data: {\"x\":[%s1]}\n\n", "{\"x\":[%s1]}", "{\"x\":{%s\"a\":1}}"})
  void aTurnReadsABoundedNumberOfValues(String form) {
    AtomicInteger turns = new AtomicInteger();
    StringBuilder values = new StringBuilder();
    boolean named = form.contains("a");
    for (int i = 0; i < 200_000; i++) {
      values.append(named && !form.startsWith("data") ? "\"n" + i + "\":" : "").append("1,");
    }
    AnswerParser fresh = new AnswerParser(source, asked(64 << 20, false), turns::incrementAndGet);
    boolean room = fresh.read(Buffer.buffer(form.formatted(values)));
    while (!room) {
      room = fresh.more();
    }
    int most = Share.STEPS * Share.TOKENS + StreamParser.MAX_AT_ONCE / 2; // and a slice
    assertTrue(turns.get() >= 200_000 / most, turns + " turns");
  }

  @Test
  void whatFollowsALargeEventStaysBehindIt() {
    String large = Golden.WORD.replace("Hi", "x".repeat(2 * StreamParser.MAX_AT_ONCE));
    Buffer bytes = Buffer.buffer(large + Golden.WORD + Golden.FINISH + Golden.DONE);
    Still.Read read = Still.read(asked(64 << 20, false), bytes, bytes.length());
    assertEquals("OK", read.ending());
    assertEquals(bytes.toString(), read.text());
  }

  /** Each half may be malformed; none is an event. */
  @Test
  void aLargeEventThatIsCutIsNone() {
    String large = "data: {\"x\":\"" + "x".repeat(2 * StreamParser.MAX_AT_ONCE) + "\"}";
    String good = Golden.WORD + Golden.FINISH;
    Still.Read read = Still.stream(good + large);
    assertEquals("OK", read.ending());
    assertEquals(good + Golden.DONE, read.text());
    assertEquals("malformed", reason(good + large + "}\n\n" + Golden.DONE));
    assertEquals("malformed", reason(good + large.substring(0, large.length() - 1) + "\n\n"));
  }

  private List<String> kinds(String stream, int at) {
    StreamParserTest test = at == 0 ? new StreamParserTest() : this;
    test.parser.read(Buffer.buffer(stream));
    return test.drain();
  }

  private List<String> drain() {
    List<String> kinds = new ArrayList<>();
    boolean last = false;
    while (!last) {
      Chunk chunk = source.next().result();
      last = chunk.last();
      kinds.add(last ? "LAST" : chunk.kind().name());
    }
    return kinds;
  }

  private static @Nullable String reason(String stream) {
    Failure failure = Still.stream(stream).failure();
    return failure == null ? null : failure.reason();
  }
}
