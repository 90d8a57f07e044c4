package dev.forebay.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.forebay.spi.Usage;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The choices of an answer: which have begun, and which have ended with a finish reason. Each is
 * known by its index; one without an index is known by its place in the list.
 */
public final class Choices {

  /** The largest index that is read; an answer with a larger one is malformed. */
  static final int MAX_INDEX = 65_535;

  private static final byte[] NAME = {'"', 'n', '"'};
  private static final byte[] ESCAPED = {'"', '\\', 'u', '0', '0', '6'};
  private static final int MOST = 1024;

  private final BitSet begun = new BitSet();
  private final BitSet ended = new BitSet();
  private final Map<Integer, Usage> used = new TreeMap<>();
  private boolean reasons;

  Choices() {}

  /** Notes what an answer says of one choice. */
  void note(int index, boolean finished, boolean hasReason) {
    begun.set(index);
    reasons |= hasReason;
    if (finished) {
      ended.set(index);
    }
  }

  /** Notes what one used, as Moonshot says it. */
  void used(int index, Usage usage) {
    used.merge(index, usage, Counts::merged);
  }

  /** What all of them used, if each says so; null if none does. */
  @Nullable Usage usage() {
    return used.values().stream().reduce(Counts::added).orElse(null);
  }

  /** Whether one has begun. */
  boolean any() {
    return !begun.isEmpty();
  }

  /** Whether one has begun, and each that has begun has ended. */
  boolean allEnded() {
    return any() && ended.cardinality() == begun.cardinality();
  }

  /** How many have ended. */
  int ended() {
    return ended.cardinality();
  }

  /** Whether one has a member {@code finish_reason}, of whatever value. */
  boolean reasons() {
    return reasons;
  }

  /**
   * How many choices a request asks for at least: its {@code n}.
   *
   * @return 1 if it does not say, or says what cannot be read; at most 1,024
   */
  public static int asked(Buffer request) {
    byte[] body = request.getBytes();
    if (!contains(body, NAME) && !contains(body, ESCAPED)) {
      return 1; // nearly always: a pass of the JSON reader costs more
    }
    try (JsonParser parser = JsonSource.body(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return 1;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = "n".equals(parser.currentName());
        JsonToken value = parser.nextToken();
        if (wanted && value == JsonToken.VALUE_NUMBER_INT) {
          return Math.clamp(parser.getValueAsLong(1), 1, MOST);
        }
        parser.skipChildren();
      }
    } catch (IOException e) {
      // the upstream decides what it is
    }
    return 1;
  }

  private static boolean contains(byte[] body, byte[] wanted) {
    int last = body.length - wanted.length;
    for (int at = 0; at <= last; at++) {
      int same = 0;
      while (same < wanted.length && body[at + same] == wanted[same]) {
        same++;
      }
      if (same == wanted.length) {
        return true;
      }
    }
    return false;
  }
}
