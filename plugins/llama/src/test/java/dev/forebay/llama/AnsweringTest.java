package dev.forebay.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How tokens are counted in the pieces of text that an engine gives. */
final class AnsweringTest {

  /** A token for each byte, and one for the beginning, as the smallest models have it. */
  private static int tokens(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length + 1;
  }

  @ParameterizedTest
  @CsvSource({"a, 1", "'', 1", "hello, 1", "\u00e9, 2", "\u4f60, 3", "a\u4f60, 4"})
  void charactersThatTookSeveralTokensComeAsOnePiece(String piece, int count) {
    assertEquals(count, Answering.count(AnsweringTest::tokens, piece, false));
  }

  /** What stands for a broken byte has three bytes; the engine made one token. */
  @Test
  void aBrokenByteIsOneToken() {
    String broken = new String(new byte[] {(byte) 0x80}, StandardCharsets.UTF_8);
    assertEquals(1, Answering.count(AnsweringTest::tokens, broken, false));
    assertEquals(4, Answering.count(AnsweringTest::tokens, broken.repeat(4), false));
    assertEquals(2, Answering.count(AnsweringTest::tokens, broken + "a", false));
    assertEquals(3, Answering.count(AnsweringTest::tokens, broken + "\u00e9", false));
  }

  /** While a stop text may come, what was held back comes with the next token. */
  @ParameterizedTest
  @CsvSource({"a, 1", "ab, 2", "'', 1", "abc, 3"})
  void piecesThatWereHeldBackAreCountedByTheirTokens(String piece, int count) {
    assertEquals(count, Answering.count(AnsweringTest::tokens, piece, true));
  }
}
