package dev.forebay.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyTest {

  private static JsonBody body(String json) {
    JsonBody read = JsonBody.read(Buffer.buffer(json));
    assertNotNull(read);
    return read;
  }

  @Test
  void valuesAreFoundByTheirNames() {
    JsonBody body = body(" {\"a\" : 1.0 ,\"é😀\":[\"ü\", {\"b\":2}],\n\"b\":\"x\\\"\",\"c\":{}}\n");
    assertEquals(4, body.places().count());
    assertEquals("1.0", body.value(body.find("a", 0)).toString());
    assertEquals("\"x\\\"\"", body.value(body.find("b", 0)).toString());
    assertEquals("{}", body.value(body.find("c", 0)).toString());
    assertEquals(-1, body.find("d", 0));
    assertEquals(-1, body.find("a", 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"m/n", "\\u006d\\u002Fn", "m\\/n", "m\\u002fn"})
  void namesAreFoundHoweverTheyAreEscaped(String written) {
    assertEquals(0, body("{\"" + written + "\":1}").find("m/n", 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"m", "m/", "m/n1", "\\u006d", "m\\nn", "m\\\\n", "\\u016d/n", "", "m\\\"n"})
  void otherNamesAreNotFound(String written) {
    assertEquals(-1, body("{\"" + written + "\":1}").find("m/n", 0));
  }

  /** After each change the members are found again, as if the new bytes had been read. */
  @Test
  void changesCanFollowOneAnother() {
    JsonBody changed =
        body("{\"model\":\"m\",\"x\":[1]}")
            .withValue(0, "\"longer\"".getBytes(StandardCharsets.UTF_8))
            .withMember("y", "\"z\"")
            .withValue(1, "2".getBytes(StandardCharsets.UTF_8))
            .withMember("last", "{}");
    String expected = "{\"model\":\"longer\",\"x\":2,\"y\":\"z\",\"last\":{}}";
    assertEquals(expected, changed.bytes().toString());
    JsonBody again = body(expected);
    for (int i = 0; i < 4; i++) {
      assertEquals(again.value(i), changed.value(i));
      assertEquals(again.places().name(i), changed.places().name(i));
    }
    assertEquals(again.places().close(), changed.places().close());
    assertEquals("{\"a\":1}", body("{}").withMember("a", "1").bytes().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "[]", "}", "{\"a\":", "{\"a\":1}{}", "{\"a\":1"})
  void whatIsNoObjectIsNotRead(String json) {
    assertNull(JsonBody.read(Buffer.buffer(json)));
  }

  /** A body is up to 8 MiB long, and this happens on event loops. */
  @Test
  void lookingForAMemberReadsNamesOnly() {
    String text = "\\\"stream_options\\\":".repeat(100_000);
    JsonBody read = body("{\"x\":\"" + text + "\",\"stream\":true" + " ".repeat(1_000_000) + "}");
    AtomicInteger octets = new AtomicInteger();
    JsonBody watched = new JsonBody(counting(read.bytes(), octets), read.places());
    assertEquals(-1, watched.find("stream_options", 0));
    assertEquals(1, watched.find("stream", 0));
    assertTrue(octets.get() <= 30, octets + " bytes were read");
  }

  private static Buffer counting(Buffer bytes, AtomicInteger count) {
    return (Buffer)
        Proxy.newProxyInstance(
            Buffer.class.getClassLoader(),
            new Class<?>[] {Buffer.class},
            (proxy, method, arguments) -> {
              assertEquals("getByte", method.getName());
              count.incrementAndGet();
              return method.invoke(bytes, arguments);
            });
  }
}
