package dev.forebay.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.IOContext;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.UTF8StreamJsonParser;
import com.fasterxml.jackson.core.sym.ByteQuadsCanonicalizer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The parsers of all JSON that callers and upstreams send. */
public final class JsonSource {

  /** How deep objects and arrays may nest. */
  public static final int MAX_DEPTH = 100;

  /** How long a member name of an event or an answer may be, in characters. */
  public static final int MAX_SHARED_NAME = 1000;

  /**
   * Makes the parsers of events and answers, of which there are many small ones: they share a table
   * of member names. Jackson keeps at most 6,000 names in it, and the bound on their length bounds
   * the table to a few megabytes. They take the numbers {@code NaN}, {@code Infinity} and {@code
   * -Infinity}, too: Python's servers write them for log probabilities, and Python's clients read
   * them.
   */
  static final JsonFactory ANSWERS =
      options(MAX_SHARED_NAME).enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private static final JsonFactory BODIES = new Bodies(options(Integer.MAX_VALUE));

  private JsonSource() {}

  /**
   * A parser of a caller's body. The table of its member names is its own: callers choose the
   * names, and a shared table would keep them. The parser reads UTF-8 only, so its offsets are
   * offsets of bytes; it does not check that the bytes of strings are valid UTF-8.
   *
   * @param from the first byte
   * @param length in bytes
   */
  public static JsonParser body(byte[] bytes, int from, int length) throws IOException {
    return BODIES.createParser(bytes, from, length);
  }

  /** As {@link #body(byte[], int, int)}, of all bytes. */
  public static JsonParser body(byte[] bytes) throws IOException {
    return body(bytes, 0, bytes.length);
  }

  /**
   * A caller's body as a tree. Vert.x's own reader interns the names of members, and keeps them in
   * a shared table.
   *
   * @throws DecodeException if it is no JSON object
   */
  public static JsonObject object(Buffer body) {
    try (JsonParser parser = body(body.getBytes())) {
      boolean begins = parser.nextToken() == JsonToken.START_OBJECT;
      JsonObject object = begins ? objectAt(parser) : new JsonObject();
      if (begins && parser.nextToken() == null) {
        return object;
      }
    } catch (IOException e) {
      throw new DecodeException("malformed JSON", e);
    }
    throw new DecodeException("no JSON object");
  }

  /** What an upstream answered, as a tree; null if it is no JSON object. */
  public static @Nullable JsonObject answer(byte[] json) {
    try (JsonParser parser = ANSWERS.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      JsonObject object = objectAt(parser);
      return parser.nextToken() == null ? object : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static JsonObject objectAt(JsonParser parser) throws IOException {
    JsonObject object = new JsonObject();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      object.put(name, valueAt(parser));
    }
    return object;
  }

  private static @Nullable Object valueAt(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> objectAt(parser);
      case START_ARRAY -> {
        JsonArray array = new JsonArray();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(valueAt(parser));
        }
        yield array;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getNumberValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  /**
   * Member names are not interned: the table of the JVM becomes slow if strangers choose the names.
   * Strings may be as long as their document, which has a bound of its own.
   */
  private static JsonFactoryBuilder options(int maxName) {
    return new JsonFactoryBuilder()
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxStringLength(Integer.MAX_VALUE)
                .maxNameLength(maxName)
                .build());
  }

  /** Parsers that share nothing. A parser without a table at all decodes twice, and is slower. */
  private static final class Bodies extends JsonFactory {
    private static final long serialVersionUID = 1;

    Bodies(JsonFactoryBuilder options) {
      super(options);
    }

    @Override
    protected JsonParser _createParser(byte[] data, int offset, int length, IOContext context) {
      int mark = length >= 3 && isMark(data, offset) ? 3 : 0;
      return new UTF8StreamJsonParser(
          context,
          _parserFeatures,
          null,
          _objectCodec,
          ByteQuadsCanonicalizer.createRoot().makeChild(_factoryFeatures),
          data,
          offset + mark,
          offset + length,
          mark,
          false);
    }

    /** A byte order mark, which is skipped and counts in offsets. */
    private static boolean isMark(byte[] data, int at) {
      return data[at] == (byte) 0xEF && data[at + 1] == (byte) 0xBB && data[at + 2] == (byte) 0xBF;
    }
  }
}
