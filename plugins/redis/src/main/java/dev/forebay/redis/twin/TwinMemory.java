package dev.forebay.redis.twin;

import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Keys with values and a time to live, within a bound: who would end soonest makes room. */
final class TwinMemory {

  /** What a key takes beside itself and its value, as in Redis 6 on 64 bits: an estimate. */
  private static final long BYTES_PER_KEY = 100;

  private final long maxBytes;
  private final Map<String, Entry> entries = new HashMap<>();
  private final TreeSet<Entry> byEnd = new TreeSet<>();
  private long bytes;

  TwinMemory(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Nullable Buffer get(String key, long nowNanos) {
    Entry entry = entries.get(key);
    if (entry != null && entry.endNanos <= nowNanos) {
      remove(key);
      return null;
    }
    return entry == null ? null : entry.value;
  }

  /** Whether there was room for it. */
  boolean set(String key, Buffer value, long endNanos) {
    remove(key);
    Entry entry = new Entry(key, value, endNanos);
    if (entry.bytes() > maxBytes) {
      return false;
    }
    while (bytes > maxBytes - entry.bytes()) {
      remove(byEnd.first().key);
    }
    entries.put(key, entry);
    byEnd.add(entry);
    bytes += entry.bytes();
    return true;
  }

  void remove(String key) {
    Entry entry = entries.remove(key);
    if (entry != null) {
      byEnd.remove(entry);
      bytes -= entry.bytes();
    }
  }

  void clear() {
    entries.clear();
    byEnd.clear();
    bytes = 0;
  }

  private record Entry(String key, Buffer value, long endNanos) implements Comparable<Entry> {
    long bytes() {
      return BYTES_PER_KEY + key.length() + value.length();
    }

    @Override
    public int compareTo(Entry other) {
      int order = Long.compare(endNanos, other.endNanos);
      return order != 0 ? order : key.compareTo(other.key);
    }
  }
}
