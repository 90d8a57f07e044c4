package dev.forebay.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One field of a body is rewritten, and every other byte stays. */
class ModelFieldTest {

  private static String replaced(String body) {
    return String.valueOf(ModelField.replace(Buffer.buffer(body), "new"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"model\":\"old\"} | {\"model\":\"new\"}",
        "{ \"a\":1.00 ,\"model\" :\t\"old\" , \"b\":1e400} | { \"a\":1.00 ,\"model\" :\t\"new\" ,"
            + " \"b\":1e400}",
        "{\"m\\u006fdel\":\"o\\u006cd\"} | {\"m\\u006fdel\":\"new\"}",
        "{\"x\":{\"model\":\"old\"},\"model\":\"a\\\"b\"} |"
            + " {\"x\":{\"model\":\"old\"},\"model\":\"new\"}",
        "{\"x\":\"\\\"model\\\":\\\"old\\\"\",\"model\":\"\"} |"
            + " {\"x\":\"\\\"model\\\":\\\"old\\\"\",\"model\":\"new\"}",
        "{\"model\":\"a\",\"é😀\":[\"é\"],\"model\":\"b\"} |"
            + " {\"model\":\"new\",\"é😀\":[\"é\"],\"model\":\"new\"}",
      })
  void everyOtherByteStays(String body, String expected) {
    assertEquals(expected, replaced(body));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "[]", "{}", "{\"model\":1}", "{\"models\":\"old\"}", "{\"model\":\"old"})
  void aBodyWithoutItIsNotTouched(String body) {
    assertNull(ModelField.replace(Buffer.buffer(body), "new"));
  }

  @Test
  void aNameIsEscaped() {
    Buffer body = Buffer.buffer("{\"model\":\"old\"}");
    assertEquals("{\"model\":\"a\\\"\\\\é\"}", String.valueOf(ModelField.replace(body, "a\"\\é")));
  }

  @Test
  void aBodyThatIsNotUtf8IsNotTouched() {
    byte[] wide = "{\"model\":\"old\"}".getBytes(StandardCharsets.UTF_16BE);
    assertNull(ModelField.replace(Buffer.buffer(wide), "new"));
  }

  @Test
  void aLongBodyBeforeItIsCopied() {
    String before = "{\"messages\":\"" + "x".repeat(100_000) + "\",\"model\":\"";
    assertEquals(before + "new\"}", replaced(before + "old\"}"));
  }
}
