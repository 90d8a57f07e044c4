package dev.forebay.core.caching;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PromptKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The requests that are asked most, in bounded memory: Space-Saving (Metwally, Agrawal and El
 * Abbadi, "Efficient computation of frequent and top-k elements in data streams", 2005). Who is not
 * among them takes the place of the one asked least, with its count as a possible error; so every
 * request asked more often than 1 in {@code capacity} is among them. On the gateway's timeline.
 */
final class HotRequests {

  /** A request with a larger body is not remembered. */
  static final int MAX_BODY_BYTES = 64 << 10;

  private final int capacity;
  private final Map<PromptKey, Entry> entries = new HashMap<>();
  private final TreeSet<Entry> byCount =
      new TreeSet<>(
          Comparator.comparingLong((Entry entry) -> entry.count)
              .thenComparingLong(entry -> entry.number));
  private long numbers;

  HotRequests(int capacity) {
    this.capacity = capacity;
  }

  void asked(PromptKey key, InferenceRequest request) {
    if (capacity == 0 || request.body().length() > MAX_BODY_BYTES) {
      return;
    }
    Entry entry = entries.get(key);
    if (entry == null) {
      entry = new Entry(key, request, numbers++);
      if (entries.size() >= capacity) {
        Entry least = byCount.removeFirst();
        entries.remove(least.key);
        entry.count = least.count;
        entry.error = least.count;
      }
      entries.put(key, entry);
    } else {
      byCount.remove(entry);
    }
    entry.count++;
    byCount.add(entry);
  }

  int size() {
    return entries.size();
  }

  /** The hottest ones, the hottest first. */
  List<HotRequest> hottest(int limit) {
    return byCount.descendingSet().stream().limit(limit).map(Entry::request).toList();
  }

  private static final class Entry {
    private final PromptKey key;
    private final HotRequest first;
    private final long number;
    private long count;
    private long error;

    Entry(PromptKey key, InferenceRequest request, long number) {
      this.key = key;
      this.first =
          new HotRequest(
              0, 0, request.info().operation(), request.info().caller().tenant(), request.body());
      this.number = number;
    }

    HotRequest request() {
      return new HotRequest(count, error, first.operation(), first.tenant(), first.body());
    }
  }
}
