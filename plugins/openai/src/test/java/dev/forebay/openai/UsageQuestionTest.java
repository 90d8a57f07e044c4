package dev.forebay.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.forebay.dialect.JsonBody;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UsageQuestionTest {

  /** The inserted bytes are between « and »; those that give way between ‹ and ›. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{«\"stream_options\":{\"include_usage\":true}»}",
        "{ «\"stream_options\":{\"include_usage\":true}»}",
        "{\"stream\":true«,\"stream_options\":{\"include_usage\":true}»}",
        " {\"stream\" : true ,\n\"x\":1.00 \t«,\"stream_options\":{\"include_usage\":true}»} \r\n\n",
        "{\"a\":\"\\u00fc ü \\\" stream_options\"«,\"stream_options\":{\"include_usage\":true}»}",
        "{\"a\":{\"stream_options\":{\"include_usage\":true}}«,\"stream_options\":{\"include_usage\":true}»}",
        "{\"n\":1e400,\"m\":123456789012345678901234567890«,\"stream_options\":{\"include_usage\":true}»}",
        "{\"stream_options\":{«\"include_usage\":true»},\"b\":\"ü€😀\"}",
        "{\"b\":\"ü€😀\", \"stream_options\" : { «\"include_usage\":true»},\"c\":2}",
        "{\"stream_options\":{\"x\": [1, {}]«,\"include_usage\":true»}}",
        "{\"b\":\"ü€😀\",\"stream_options\":{\"x\":1,\"include_usage\" : ‹false›«true»}}",
        "{\"stream_options\":{\"include_usage\":‹null›«true»}}",
        "{\"stream_options\":‹null›«{\"include_usage\":true}»}",
        "{\"stream\\u005foptions\":{\"include\\u005fusage\":‹false›«true»}}"
      })
  void theQuestionIsSplicedIn(String marked) {
    String before = marked.replaceAll("«[^»]*»", "").replaceAll("[‹›]", "");
    String after = marked.replaceAll("‹[^›]*›", "").replaceAll("[«»]", "");
    assertEquals(after, asked(before));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"stream_options\":{\"include_usage\":true}}",
        "{\"stream_options\":{\"x\":{}, \"include_usage\" : true }, \"a\":1}",
        "{\"stream_options\":1}",
        "{\"stream_options\":{\"include_usage\":\"yes\"}}",
        "{\"stream_options\":{},\"stream_options\":{}}",
        "{\"stream_options\":{\"include_usage\":false,\"include_usage\":false}}",
        "{\"stream_options\":{",
        "[]",
        "}",
        ""
      })
  void whoAsksAlreadyOrCannotBeReadIsLeftAlone(String body) {
    assertNull(asked(body));
  }

  @ParameterizedTest
  @CsvSource({"UTF-16LE", "UTF-16BE", "UTF-32LE"})
  void otherEncodingsAreLeftAlone(String charset) {
    byte[] body = "{\"stream_options\":{},\"a\":\"\"}".getBytes(Charset.forName(charset));
    assertNull(asked(Buffer.buffer(body)));
  }

  @Test
  void aByteOrderMarkShiftsNothing() {
    String body = "\uFEFF{\"stream_options\":{}}";
    String asked = asked(body);
    assertEquals("\uFEFF{\"stream_options\":{\"include_usage\":true}}", asked);
  }

  private static @Nullable String asked(String body) {
    Buffer asked = asked(Buffer.buffer(body.getBytes(StandardCharsets.UTF_8)));
    return asked == null ? null : asked.toString(StandardCharsets.UTF_8);
  }

  private static @Nullable Buffer asked(Buffer body) {
    JsonBody read = JsonBody.read(body);
    JsonBody asked = read == null ? null : UsageQuestion.ask(read);
    return asked == null ? null : asked.bytes();
  }
}
