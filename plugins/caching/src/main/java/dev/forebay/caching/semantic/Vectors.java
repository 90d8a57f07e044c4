package dev.forebay.caching.semantic;

import dev.forebay.spi.PromptKey;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which answered questions are near: vectors by scope, compared one by one. With a bound of a
 * thousand vectors that takes less time than asking for a vector does by far; an approximate index
 * would pay from about a hundred times as many.
 */
final class Vectors {

  private final int most;
  private final Map<PromptKey, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, Set<PromptKey>> scopes = new LinkedHashMap<>();

  Vectors(int most) {
    this.most = most;
  }

  /** Whether there is anything to compare with. */
  boolean knows(String scope) {
    return scopes.containsKey(scope);
  }

  /** Whether it has the vector of a question. */
  boolean has(PromptKey key) {
    return entries.containsKey(key);
  }

  int size() {
    return entries.size();
  }

  /** The nearest question of a scope; null where none is as near as the threshold. */
  @Nullable Near nearest(String scope, float[] vector, double threshold) {
    Near best = null;
    for (PromptKey key : scopes.getOrDefault(scope, new LinkedHashSet<>())) {
      Entry entry = entries.get(key);
      double cosine = entry == null ? -1 : cosine(entry.vector, vector);
      if (cosine >= threshold && (best == null || cosine > best.cosine)) {
        best = new Near(key, cosine);
      }
    }
    return best;
  }

  void put(PromptKey key, String scope, float[] vector) {
    remove(key);
    if (entries.size() >= most) {
      remove(entries.keySet().iterator().next());
    }
    entries.put(key, new Entry(scope, vector));
    scopes.computeIfAbsent(scope, none -> new LinkedHashSet<>()).add(key);
  }

  void remove(PromptKey key) {
    Entry entry = entries.remove(key);
    if (entry != null) {
      Set<PromptKey> keys = scopes.get(entry.scope);
      if (keys != null && keys.remove(key) && keys.isEmpty()) {
        scopes.remove(entry.scope);
      }
    }
  }

  /** The cosine of two vectors, -1 to 1; -1 where they cannot be compared. */
  static double cosine(float[] one, float[] other) {
    if (one.length != other.length) {
      return -1;
    }
    double product = 0;
    double squareOne = 0;
    double squareOther = 0;
    for (int i = 0; i < one.length; i++) {
      product += (double) one[i] * other[i];
      squareOne += (double) one[i] * one[i];
      squareOther += (double) other[i] * other[i];
    }
    double cosine = product / Math.sqrt(squareOne * squareOther);
    return Double.isFinite(cosine) ? cosine : -1;
  }

  /** A question that is near. */
  record Near(PromptKey key, double cosine) {}

  private static final class Entry {
    private final String scope;
    private final float[] vector;

    Entry(String scope, float[] vector) {
      this.scope = scope;
      this.vector = vector;
    }
  }
}
