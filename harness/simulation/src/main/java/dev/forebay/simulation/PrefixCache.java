package dev.forebay.simulation;

import dev.forebay.spi.PrefixHashes;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The blocks of prompts that a server has computed before, least recently used first out. Blocks of
 * one prompt are touched from the last to the first, so that a prompt loses its tail before its
 * head: a tail without its head is of no use.
 */
final class PrefixCache {

  private final int capacity;
  private final LinkedHashMap<Long, Boolean> blocks = new LinkedHashMap<>(16, 0.75f, true);

  /** A cache of so many blocks; 0 for none. */
  PrefixCache(int capacity) {
    this.capacity = capacity;
  }

  /** How many leading blocks of a prompt are there. */
  int matching(PrefixHashes prompt) {
    int count = 0;
    while (count < prompt.size() && blocks.containsKey(prompt.get(count))) {
      count++;
    }
    return count;
  }

  /** Notes the leading blocks of a prompt as used just now, and adds those that are missing. */
  void touch(PrefixHashes prompt, int count) {
    for (int i = Math.min(count, capacity) - 1; i >= 0; i--) {
      blocks.put(prompt.get(i), Boolean.TRUE);
    }
    keep(capacity);
  }

  /** Lets the least recently used blocks go beyond a number of them. */
  void keep(long most) {
    while (blocks.size() > most) {
      Map.Entry<Long, Boolean> eldest = blocks.entrySet().iterator().next();
      blocks.remove(eldest.getKey());
    }
  }

  int size() {
    return blocks.size();
  }

  void clear() {
    blocks.clear();
  }
}
