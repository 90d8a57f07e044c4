package dev.forebay.replay.trace;

import dev.forebay.spi.options.Names;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A file of JSON objects, one per line. */
final class JsonLines implements AutoCloseable {
  private static final int MAX_HASHES = 1 << 18;
  private static final int MAX_TEXT = 1000;

  private final Lines lines;
  private JsonObject object = new JsonObject();

  JsonLines(String file) {
    lines = new Lines(file);
  }

  /** Moves on to the next object; false at the end. */
  boolean next() {
    String line = lines.next();
    if (line == null) {
      return false;
    }
    try {
      object = new JsonObject(line);
      return true;
    } catch (DecodeException | ClassCastException e) {
      throw lines.error(TraceException.quoted(line), "one whole JSON object per line");
    }
  }

  boolean has(String key) {
    return object.getValue(key) != null;
  }

  /** Fails on a key that does not exist. */
  void only(Set<String> keys) {
    for (String key : object.fieldNames()) {
      if (!keys.contains(key)) {
        throw lines.error("unknown key " + TraceException.quoted(key), Names.oneOf(keys, key));
      }
    }
  }

  int tokens(String key) {
    return (int) whole(key, TraceRequest.MAX_TOKENS);
  }

  long whole(String key, long max) {
    if (object.getValue(key) instanceof Number number
        && !(number instanceof BigInteger)
        && number.doubleValue() == Math.rint(number.doubleValue())
        && number.doubleValue() >= 0
        && number.doubleValue() <= max) {
      return number.longValue();
    }
    throw wrong(key, "a whole number from 0 to " + max);
  }

  double number(String key, double min, double max) {
    if (object.getValue(key) instanceof Number number
        && number.doubleValue() >= min
        && number.doubleValue() <= max) {
      return number.doubleValue();
    }
    throw wrong(key, "a number from " + Numbers.plain(min) + " to " + Numbers.plain(max));
  }

  @Nullable String text(String key) {
    Object value = object.getValue(key);
    if (value == null || (value instanceof String text && text.length() <= MAX_TEXT)) {
      return (String) value;
    }
    throw wrong(key, "a text of at most " + MAX_TEXT + " characters");
  }

  boolean flag(String key, boolean otherwise) {
    Object value = object.getValue(key);
    if (value == null || value instanceof Boolean) {
      return value == null ? otherwise : (Boolean) value;
    }
    throw wrong(key, "true or false");
  }

  /** Texts of a list; none where the key is absent. */
  List<String> texts(String key) {
    Object value = object.getValue(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof JsonArray array && array.stream().allMatch(e -> e instanceof String)) {
      return array.stream().map(String.class::cast).toList();
    }
    throw wrong(key, "a list of texts");
  }

  /** Identities, each a whole number or a text, as 64-bit values; none where the key is absent. */
  long[] hashes(String key) {
    Object value = object.getValue(key);
    if (value == null) {
      return new long[0];
    }
    if (value instanceof JsonArray array && array.size() <= MAX_HASHES) {
      long[] hashes = new long[array.size()];
      for (int i = 0; i < hashes.length; i++) {
        hashes[i] = identity(key, array.getValue(i));
      }
      return hashes;
    }
    throw wrong(key, "a list of at most " + MAX_HASHES + " whole numbers or texts");
  }

  /** An identity, a whole number or a text, as a 64-bit value. */
  long identity(String key) {
    return identity(key, object.getValue(key));
  }

  /** An error about a key of the last object. */
  TraceException wrong(String key, String expected) {
    if (!object.containsKey(key)) {
      return lines.error("no " + key, key + ", " + expected);
    }
    String shown = Objects.toString(object.getValue(key));
    return lines.error(key + ": " + TraceException.quoted(shown), expected);
  }

  @Override
  public void close() {
    lines.close();
  }

  private long identity(String key, @Nullable Object value) {
    if (value instanceof String text) {
      return Draws.hash(text);
    }
    if (value instanceof Long || value instanceof Integer) {
      return ((Number) value).longValue();
    }
    throw wrong(key, "whole numbers or texts");
  }
}
