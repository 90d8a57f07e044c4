package dev.forebay.dialect;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Usage;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The choices of an answer: which have begun, and which have ended with a finish reason. Each is
 * known by its index; one without an index is known by its place in the list.
 */
final class Choices {

  /** The largest index that is read; an answer with a larger one is malformed. */
  static final int MAX_INDEX = 65_535;

  private static final int MOST = 1024;
  private static final int MOST_DIGITS = 9;

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

  /** Notes what one used, as Moonshot says it; of the first {@value #MOST} that say it. */
  void used(int index, Usage usage) {
    if (used.size() < MOST || used.containsKey(index)) {
      used.merge(index, usage, Counts::merged);
    }
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
  static int asked(InferenceRequest request) {
    JsonBody body = JsonBody.of(request);
    int member = body == null ? -1 : body.find("n", 0);
    if (body == null || member < 0 || body.value(member).length() > MOST_DIGITS) {
      return 1;
    }
    try {
      return Math.clamp(Integer.parseInt(body.value(member).toString()), 1, MOST);
    } catch (NumberFormatException e) {
      return 1; // the upstream decides what it is
    }
  }
}
