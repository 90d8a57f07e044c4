package dev.forebay.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.dialect.AnswerParser;
import dev.forebay.dialect.Expected;
import dev.forebay.dialect.Parser;
import dev.forebay.servers.Golden;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Operation;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class InflatedTest {

  private final Sink sink = new Sink();
  private final AtomicInteger turns = new AtomicInteger();

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "GZIP ", "x-gzip", "deflate"})
  void everySplitGivesTheSame(String encoding) throws IOException {
    Buffer packed = pack(encoding, Golden.STREAM.getBytes(StandardCharsets.UTF_8));
    for (int at = 0; at <= packed.length(); at++) {
      Sink fresh = new Sink();
      Parser reader = Inflated.around(fresh, encoding, () -> {});
      reader.read(packed.getBuffer(0, at));
      reader.read(packed.getBuffer(at, packed.length()));
      reader.end();
      assertEquals(Golden.STREAM, fresh.bytes.toString(), "at " + at);
    }
  }

  @Test
  void aBombIsReadNoFurtherThanThereIsRoom() throws IOException {
    int size = 200 << 20;
    Buffer bomb = pack("gzip", new byte[size]);
    sink.room = 1 << 20;
    Parser reader = Inflated.around(sink, "gzip", turns::incrementAndGet);
    assertFalse(reader.read(bomb));
    readOn(reader);
    assertTrue(sink.seen < 2 << 20, sink.seen + " bytes of " + size);
    long before = sink.seen;
    sink.room = 2 << 20;
    assertFalse(reader.more());
    readOn(reader);
    assertTrue(sink.seen > before && sink.seen < 3 << 20, sink.seen + " bytes");
  }

  /** Other work of the event loop comes between: no turn makes more than a bounded part. */
  @Test
  void aTurnInflatesABoundedPart() throws IOException {
    Buffer bomb = pack("gzip", new byte[50 << 20]);
    Parser reader = Inflated.around(sink, "gzip", turns::incrementAndGet);
    boolean room = reader.read(bomb);
    long most = sink.seen;
    while (!room) {
      long before = sink.seen;
      room = reader.more();
      most = Math.max(most, sink.seen - before);
    }
    assertEquals(50 << 20, sink.seen);
    assertTrue(most <= Inflated.TURN + (1 << 20), most + " bytes in one turn");
    assertTrue(turns.get() >= 50, turns + " turns");
  }

  /** The reader does a turn's work for each piece, so that a slice comes out in one piece. */
  @Test
  void aSliceIsATurnOfTheReader() throws IOException {
    byte[] comments = ":\n\n".repeat(1_000_000).getBytes(StandardCharsets.UTF_8);
    Expected whole = new Expected(Operation.CHAT, false, () -> 1, false, false, 16 << 20);
    AtomicInteger asked = new AtomicInteger();
    Parser events = new AnswerParser(Sink.source(), whole, asked::incrementAndGet);
    Parser reader = Inflated.around(events, "gzip", turns::incrementAndGet);
    boolean room = reader.read(pack("gzip", comments));
    int steps = 0;
    while (!room) {
      assertTrue(asked.getAndSet(0) + turns.getAndSet(0) <= 1, "turns of the reader in one");
      room = reader.more();
      steps++;
    }
    assertTrue(steps >= 400, steps + " turns");
  }

  private void readOn(Parser reader) {
    while (turns.getAndSet(0) > 0) {
      reader.more();
    }
  }

  @Test
  void aWholeAnswerThatIsABombIsRefusedAtItsBound() throws IOException {
    Buffer bomb = pack("gzip", new byte[50 << 20]);
    assertEquals("malformed", refused(bomb)); // zeros are no white space
    byte[] blanks = new byte[50 << 20];
    Arrays.fill(blanks, (byte) ' ');
    assertEquals("answer_too_large", refused(pack("gzip", blanks)));
    assertTrue(turns.get() <= 8, turns + " turns of at least 256 KiB");
    byte[] words = "{\"x\":\"".getBytes(StandardCharsets.UTF_8);
    System.arraycopy(words, 0, blanks, 0, words.length);
    assertEquals("answer_too_large", refused(pack("gzip", blanks)));
  }

  private String refused(Buffer packed) {
    Expected whole = new Expected(Operation.CHAT, false, () -> 1, false, false, 1 << 20);
    Parser reader =
        Inflated.around(
            new AnswerParser(Sink.source(), whole, () -> {}), "gzip", turns::incrementAndGet);
    return assertThrows(
            Failure.class,
            () -> {
              reader.read(packed);
              while (turns.get() < 1000) {
                reader.more();
              }
            })
        .reason();
  }

  /** What was cut is no end, wherever it was cut, also within the checksum. */
  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate"})
  void aCutIsNoEnd(String encoding) throws IOException {
    Buffer packed = pack(encoding, Golden.STREAM.getBytes(StandardCharsets.UTF_8));
    for (int to = 1; to <= packed.length(); to++) {
      for (boolean enough : new boolean[] {false, true}) {
        Sink cut = new Sink();
        cut.enough = enough;
        Parser reader = Inflated.around(cut, encoding, () -> {});
        reader.read(packed.getBuffer(0, to));
        String end;
        try {
          reader.end();
          end = cut.end;
        } catch (Failure failure) {
          end = failure.reason();
        }
        String broken = enough ? "lost" : "cut";
        assertEquals(to == packed.length() ? "ended" : broken, end, to + " of " + packed.length());
      }
    }
  }

  @Test
  void membersOfGzipFollowOneAnother() throws IOException {
    byte[] bytes = Golden.STREAM.getBytes(StandardCharsets.UTF_8);
    Buffer packed =
        pack("gzip", Arrays.copyOf(bytes, 50))
            .appendBuffer(pack("gzip", Arrays.copyOfRange(bytes, 50, bytes.length)));
    Parser reader = Inflated.around(sink, "gzip", () -> {});
    reader.read(packed);
    reader.end();
    assertEquals(Golden.STREAM, sink.bytes.toString());
    assertEquals("ended", sink.end);
  }

  @Test
  void whatIsNoGzipIsOverload() {
    Parser reader = Inflated.around(sink, "gzip", () -> {});
    Failure failure =
        assertThrows(Failure.class, () -> reader.read(Buffer.buffer("no gzip at all")));
    assertEquals("bad_encoding", failure.reason());
    assertEquals(
        "unknown_encoding",
        assertThrows(Failure.class, () -> Inflated.around(sink, "br", () -> {})).reason());
    assertEquals(sink, Inflated.around(sink, "identity", () -> {}));
    assertEquals(sink, Inflated.around(sink, null, () -> {}));
  }

  static Buffer pack(String encoding, byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out =
        encoding.equals("deflate")
            ? new DeflaterOutputStream(packed)
            : new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return Buffer.buffer(packed.toByteArray());
  }

  /** Takes bytes as long as it has room, and keeps the first. */
  private static final class Sink implements Parser {
    private final Buffer bytes = Buffer.buffer();
    private long room = Long.MAX_VALUE;
    private long seen;
    private boolean enough;
    private String end = "";

    static dev.forebay.spi.StreamSource source() {
      return new dev.forebay.spi.StreamSource(
          dev.forebay.spi.Call.root(new dev.forebay.timeline.VirtualTimeline()), 0, () -> {});
    }

    @Override
    public boolean read(Buffer piece) {
      seen += piece.length();
      if (bytes.length() < 1 << 20) {
        bytes.appendBuffer(piece);
      }
      return seen < room;
    }

    @Override
    public void end() {
      end = "ended";
    }

    @Override
    public void lost() {
      end = "lost";
    }

    @Override
    public boolean complete() {
      return false;
    }

    @Override
    public boolean enough() {
      return enough;
    }

    @Override
    public void fail(Failure why) {}
  }
}
