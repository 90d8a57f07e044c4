package dev.forebay.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The parsers of all JSON that callers and upstreams send. */
public final class JsonSource {

  /** How deep objects and arrays may nest. */
  public static final int MAX_DEPTH = 100;

  /** How long a member name of an event or an answer may be, in characters. */
  public static final int MAX_SHARED_NAME = 1000;

  /** Bytes of the value of {@code stream_options}: it is read again for each upstream. */
  public static final int MAX_STREAM_OPTIONS = 16 << 10;

  /** Values of an answer, or of a body for a local model, of which a tree is made. */
  public static final int MAX_TREE = 200_000;

  /**
   * Makes the parsers of events and answers, of which there are many small ones: they share a table
   * of member names. Jackson keeps at most 6,000 names in it, and the bound on their length bounds
   * the table to a few megabytes. They take the numbers {@code NaN}, {@code Infinity} and {@code
   * -Infinity}, too: Python's servers write them for log probabilities, and Python's clients read
   * them.
   */
  static final JsonFactory ANSWERS =
      options(MAX_SHARED_NAME).enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private static final JsonFactory BODIES =
      options(Integer.MAX_VALUE).disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

  private static final int MARK_LENGTH = 3;

  private JsonSource() {}

  /**
   * A parser of a caller's body. It has no table of member names: callers choose the names, which a
   * table would keep, and can choose them so that Jackson's table becomes a hundred times slower.
   * It does not check that the bytes of strings are valid UTF-8.
   *
   * @param from the first byte
   * @param length in bytes
   */
  public static JsonParser body(byte[] bytes, int from, int length) throws IOException {
    return BODIES.createParser(bytes, from, length);
  }

  /**
   * A parser of a caller's body that takes each byte for a character, so that places of characters
   * are those of bytes, and names and texts that are not ASCII come out wrong. A byte order mark
   * counts as blanks.
   */
  static JsonParser positions(byte[] bytes) throws IOException {
    int mark = mark(bytes, 0, bytes.length);
    InputStream rest = new ByteArrayInputStream(bytes, mark, bytes.length - mark);
    InputStream blanks = new ByteArrayInputStream(new byte[] {' ', ' ', ' '}, 0, mark);
    return BODIES.createParser(
        new InputStreamReader(
            mark == 0 ? rest : new SequenceInputStream(blanks, rest), StandardCharsets.ISO_8859_1));
  }

  /** The first character of the current token. */
  static int begin(JsonParser parser) {
    return (int) parser.currentTokenLocation().getCharOffset();
  }

  /** The character after the current token, which must have been read to its end. */
  static int end(JsonParser parser) {
    return (int) parser.currentLocation().getCharOffset();
  }

  /** Bytes of a byte order mark; 0 if there is none. */
  static int mark(byte[] bytes, int from, int length) {
    boolean marked =
        length >= MARK_LENGTH
            && bytes[from] == (byte) 0xEF
            && bytes[from + 1] == (byte) 0xBB
            && bytes[from + 2] == (byte) 0xBF;
    return marked ? MARK_LENGTH : 0;
  }

  /** As {@link #body(byte[], int, int)}, of all bytes. */
  public static JsonParser body(byte[] bytes) throws IOException {
    return body(bytes, 0, bytes.length);
  }

  /**
   * A caller's body as a tree. Vert.x's own reader interns the names of members, and keeps them in
   * a shared table.
   *
   * @throws DecodeException if it is no JSON object, or has more than {@value #MAX_TREE} values
   */
  public static JsonObject object(Buffer body) {
    try (JsonParser parser = body(body.getBytes())) {
      boolean begins = parser.nextToken() == JsonToken.START_OBJECT;
      JsonObject object = begins ? new Tree(parser, MAX_TREE).object() : new JsonObject();
      if (begins && parser.nextToken() == null) {
        return object;
      }
    } catch (IOException e) {
      throw new DecodeException("malformed JSON", e);
    }
    throw new DecodeException("no JSON object");
  }

  /**
   * What an upstream answered, as a tree; null if it is no JSON object, or has more than {@value
   * #MAX_TREE} values: a tree is made in one turn of an event loop.
   */
  public static @Nullable JsonObject answer(byte[] json) {
    try (JsonParser parser = ANSWERS.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      JsonObject object = new Tree(parser, MAX_TREE).object();
      return parser.nextToken() == null ? object : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** Reads a tree of values. */
  private static final class Tree {
    private final JsonParser parser;
    private int left;

    Tree(JsonParser parser, int most) {
      this.parser = parser;
      this.left = most;
    }

    JsonObject object() throws IOException {
      JsonObject object = new JsonObject();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        object.put(name, value());
      }
      return object;
    }

    private @Nullable Object value() throws IOException {
      if (--left < 0) {
        throw new IOException("too many values");
      }
      return switch (parser.currentToken()) {
        case START_OBJECT -> object();
        case START_ARRAY -> {
          JsonArray array = new JsonArray();
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value());
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
}
