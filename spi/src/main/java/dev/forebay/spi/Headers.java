package dev.forebay.spi;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A small, immutable list of HTTP headers, in order; names compare without regard to case. */
public final class Headers {

  /** No header. */
  public static final Headers EMPTY = new Headers(List.of());

  private final List<Map.Entry<String, String>> entries;

  private Headers(List<Map.Entry<String, String>> entries) {
    this.entries = entries;
  }

  /** One header. */
  public static Headers of(String name, String value) {
    return EMPTY.with(name, value);
  }

  /**
   * Some headers, in their order; a name may be there several times.
   *
   * @throws IllegalArgumentException if a name or value holds a control character
   */
  public static Headers copyOf(Iterable<Map.Entry<String, String>> some) {
    List<Map.Entry<String, String>> copy = new ArrayList<>();
    for (Map.Entry<String, String> each : some) {
      check(each.getKey());
      check(each.getValue());
      copy.add(Map.entry(each.getKey(), each.getValue()));
    }
    return copy.isEmpty() ? EMPTY : new Headers(Collections.unmodifiableList(copy));
  }

  /**
   * These headers with one added, or replaced if the name is there.
   *
   * @throws IllegalArgumentException if the name or value holds a control character
   */
  public Headers with(String name, String value) {
    check(name);
    check(value);
    Map.Entry<String, String> added = Map.entry(name, value);
    if (entries.isEmpty()) {
      return new Headers(List.of(added));
    }
    List<Map.Entry<String, String>> copy = new ArrayList<>(entries.size() + 1);
    for (int i = 0; i < entries.size(); i++) {
      if (!entries.get(i).getKey().equalsIgnoreCase(name)) {
        copy.add(entries.get(i));
      }
    }
    copy.add(added);
    return new Headers(Collections.unmodifiableList(copy));
  }

  /** These headers without those that a condition holds for; it is given their names. */
  public Headers without(Predicate<String> condition) {
    List<Map.Entry<String, String>> left = new ArrayList<>(entries.size());
    for (int i = 0; i < entries.size(); i++) {
      if (!condition.test(entries.get(i).getKey())) {
        left.add(entries.get(i));
      }
    }
    return left.size() == entries.size() ? this : new Headers(Collections.unmodifiableList(left));
  }

  /** The value under a name, the first of several; or null. */
  public @Nullable String get(String name) {
    for (Map.Entry<String, String> entry : entries) {
      if (entry.getKey().equalsIgnoreCase(name)) {
        return entry.getValue();
      }
    }
    return null;
  }

  /** All headers, in order. */
  public List<Map.Entry<String, String>> entries() {
    return entries;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Headers headers && headers.entries.equals(entries);
  }

  @Override
  public int hashCode() {
    return entries.hashCode();
  }

  @Override
  public String toString() {
    return entries.toString();
  }

  private static void check(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' && text.charAt(i) != '\t') {
        throw new IllegalArgumentException(
            "header: control character at " + i + " (expected: none, so that none can be split)");
      }
    }
  }
}
