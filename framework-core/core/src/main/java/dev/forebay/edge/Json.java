package dev.forebay.edge;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.forebay.dialect.JsonSource;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON object as a tree: Map, List, String, Boolean, Long, BigDecimal, {@link Odd} and {@link
 * #NULL}. Depth and number of values are bounded, because a tree takes more memory than its text.
 */
final class Json {

  /** How many values a body may hold. */
  static final int MAX_VALUES = 500_000;

  /** The value null. */
  static final Object NULL = new Object();

  private final JsonParser parser;
  private int values;
  private boolean duplicates;

  private Json(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * Reads an object.
   *
   * @throws BadRequest where it is not one; with one line that says where
   */
  static Parsed read(Buffer body) {
    try (JsonParser parser = parser(body)) {
      Json json = new Json(parser);
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw BadRequest.invalid(null, "the body is no JSON object (expected: {...})");
      }
      Map<String, Object> root = json.object();
      if (parser.nextToken() != null) {
        throw json.malformed("something follows the object (expected: the end)");
      }
      return new Parsed(root, json.duplicates);
    } catch (JsonProcessingException e) {
      throw malformed(e);
    } catch (IOException e) {
      throw BadRequest.invalid(null, "malformed JSON: " + line(String.valueOf(e.getMessage())));
    }
  }

  /** Of the bytes where they are: prompts are long, and a copy is only read once. */
  private static JsonParser parser(Buffer body) throws IOException {
    ByteBuf bytes = ((BufferInternal) body).getByteBuf();
    return bytes.hasArray()
        ? JsonSource.FACTORY.createParser(
            bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), bytes.readableBytes())
        : JsonSource.FACTORY.createParser(body.getBytes());
  }

  private Map<String, Object> object() throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (map.put(name, value()) != null) {
        duplicates = true;
      }
    }
    return map;
  }

  private List<Object> array() throws IOException {
    List<Object> list = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value());
    }
    return list;
  }

  private Object value() throws IOException {
    if (++values > MAX_VALUES) {
      throw malformed("more than " + MAX_VALUES + " values");
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> object();
      case START_ARRAY -> array();
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> NULL;
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number();
      default -> throw malformed("unexpected end");
    };
  }

  private Object number() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return parser.getLongValue();
    }
    String text = parser.getText();
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      return new Odd(text);
    }
  }

  private BadRequest malformed(String what) {
    var place = parser.currentLocation();
    return BadRequest.invalid(
        null,
        "JSON at line " + place.getLineNr() + ", column " + place.getColumnNr() + ": " + what);
  }

  private static BadRequest malformed(JsonProcessingException e) {
    var place = e.getLocation();
    String where =
        place == null ? "" : " at line " + place.getLineNr() + ", column " + place.getColumnNr();
    return BadRequest.invalid(null, "malformed JSON" + where + ": " + line(e.getOriginalMessage()));
  }

  private static String line(String message) {
    String first = message.lines().findFirst().orElse("");
    return first.length() > 200 ? first.substring(0, 200) + "…" : first;
  }

  /** A number beyond what BigDecimal holds, as it was written. */
  record Odd(String text) {}

  /**
   * What was read.
   *
   * @param fields of the object; of several with one name the last
   * @param duplicates whether a name was there several times in one object
   */
  record Parsed(Map<String, Object> fields, boolean duplicates) {}
}
