package dev.forebay.core.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.forebay.dialect.JsonBody;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.InferenceRequest.MemberPlaces;
import dev.forebay.spi.Registration;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Timeline;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One field of a body is rewritten, and every other byte stays. */
class ModelFieldTest {

  /** Nothing here takes time. */
  private static final Timeline NEVER =
      new Timeline() {
        @Override
        public long nanos() {
          return 0;
        }

        @Override
        public long epochMillis() {
          return 0;
        }

        @Override
        public Registration after(long delayNanos, Runnable action) {
          throw new UnsupportedOperationException();
        }

        @Override
        public void execute(Runnable action) {
          action.run();
        }

        @Override
        public void check() {}
      };

  private static String replaced(String body) {
    return String.valueOf(replaced(Buffer.buffer(body), "new"));
  }

  private static @Nullable Buffer replaced(Buffer body, String model) {
    JsonBody read = JsonBody.read(body);
    JsonBody renamed = read == null ? null : ModelField.replace(read, model);
    return renamed == null ? null : renamed.bytes();
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
    assertNull(replaced(Buffer.buffer(body), "new"));
  }

  @Test
  void aNameIsEscaped() {
    Buffer body = Buffer.buffer("{\"model\":\"old\"}");
    assertEquals("{\"model\":\"a\\\"\\\\é\"}", String.valueOf(replaced(body, "a\"\\é")));
  }

  @Test
  void aBodyThatIsNotUtf8IsNotTouched() {
    byte[] wide = "{\"model\":\"old\"}".getBytes(StandardCharsets.UTF_16BE);
    assertNull(replaced(Buffer.buffer(wide), "new"));
  }

  @Test
  void aLongBodyBeforeItIsCopied() {
    String before = "{\"messages\":\"" + "x".repeat(100_000) + "\",\"model\":\"";
    assertEquals(before + "new\"}", replaced(before + "old\"}"));
  }

  /**
   * Bodies of megabytes are read once, not on event loops: here is one that cannot be read again.
   */
  @Test
  void whatHasBeenReadIsNotReadAgain() {
    Buffer body = Buffer.buffer("{\"model\":\"m\",#");
    MemberPlaces noted = new MemberPlaces(new int[] {1, 9, 12}, 14);
    RequestInfo info = RequestInfo.chat("r", "m", Caller.at("127.0.0.1"), 0);
    InferenceRequest request =
        new InferenceRequest(info, body, Call.root(NEVER), Attempt.FIRST, HttpHead.NONE, noted);
    InferenceRequest renamed = ModelField.rewrite(request, "other");
    assertNotNull(renamed);
    assertEquals("{\"model\":\"other\",#", renamed.body().toString());
    assertNotNull(renamed.places());
    assertEquals(18, renamed.places().close());
  }
}
