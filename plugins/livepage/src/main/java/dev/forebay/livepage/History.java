package dev.forebay.livepage;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * The samples of the last 15 minutes, the oldest first. Each is kept as the JSON that it is asked
 * for in, about 120 bytes, so a request for all of them copies text.
 */
final class History {

  /** Samples that are kept. */
  static final int MOST = 900;

  private final Deque<String> rows = new ArrayDeque<>();
  private long taken;

  /** Adds a sample, and forgets the oldest if there are too many. */
  void add(long epochMillis, Monitor.Sample sample) {
    rows.addLast(Figure.row(epochMillis, sample));
    taken++;
    if (rows.size() > MOST) {
      rows.removeFirst();
    }
  }

  /** The number of the last sample; the first one has 0. */
  long last() {
    return taken - 1;
  }

  /**
   * Samples after a number, separated by commas. A number that was not given yet is one of an
   * earlier start of the gateway: all are told.
   */
  String since(long number) {
    long missing = number > last() ? rows.size() : Math.min(rows.size(), last() - number);
    long skip = rows.size() - missing;
    StringBuilder text = new StringBuilder();
    Iterator<String> each = rows.iterator();
    for (long index = 0; each.hasNext(); index++) {
      String row = each.next();
      if (index >= skip) {
        text.append(text.isEmpty() ? "" : ",").append(row);
      }
    }
    return text.toString();
  }
}
