package dev.forebay.redis.limits;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is to be told to the store: units to give back, by the stamp that they came with, and units
 * that are owed. What was told and not answered is told again under the same number, which the
 * store counts once.
 */
final class Settling {

  /** More stamps than a window has slots: what is beyond is not given back. */
  private static final int MOST_STAMPS = 128;

  private static final long MOST = 1L << 52;

  private Map<Long, Long> back = new LinkedHashMap<>();
  private Map<Long, Long> told = new LinkedHashMap<>();
  private long debt;
  private long toldDebt;
  private long number;
  private long units;
  private boolean unanswered;

  /** Units that were taken under a stamp and not used. */
  void giveBack(long stamp, long unused) {
    if (unused > 0 && (back.size() < MOST_STAMPS || back.containsKey(stamp))) {
      back.merge(stamp, unused, Long::sum);
      units += unused;
    }
  }

  /** Units that were used beyond what was taken. */
  void owe(long more) {
    debt = Math.min(MOST, debt + Math.min(MOST, more));
  }

  /** Units that are to be given back. */
  long units() {
    return units;
  }

  boolean isEmpty() {
    return back.isEmpty() && debt == 0 && !unanswered;
  }

  /**
   * Begins to tell.
   *
   * @param question its number
   * @return the number of what is told: of the first question that told it
   */
  long tell(long question) {
    if (!unanswered) {
      number = question;
      told = back;
      toldDebt = debt;
      back = new LinkedHashMap<>();
      debt = 0;
      units = 0;
      unanswered = true;
    }
    return number;
  }

  long debt() {
    return toldDebt;
  }

  /** Adds what is told, in pairs. */
  void addTo(List<String> arguments) {
    told.forEach(
        (stamp, each) -> {
          arguments.add(Long.toString(stamp));
          arguments.add(Long.toString(each));
        });
  }

  /** It was heard. */
  void answered() {
    unanswered = false;
    told = new LinkedHashMap<>();
    toldDebt = 0;
  }
}
