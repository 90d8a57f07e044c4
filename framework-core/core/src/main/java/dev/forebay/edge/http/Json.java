package dev.forebay.edge.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.forebay.dialect.JsonSource;
import dev.forebay.dialect.PlaceNotes;
import dev.forebay.edge.BadRequest;
import dev.forebay.spi.InferenceRequest.MemberPlaces;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A JSON object as a tree: Map, List, String, Boolean, Long, BigDecimal, {@link Odd} and {@link
 * #NULL}.
 *
 * <p>Only what all programs read in one way is read: valid UTF-8, and each member once in its
 * object. A byte order mark is skipped (RFC 8259, section 8.1). Escapes of lone surrogates are
 * within the grammar and are kept: clients that cut a text send them, and the upstream decides.
 * Depth, values and members are bounded, because a tree takes more memory and time than its text.
 */
public final class Json {

  /**
   * How many values a body may hold. The largest requests that are known are embeddings of 2,048
   * inputs with 300,000 token numbers together, which is OpenAI's bound.
   */
  static final int MAX_VALUES = 500_000;

  /**
   * How many members the objects of a body may have together: each costs as much as ten numbers. A
   * conversation of 10,000 messages has 40,000, and 128 large tools have 20,000.
   */
  static final int MAX_MEMBERS = 50_000;

  /** The value null. */
  static final Object NULL = new Object();

  private static final int LONGEST_SHOWN = 100;
  private static final Pattern CODE = Pattern.compile("\\(code (\\d{1,7})");

  private final JsonParser parser;
  private final PlaceNotes notes = new PlaceNotes();
  private int values;
  private int members;

  private Json(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * A body that was read.
   *
   * @param fields its members, in their order
   * @param places of the members
   */
  record Body(Map<String, Object> fields, MemberPlaces places) {}

  /**
   * Reads an object.
   *
   * @throws BadRequest if the body is something else; with one line that says what, and at which
   *     place
   */
  static Body read(Buffer body) {
    ByteBuf bytes = ((BufferInternal) body).getByteBuf();
    requireUtf8(bytes);
    // Of the bytes where they are: prompts are long, and a copy is only read once.
    return bytes.hasArray()
        ? read(bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), bytes.readableBytes())
        : read(body.getBytes(), 0, body.length());
  }

  /**
   * The members of an object: a text, a {@code Boolean}, a {@code Number}, or something else.
   *
   * @throws BadRequest as {@link #read} does
   */
  public static Map<String, Object> members(Buffer body) {
    return read(body).fields();
  }

  private static Body read(byte[] bytes, int from, int length) {
    try (JsonParser parser = JsonSource.body(bytes, from, length)) {
      Json json = new Json(parser);
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw BadRequest.invalid(null, "the body is no JSON object (expected: {...})");
      }
      Map<String, Object> root = json.root();
      if (parser.nextToken() != null) {
        throw json.refused("something follows the object (expected: the end)");
      }
      long characters = parser.currentLocation().getCharOffset();
      return new Body(root, json.notes.inUtf8(bytes, from, length, characters));
    } catch (JsonProcessingException e) {
      throw malformed(e);
    } catch (IOException e) {
      throw BadRequest.invalid(null, "malformed JSON");
    }
  }

  /** Jackson takes overlong forms and encoded surrogates, which other programs read otherwise. */
  private static void requireUtf8(ByteBuf bytes) {
    int from = bytes.readerIndex();
    int length = bytes.readableBytes();
    boolean wide = length >= 2 && (bytes.getByte(from) == 0 || bytes.getByte(from + 1) == 0);
    if (wide || !ByteBufUtil.isText(bytes, StandardCharsets.UTF_8)) {
      throw BadRequest.invalid(null, "the body is not valid UTF-8 (expected: JSON in UTF-8)");
    }
  }

  private Map<String, Object> root() throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      notes.begins(parser);
      String name = name();
      notes.begins(parser);
      put(map, name, value());
      notes.ended(parser);
    }
    notes.closes(parser);
    return map;
  }

  private Map<String, Object> object() throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = name();
      put(map, name, value());
    }
    return map;
  }

  /** The name of the next member; the parser goes on to its value. */
  private String name() throws IOException {
    String name = parser.currentName();
    if (++members > MAX_MEMBERS) {
      throw refused("more than " + MAX_MEMBERS + " members of objects");
    }
    parser.nextToken();
    return name;
  }

  private void put(Map<String, Object> map, String name, Object value) {
    if (map.put(name, value) != null) {
      throw twice(name);
    }
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
      throw refused("more than " + MAX_VALUES + " values");
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> object();
      case START_ARRAY -> array();
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> NULL;
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number();
      default -> throw refused("unexpected end");
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

  private BadRequest refused(String what) {
    var place = parser.currentLocation();
    return BadRequest.invalid(
        null,
        "JSON at line " + place.getLineNr() + ", column " + place.getColumnNr() + ": " + what);
  }

  private BadRequest twice(String name) {
    String shown = shown(name);
    var place = parser.currentLocation();
    return BadRequest.invalid(
        shown,
        shown
            + ": there twice, the second time before line "
            + place.getLineNr()
            + ", column "
            + place.getColumnNr()
            + " (expected: each member once)");
  }

  private static BadRequest malformed(JsonProcessingException e) {
    var place = e.getLocation();
    String where =
        place == null ? "" : " at line " + place.getLineNr() + ", column " + place.getColumnNr();
    return BadRequest.invalid(null, "malformed JSON" + where + ": " + reason(e));
  }

  /** In words of our own: those of the parser name its settings. */
  private static String reason(JsonProcessingException e) {
    String message = String.valueOf(e.getOriginalMessage());
    if (e instanceof JsonEOFException) {
      return "it ends too early";
    } else if (e instanceof StreamConstraintsException) {
      return message.contains("depth")
          ? "nested deeper than " + JsonSource.MAX_DEPTH + " levels"
          : "a number that is too long";
    }
    Matcher code = CODE.matcher(message);
    if (!code.find()) {
      return "something that is no JSON";
    }
    int character = Integer.parseInt(code.group(1));
    return character > ' ' && character < 0x7F
        ? "unexpected '" + (char) character + "'"
        : String.format("unexpected character U+%04X", character);
  }

  /** A name of the caller's, on one line and not too long. */
  public static String shown(String name) {
    String line = name.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "?");
    return line.length() > LONGEST_SHOWN ? line.substring(0, LONGEST_SHOWN) + "…" : line;
  }

  /** A number beyond what BigDecimal holds, as it was written. */
  record Odd(String text) {}
}
