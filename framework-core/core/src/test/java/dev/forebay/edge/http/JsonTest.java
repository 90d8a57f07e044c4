package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.dialect.JsonBody;
import dev.forebay.edge.BadRequest;
import dev.forebay.spi.InferenceRequest.MemberPlaces;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Only what all programs read in one way is read. */
final class JsonTest {

  @ParameterizedTest
  @CsvSource({
    "C0AF, an overlong slash",
    "C1BF, an overlong letter",
    "E080AF, an overlong slash of three bytes",
    "F08080AF, an overlong slash of four bytes",
    "EDA080, a surrogate",
    "EDBFBF, the other half",
    "EDA0BDEDB880, a pair of surrogates as CESU-8 has it",
    "F4908080, beyond Unicode",
    "F888808080, five bytes",
    "80, a byte that continues nothing",
    "C3, a byte that nothing continues",
    "E282, two of three bytes",
    "F09F98, three of four bytes",
    "E28228, a letter within",
    "FF, no byte of UTF-8",
    "FE, no byte of UTF-8"
  })
  void onlyValidUtf8IsRead(String hex, String why) {
    for (String place : new String[] {"{\"a\":\"?\"}", "{\"?\":1}", "{\"a\":1}?", "?{\"a\":1}"}) {
      String[] parts = place.split("\\?", -1);
      Buffer body =
          Buffer.buffer(parts[0]).appendBytes(HexFormat.of().parseHex(hex)).appendString(parts[1]);
      assertEquals(
          "the body is not valid UTF-8 (expected: JSON in UTF-8)", refused(body).text, why);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE", "UTF-32BE"})
  void otherEncodingsAreRefused(String name) {
    byte[] body = "{\"model\":\"m\",\"messages\":[]}".getBytes(Charset.forName(name));
    assertTrue(refused(Buffer.buffer(body)).text.contains("UTF-8"));
  }

  @Test
  void aByteOrderMarkIsSkippedAtTheBeginningOnly() {
    assertEquals(Map.of("a", 1L), read("\uFEFF{\"a\":1}"));
    refused(Buffer.buffer("\uFEFF\uFEFF{}"));
    refused(Buffer.buffer("{}\uFEFF"));
  }

  @Test
  void escapedHalvesOfSurrogatesAreKeptApart() {
    Object high = read("{\"a\":\"\\ud800\"}").get("a");
    assertEquals("\ud800", high);
    PromptKeys keys = PromptKeys.random();
    assertNotEquals(key(keys, "\\ud800"), key(keys, "?"));
    assertNotEquals(key(keys, "\\ud800"), key(keys, "\\udbff"));
    assertEquals(key(keys, "\\ud83d\\ude00"), key(keys, "\ud83d\ude00"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'a':oops} | malformed JSON at line 1, column",
        "{'a':1 | malformed JSON at line 1, column 7: it ends too early",
        "{'a':\\} | malformed JSON at line 1, column 6: unexpected",
        "{'a':01} | malformed JSON at line 1",
        "{'a':NaN} | malformed JSON at line 1",
        "{'a':+1} | malformed JSON at line 1",
        "{a:1} | malformed JSON at line 1, column 2: unexpected 'a'",
        "{'a':1}} | malformed JSON at line 1, column",
        "{'a':'\\x'} | malformed JSON at line 1",
        "/* */{} | malformed JSON at line 1",
        "{'a':1,} | malformed JSON at line 1"
      })
  void mistakesAreToldWithTheirPlaceAndWithoutTheParsersWords(String body, String expected) {
    String text = refused(Buffer.buffer(body.replace('\'', '"'))).text;
    assertTrue(text.startsWith(expected), text);
    for (String inner :
        new String[] {"Feature", "Source", "REDACTED", "Constraints", "Json", "code "}) {
      assertFalse(text.contains(inner), text);
    }
  }

  @Test
  void boundsAreToldInWords() {
    String deep = "{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}";
    assertTrue(refused(Buffer.buffer(deep)).text.endsWith("nested deeper than 100 levels"));
    String number = "{\"a\":" + "1".repeat(2_000) + "}";
    assertTrue(refused(Buffer.buffer(number)).text.endsWith("a number that is too long"));
  }

  @Test
  void valuesAndMembersAreBounded() {
    String values = "1,".repeat(Json.MAX_VALUES);
    String text = refused(Buffer.buffer("{\"a\":[" + values + "1]}")).text;
    assertTrue(text.endsWith("more than 500000 values"), text);
    StringBuilder members = new StringBuilder("{");
    for (int i = 0; i <= Json.MAX_MEMBERS; i++) {
      members.append('"').append(i).append("\":1,");
    }
    text = refused(Buffer.buffer(members.append("\"a\":1}").toString())).text;
    assertTrue(text.endsWith("more than 50000 members of objects"), text);
  }

  @Test
  void theLargestEmbeddingsAreRead() {
    String input = "[" + "7,".repeat(145) + "7],";
    String body = "{\"model\":\"m\",\"input\":[" + input.repeat(2_047) + "[7]]}";
    assertEquals(2, read(body).size(), "2,048 inputs of 300,000 tokens together");
  }

  /** Characters are counted by the reader, bytes by whoever changes a body. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        " { } ",
        "{\"model\":\"m\",\"n\":1,\"x\":[1.0e5,{\"a\":null}],\"y\":{},\"z\":false}",
        "\uFEFF {\"a\" : -1 ,\r\n\"b\":true\t}\n",
        "{\"é\":\"ü€😀😀 and eight letters or more\",\"b\":\"\\ud83d\\u00e9\\\"\",\"😀\":[\"é\"], \"c\":0}",
        "\uFEFF{\"水水水水水水水水\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa😀\",\"stream\":true}"
      })
  void placesAreThoseOfBytes(String body) {
    Buffer bytes = Buffer.buffer(body);
    MemberPlaces noted = Json.read(bytes).places();
    JsonBody other = JsonBody.read(bytes);
    assertNotNull(other);
    assertEquals(shown(other.places()), shown(noted));
    Buffer within = Buffer.buffer("{{").appendBuffer(bytes).slice(2, 2 + bytes.length());
    assertEquals(shown(noted), shown(Json.read(within).places()));
  }

  @Test
  void placesInLongBodiesAreThoseOfBytes() {
    String body = "{\"a\":\"" + "a水😀".repeat(100_000) + "\",\"b\":[\"c\"]}";
    Buffer bytes = Buffer.buffer(body);
    JsonBody read = new JsonBody(bytes, Json.read(bytes).places());
    assertEquals("[\"c\"]", read.value(read.find("b", 0)).toString());
  }

  private static List<Integer> shown(MemberPlaces places) {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < places.count(); i++) {
      all.addAll(List.of(places.name(i), places.value(i), places.end(i)));
    }
    all.add(places.close());
    return all;
  }

  private static String key(PromptKeys keys, String content) {
    String body = "{\"model\":\"m\",\"messages\":[{\"content\":\"" + content + "\"}]}";
    return keys.key("chat", "t", Buffer.buffer(body), CacheKeyOptions.DEFAULTS).toString();
  }

  private static Map<String, Object> read(String body) {
    return Json.read(Buffer.buffer(body.getBytes(StandardCharsets.UTF_8))).fields();
  }

  private static BadRequest refused(Buffer body) {
    BadRequest bad = assertThrows(BadRequest.class, () -> Json.read(body));
    assertEquals(400, bad.httpStatus);
    assertFalse(bad.text.contains("\n"), bad.text);
    return bad;
  }
}
