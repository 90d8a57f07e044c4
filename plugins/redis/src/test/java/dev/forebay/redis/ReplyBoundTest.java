package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.Requests;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.policy.ResponseCache;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that announces more than it has, or sends more than anybody asked for. */
class ReplyBoundTest {

  private static final PromptKey KEY = Requests.key(1);
  private static final String GOOD = "*2\r\n+good\r\n$2\r\nok\r\n";
  private static final long MOST_BYTES = 1000;

  private final Vertx vertx = Vertx.vertx();
  private final EventLoopStage stage = new EventLoopStage(vertx, 1);

  @AfterEach
  void close() {
    done(vertx.close());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*1000000000; | a reply of 1000000000 values (expected: at most 262144)",
        "*262145; | a reply of 262145 values",
        "*2;*262143; | a reply of 262145 values",
        "%131073; | a reply of 262146 values",
        "~262145; | a reply of 262145 values",
        ">262145; | a reply of 262145 values",
        "$2000000000; | bytes (expected: at most 1000)",
        "=2000000000; | bytes (expected: at most 1000)",
        "*2;$500;# | bytes (expected: at most 1000)",
        "*99999999999; | a length that is no number",
        "*1x; | a length that is no number",
        "$; | no length",
        "$?; | a length that is no number",
        "$3;abcd; | a text that is longer than announced",
        "+a&b; | a broken line",
        "+a@b; | a broken line",
        "^1;+a;+b; | a reply of an unknown kind",
        "!11;*1000000000; | a reply of an unknown kind",
        "HTTP/1.1 400 Bad Request; | a reply of an unknown kind",
        "; | a reply of an unknown kind"
      })
  void whatIsTooMuchClosesBeforeItIsRead(String reply, String why) {
    String text =
        reply
            .replace(";", "\r\n")
            .replace("^", "|")
            .replace('&', '\n')
            .replace('@', '\r')
            .replace("#", "x".repeat(500) + "\r\n$490\r\n");
    for (int piece : new int[] {1, 7, text.length()}) {
      EmbeddedChannel channel = new EmbeddedChannel(new ReplyBound(MOST_BYTES));
      feed(channel, GOOD, GOOD.length());
      RedisFailure failure =
          assertThrows(RedisFailure.class, () -> feed(channel, text + GOOD, piece));
      assertEquals(RedisFailure.Reason.GONE, failure.reason());
      assertTrue(String.valueOf(failure.getMessage()).contains(why), failure::getMessage);
      assertFalse(channel.isOpen());
      String passed = passed(channel);
      assertTrue((GOOD + text).startsWith(passed) && passed.length() < (GOOD + text).length());
    }
  }

  @Test
  void whatIsDeepOrWithoutAnEndCloses() {
    String deep = "*1\r\n".repeat(ReplyBound.MOST_DEPTH + 1);
    assertTrue(refused(deep, 1 << 20).contains("at most 16 deep"));
    String line = "+" + "x".repeat(ReplyBound.MOST_LINE + 1);
    assertTrue(refused(line, 1 << 20).contains("a line of more than 65536 bytes"));
    String lines = "*200000\r\n" + "+xxxxxxxxxx\r\n".repeat(200_000);
    assertTrue(refused(lines, 1 << 20).contains("at most 1048576"));
  }

  private static String refused(String text, long mostBytes) {
    EmbeddedChannel channel = new EmbeddedChannel(new ReplyBound(mostBytes));
    RedisFailure failure = assertThrows(RedisFailure.class, () -> feed(channel, text, 1 << 16));
    return String.valueOf(failure.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 1000, 1 << 20})
  void whatServersSendPassesAsItIs(int piece) {
    String text =
        "+OK\r\n-ERR no\r\n:-12\r\n,1.5\r\n(123\r\n#t\r\n_\r\n$-1\r\n*-1\r\n*0\r\n%0\r\n$0\r\n\r\n"
            + "=7\r\ntxt:a\r\n\r\n"
            + "*2\r\n*1\r\n*0\r\n%1\r\n+k\r\n~1\r\n:1\r\n>3\r\n+message\r\n+c\r\n$0\r\n\r\n"
            + "$900\r\n"
            + "*".repeat(900)
            + "\r\n"
            + "*1\r\n".repeat(ReplyBound.MOST_DEPTH)
            + ":1\r\n";
    String often = text.repeat(20); // each of them is counted anew
    EmbeddedChannel channel = new EmbeddedChannel(new ReplyBound(MOST_BYTES));
    feed(channel, often, piece);
    assertTrue(channel.isOpen());
    assertEquals(often, passed(channel));
  }

  private static void feed(EmbeddedChannel channel, String text, int piece) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    for (int at = 0; at < bytes.length; at += piece) {
      int length = Math.min(piece, bytes.length - at);
      channel.writeInbound(Unpooled.copiedBuffer(bytes, at, length));
    }
  }

  private static String passed(EmbeddedChannel channel) {
    StringBuilder text = new StringBuilder();
    for (ByteBuf next = channel.readInbound(); next != null; next = channel.readInbound()) {
      text.append(next.toString(StandardCharsets.US_ASCII));
      next.release();
    }
    return text.toString();
  }

  /** From the first exchange of a connection on, before the client gives it away. */
  @ParameterizedTest
  @CsvSource({
    "HELLO, SINGLE, (expected: at most",
    "GET, SINGLE, (expected: at most",
    "HELLO, SENTINEL, Cannot connect to any",
    "SENTINEL, SENTINEL, Cannot connect to any"
  })
  void aServerThatLiesIsAFailureLikeOthers(String command, Redis.Topology topology, String why) {
    for (String lie : List.of("*1000000000\r\n", "$2000000000\r\n", "*1\r\n".repeat(1000))) {
      LyingRedis server = new LyingRedis(vertx, command, lie);
      ResponseCache cache = cache(server, topology);
      long gone = stage.count("failures", "gone");
      Future<?> answer = stage.await(() -> cache.get(KEY, Requests.any()));
      assertTrue(answer.failed());
      assertTrue(
          String.valueOf(answer.cause().getMessage()).contains(why),
          () -> command + ": " + answer.cause());
      assertEquals(gone + 1, stage.count("failures", "gone"));
      for (int i = 0; i < 5; i++) {
        assertTrue(stage.await(() -> cache.get(KEY, Requests.any())).failed());
      }
      assertTrue(stage.count("circuit_opened") > 0);
      stage.until("it is closed", () -> Future.succeededFuture(server.allClosed()));
      assertTrue(stage.await(cache::close).succeeded());
    }
  }

  @Test
  void theSlotsOfAClusterAreBoundedToo() {
    LyingRedis server = new LyingRedis(vertx, "CLUSTER", "*1000000000\r\n");
    ResponseCache cache = cache(server, Redis.Topology.CLUSTER);
    stage.until(
        "two connections were refused",
        () ->
            cache
                .get(KEY, Requests.any())
                .transform(asked -> Future.succeededFuture(server.lies() > 1)));
    assertTrue(stage.await(cache::close).succeeded());
    stage.until("they are closed", () -> Future.succeededFuture(server.allClosed()));
  }

  @Test
  void aSubscriptionIsBoundedToo() {
    LyingRedis server = new LyingRedis(vertx, "SUBSCRIBE", "*1000000000\r\n");
    Redis options = options(server, Redis.Topology.SINGLE);
    RedisStore store = new VertxStore(options, vertx, stage.context().timeline(), "self");
    stage.await(() -> Future.succeededFuture(store.subscribe("channel", message -> {}, () -> {})));
    stage.until("two connections were refused", () -> Future.succeededFuture(server.lies() > 1));
    assertTrue(stage.await(store::close).succeeded());
    stage.until("they are closed", () -> Future.succeededFuture(server.allClosed()));
  }

  private ResponseCache cache(LyingRedis server, Redis.Topology topology) {
    return options(server, topology).create(stage.context());
  }

  private static Redis options(LyingRedis server, Redis.Topology topology) {
    return Redis.at(server.url())
        .withTopology(topology)
        .withTimeout(Duration.ofSeconds(5))
        .withFailures(3)
        .withPause(Duration.ofSeconds(1));
  }

  private static <T> T done(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }
}
