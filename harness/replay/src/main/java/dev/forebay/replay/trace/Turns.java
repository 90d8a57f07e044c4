package dev.forebay.replay.trace;

import java.util.HashMap;
import java.util.Map;

/** Counts the turns of sessions, in the order in which they are met. */
final class Turns {
  private final Map<String, Integer> seen = new HashMap<>();

  /** The place of the next turn of a session, from 0. */
  int next(String session) {
    return seen.merge(session, 1, Integer::sum) - 1;
  }
}
