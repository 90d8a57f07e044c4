package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.host.MemoryBudget;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpServerOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How bytes become requests, on a channel without a network. */
final class StrictDecoderTest {

  private static final String GET = "GET /healthz HTTP/1.1\r\nhost: t\r\n\r\n";

  private static final String POST =
      "POST / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n";

  private final MemoryBudget memory = new MemoryBudget(1 << 20);
  private final StringBuilder read = new StringBuilder();
  private StrictDecoder decoder = decoder(memory);
  private EmbeddedChannel channel = new EmbeddedChannel(decoder);

  private static StrictDecoder decoder(MemoryBudget budget) {
    return new StrictDecoder(new HttpServerOptions(), Duration.ofSeconds(10), budget.lease());
  }

  @Test
  void piecesDoNotMatter() throws Exception {
    for (FramingCorpusTest.Variant variant : FramingCorpusTest.corpus()) {
      if (variant.cut()) {
        continue; // it does matter whether what follows comes before the answer
      }
      String whole = outline(read(variant.bytes(), variant.bytes().length));
      for (int piece : new int[] {1, 2, 7}) {
        String pieces = outline(read(variant.bytes(), piece));
        assertEquals(whole, pieces, variant.name() + " by " + piece);
      }
    }
    assertEquals(0, memory.taken());
  }

  /**
   * Without the body of a request that is refused in it: how much was passed on does not matter.
   */
  private static String outline(String read) {
    return read.endsWith(" closed") ? read.replaceFirst(" \\{[^ ]* closed$", " closed") : read;
  }

  @Test
  void whatFollowsAnOpenRequestIsReadNoFurtherThanABound() {
    write(GET.repeat(1000));
    assertEquals("GET /healthz {}", take());
    assertFalse(channel.config().isAutoRead());
    decoder.requestOver();
    channel.runPendingTasks();
    assertEquals("GET /healthz {}", take(), "one at a time");
  }

  @Test
  void aFewBytesAfterAnOpenRequestDoNotKeepTheEndOfTheConnectionUnseen() {
    write(GET + "\r\n" + GET);
    assertTrue(channel.config().isAutoRead());
    assertEquals("GET /healthz {}", take());
  }

  @Test
  void unfinishedHeadsTakeMemoryAndNoneIsLeftOver() {
    write(GET.substring(0, 20));
    assertTrue(memory.taken() >= 20);
    write(GET.substring(20));
    assertEquals(0, memory.taken());
    decoder.requestOver();
    channel.runPendingTasks();
    write("GET ");
    assertTrue(memory.taken() > 0);
    channel.close();
    assertEquals(0, memory.taken());
  }

  @Test
  void anUnfinishedHeadForWhichThereIsNoMemoryClosesTheConnection() {
    MemoryBudget.Lease other = memory.lease();
    assertTrue(other.cover(memory.bytes() - memory.reserve()));
    write("GET ");
    assertFalse(channel.isOpen());
  }

  @Test
  void shortLinesTakeMoreMemoryThanTheirText() {
    write("GET / HTTP/1.1\r\n" + "a:\r\n".repeat(Framing.MAX_FIELDS));
    assertTrue(memory.taken() >= 256L * Framing.MAX_FIELDS, memory.taken() + " bytes");
  }

  @Test
  void aHeadOfMoreFieldsThanTheBoundIsTooLong() {
    String fields = "a:\r\n".repeat(Framing.MAX_FIELDS - 1);
    write("GET / HTTP/1.1\r\nhost: t\r\n" + fields + "\r\n");
    assertEquals("GET / {}", take());
    decoder.requestOver();
    channel.runPendingTasks();
    write("GET / HTTP/1.1\r\nhost: t\r\na:\r\n" + fields + "\r\n");
    assertEquals("bad: more than 100 fields}", take());
    assertEquals(0, memory.taken());
  }

  @Test
  void unfinishedFieldsAfterABodyTakeMemoryUntilTheyEnd() {
    write(POST + "1\r\n{\r\n0\r\n");
    write("a:\r\n".repeat(90));
    assertTrue(memory.taken() >= 256L * 90, memory.taken() + " bytes");
    channel.advanceTimeBy(11, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertTrue(channel.isOpen(), "the time of a body is not the time of a head");
    write("\r\n");
    assertEquals(0, memory.taken());
    assertEquals("POST / {{}", take());
  }

  @Test
  void moreFieldsAfterABodyThanTheBoundAreWrong() {
    write(POST + "0\r\n" + "a:\r\n".repeat(Framing.MAX_FIELDS + 1));
    assertFalse(channel.isOpen());
  }

  @Test
  void chunksThatComeTogetherArePassedOnInOnePiece() {
    write(POST + "1\r\n{\r\n".repeat(1000) + "3\r\nab");
    assertInstanceOf(HttpRequest.class, channel.readInbound());
    HttpContent first = channel.readInbound();
    assertEquals("{".repeat(1000) + "ab", first.content().toString(StandardCharsets.ISO_8859_1));
    ReferenceCountUtil.release(first);
    assertNull(channel.readInbound());
    write("c\r\n1;x=y\r\n}\r\n0\r\n\r\n" + GET);
    assertEquals("c}}", take());
    decoder.requestOver();
    channel.runPendingTasks();
    assertEquals("GET /healthz {}", take());
  }

  @Test
  void blankLinesStartNoTimer() {
    write("\r\n\r\n");
    channel.advanceTimeBy(1, TimeUnit.HOURS);
    channel.runScheduledPendingTasks();
    assertTrue(channel.isOpen());
    write("G");
    channel.advanceTimeBy(11, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertFalse(channel.isOpen());
  }

  private void write(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  private String read(byte[] bytes, int piece) {
    decoder = decoder(memory);
    channel = new EmbeddedChannel(decoder);
    read.setLength(0);
    for (int at = 0; at < bytes.length && channel.isOpen(); at += piece) {
      byte[] part = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece));
      channel.writeInbound(Unpooled.wrappedBuffer(part));
      while (!take().isEmpty()) {
        decoder.requestOver();
        channel.runPendingTasks();
      }
    }
    String all = read.toString();
    all += channel.isOpen() ? "" : " closed";
    channel.close();
    return all;
  }

  /** What was decoded since the last time. */
  private String take() {
    StringBuilder some = new StringBuilder();
    for (Object part = channel.readInbound(); part != null; part = channel.readInbound()) {
      if (part instanceof HttpRequest request) {
        some.append(
            request.decoderResult().isFailure()
                ? "bad: " + request.decoderResult().cause().getMessage()
                : request.method() + " " + request.uri() + " {");
      }
      if (part instanceof HttpContent content) {
        some.append(content.content().toString(StandardCharsets.ISO_8859_1));
      }
      if (part instanceof LastHttpContent) {
        some.append("}");
      }
      ReferenceCountUtil.release(part);
    }
    read.append(some);
    return some.toString();
  }
}
