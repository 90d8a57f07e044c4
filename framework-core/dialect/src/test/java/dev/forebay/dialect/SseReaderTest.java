package dev.forebay.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.Golden;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SseReaderTest {

  private static final String MIXED =
      """
      id: 1
      : ping
      data:one
      data
      data:  two

      database: x

      : c

      event: error
      data: {}

      """;

  static List<String> corpus() {
    return List.of(
        Golden.STREAM,
        Golden.STREAM.replace("\n", "\r\n"),
        Golden.STREAM.replace("\n", "\r"),
        "\n\n\r\n: a\n: b\n\nevent: error\ndata: {}\n\n",
        "id: 1\n: ping\ndata:one\ndata\ndata:  two\n\ndatabase: x\n\nretry: 5\n\n",
        "data: a\r\rdata: b\n\rdata: c\r\n\n",
        "\uFEFF" + Golden.WORD + Golden.DONE,
        "\uFEFF: c\r\n\r\n\uFEFFdata: not at the beginning\r\n\r\n",
        "\uFEFC\n\ndata: x\n\n",
        ": \u0000\n\ndata: \u0000ü€😀\n\n",
        "data: {\"a\":\ndata: 1}\n\n");
  }

  /** A stream may last for minutes after the one event that was huge. */
  @Test
  void roomForAHugeEventIsGivenBack() {
    List<SseReader.Block> blocks = new ArrayList<>();
    SseReader reader = new SseReader(8 << 20, blocks::add);
    reader.read(Buffer.buffer("data: " + "x".repeat(4 << 20)));
    assertTrue(reader.held() >= 4 << 20, "" + reader.held());
    reader.read(Buffer.buffer("\n\n"));
    assertEquals(1, blocks.size());
    assertTrue(reader.held() <= 128 << 10, "" + reader.held());
  }

  @ParameterizedTest
  @MethodSource("corpus")
  void everySplitGivesTheSameBlocks(String stream) {
    byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
    List<String> whole = read(Buffer.buffer(bytes));
    StringBuilder joined = new StringBuilder();
    whole.forEach(block -> joined.append(block, 0, block.indexOf('|')));
    String withoutMark = stream.startsWith("\uFEFF") ? stream.substring(1) : stream;
    assertEquals(withoutMark, joined.toString(), "byte for byte");
    for (int at = 1; at < bytes.length; at++) {
      Buffer all = Buffer.buffer(bytes);
      assertEquals(whole, read(all.getBuffer(0, at), all.getBuffer(at, bytes.length)), "at " + at);
    }
    Buffer[] single = new Buffer[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      single[i] = Buffer.buffer(new byte[] {bytes[i]});
    }
    assertEquals(whole, read(single), "byte by byte");
  }

  @Test
  void linesAreJoinedAndOtherFieldsIgnored() {
    assertEquals(
        List.of(
            "id: 1\n: ping\ndata:one\ndata\ndata:  two\n\n|one\n\n two|false",
            "database: x\n\n|null|false",
            ": c\n\n|null|false",
            "event: error\ndata: {}\n\n|{}|true"),
        read(Buffer.buffer(MIXED)));
  }

  @Test
  void aByteOrderMarkIsLeftOutAtTheBeginningOnly() {
    assertEquals(List.of("data: x\n\n|x|false"), read(Buffer.buffer("\uFEFFdata: x\n\n")));
    assertEquals(
        List.of("\uFEFC: x\n\n|null|false"), read(Buffer.buffer("\uFEFC: x\n\n")), "almost one");
  }

  /** All ways to cut a stream twice: a byte order mark, CRLF and UTF-8 may be cut anywhere. */
  @Test
  void everyTwoSplitsGiveTheSameBlocks() {
    Buffer bytes = Buffer.buffer("\uFEFF: ü\r\n\r\nevent: error\rdata: €\r\rdata: 1\ndata\n\n");
    List<String> whole = read(bytes);
    for (int a = 0; a <= bytes.length(); a++) {
      for (int b = a; b <= bytes.length(); b++) {
        assertEquals(
            whole,
            read(bytes.getBuffer(0, a), bytes.getBuffer(a, b), bytes.getBuffer(b, bytes.length())),
            "at " + a + " and " + b);
      }
    }
  }

  @Test
  void anEndWithoutABlankLineIsGivenOne() {
    assertEquals(List.of("data: x\n\n|x|false"), read(Buffer.buffer("data: x")));
    assertEquals(List.of("data: x\n\n|x|false"), read(Buffer.buffer("data: x\n")));
    assertEquals(List.of(), read(Buffer.buffer("")));
  }

  @Test
  void blocksAreBounded() {
    SseReader reader = new SseReader(16, block -> {});
    reader.read(Buffer.buffer("data: 12345678\n\n"));
    assertThrows(SseReader.TooLarge.class, () -> reader.read(Buffer.buffer("data: 123456789\n\n")));
  }

  private static List<String> read(Buffer... pieces) {
    List<String> blocks = new ArrayList<>();
    SseReader reader =
        new SseReader(
            1 << 20,
            block -> {
              byte[] data = block.data;
              String text = data == null ? "null" : new String(data, StandardCharsets.UTF_8);
              blocks.add(block.bytes + "|" + text + "|" + block.namedError);
            });
    for (Buffer piece : pieces) {
      reader.read(piece);
    }
    reader.end();
    return blocks;
  }
}
