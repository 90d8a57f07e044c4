package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Failure;
import dev.forebay.spi.host.MemoryBudget;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What requests hold of the memory that all share. */
final class MemoryTest extends EdgeFixture {

  private static final String HEAD = "POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\n";
  private static final long BYTES = 1 << 20;

  private final MemoryBudget memory = new MemoryBudget(BYTES);

  @Test
  void aBodyForWhichThereIsNoneIsRefusedAndItsRestIsDropped() throws Exception {
    start(builder -> builder.memory(memory));
    String body = CHAT.substring(0, CHAT.length() - 1) + " ".repeat(2 << 20) + "}";
    Answer answer = await(chatWhole(body, Map.of()));
    assertEquals(503, answer.status());
    assertEquals("memory_full", answer.header("x-forebay-reason"));
    assertEquals("1", answer.header("retry-after"));
    assertEquals("true", answer.header("x-should-retry"));
    assertTrue(chain.quiet());
    untilNoneOpen();
    assertEquals(0, memory.taken());
  }

  @Test
  void whatComesAtOnceIsAnsweredWhileUnfinishedBodiesHoldTheRest() throws Exception {
    start(builder -> builder.memory(memory));
    List<NetSocket> slow = new ArrayList<>();
    while (memory.taken() < BYTES - memory.reserve() - (64 << 10)) {
      NetSocket socket = raw(HEAD + "content-length: 1000000\r\n\r\n");
      slow.add(socket);
      long before = memory.taken();
      await(socket.write(" ".repeat(48 << 10)));
      until(() -> memory.taken() >= before + (48 << 10));
    }
    Future<Answer> answer = chatWhole(CHAT, Map.of());
    chain.next().whole("{}");
    assertEquals(200, await(answer).status());
    String chunk = Integer.toHexString(CHAT.length()) + "\r\n" + CHAT + "\r\n0\r\n\r\n";
    slow.add(raw(HEAD + "transfer-encoding: chunked\r\n\r\n" + chunk));
    chain.next().whole("{}");
    for (NetSocket socket : slow) {
      await(socket.close());
    }
    untilNoneOpen();
    assertEquals(0, memory.taken());
  }

  @Test
  void headsWhoseBodiesDoNotComeHoldMemory() throws Exception {
    start(builder -> builder.memory(memory));
    String fields = "a:\r\n".repeat(90);
    NetSocket waits = raw(HEAD + fields + "content-length: 10\r\n\r\n");
    until(() -> memory.taken() >= 256 * 90);
    await(waits.close());
    untilNoneOpen();
    assertEquals(0, memory.taken());
    NetSocket refused = raw(HEAD + fields + "content-length: 99999999\r\n\r\n");
    until(() -> memory.taken() >= 256 * 90);
    untilNoneOpen();
    assertTrue(memory.taken() >= 256 * 90, "answered, but its body may still come");
    await(refused.close());
    until(() -> memory.taken() == 0);
  }

  @Test
  void aRefusedBodyIsNotWaitedForWithoutMemoryForItsHead() throws Exception {
    start(builder -> builder.memory(memory));
    MemoryBudget.Lease other = memory.lease();
    assertTrue(other.cover(BYTES - memory.reserve()));
    String large = "x-large: " + "y".repeat(4000) + "\r\n";
    closed(HEAD + large + "content-encoding: gzip\r\ncontent-length: 1000\r\n\r\n");
    other.close();
    untilNoneOpen();
    assertEquals(0, memory.taken());
  }

  @Test
  void anAnswerForWhichThereIsNoneIsAnError() throws Exception {
    start(builder -> builder.memory(memory));
    Future<Answer> answer = chatWhole(CHAT, Map.of());
    chain.next().whole("{\"x\":\"" + "x".repeat(2 << 20) + "\"}");
    assertEquals(503, await(answer).status());
    untilNoneOpen();
    assertEquals(0, memory.taken());
  }

  @Test
  void aBodyThatIsLateGivesAllOfItBack() throws Exception {
    start(builder -> builder.memory(memory).options(options("body-timeout: 50ms")));
    closed(HEAD + "content-length: 100000\r\n\r\n" + " ".repeat(50_000));
    untilNoneOpen();
    assertEquals(0, memory.taken());
  }

  @Test
  void everyEndingGivesAllOfItBack() throws Exception {
    long seed = 42;
    Random random = new Random(seed);
    start(builder -> builder.memory(memory));
    for (int i = 0; i < 60; i++) {
      int how = random.nextInt(7);
      ending(how, random.nextInt(300_000));
      untilNoneOpen();
      if (how == 1) {
        until(() -> memory.taken() == 0); // its body may come until the connection is closed
      }
      assertEquals(0, memory.taken(), "ending " + how + ", step " + i + " of seed " + seed);
    }
  }

  private void ending(int how, int size) throws Exception {
    String body = CHAT.substring(0, CHAT.length() - 1) + " ".repeat(size) + "}";
    switch (how) {
      case 0 -> { // in the middle of its body
        NetSocket socket = raw(HEAD + "content-length: " + 2 * body.length() + "\r\n\r\n" + body);
        until(() -> edge.openRequests() == 1);
        await(socket.close());
      }
      case 1 -> closed(HEAD + "content-length: 9999999\r\n\r\n" + body); // 413
      case 2 -> closed(HEAD + "transfer-encoding: chunked\r\n\r\n1\r\n{\r\nx\r\n"); // 400
      case 3 -> assertEquals(400, await(chatWhole(body + "{", Map.of())).status());
      case 4 -> {
        Future<Answer> answer = chatWhole(body, Map.of());
        chain.next().head.fail(Failure.overloaded(502, "broken", "so it is"));
        assertEquals(502, await(answer).status());
      }
      case 5 -> { // left while it is computed
        NetSocket socket = raw(http("/v1/chat/completions", body));
        chain.next();
        await(socket.close());
      }
      default -> {
        Future<Answer> answer = chatWhole(body, Map.of());
        chain.next().whole(body);
        assertEquals(200, await(answer).status());
      }
    }
  }

  /** Sends, and waits until the other side closes. */
  private void closed(String words) throws Exception {
    NetSocket socket = await(sockets.connect(edge.port(), "127.0.0.1"));
    Promise<Void> closed = Promise.promise();
    socket.closeHandler(nothing -> closed.complete());
    socket.handler(
        part -> {
          if (part.toString().startsWith("HTTP/1.1 413")) {
            socket.close();
          }
        });
    socket.write(Buffer.buffer(words));
    await(closed.future());
  }
}
