package dev.forebay.examples.architecture.planted;

import dev.forebay.core.caching.Cache;

/** Breaks a rule: examples use no internals. */
public final class UsesCore {
  private UsesCore() {}

  /** The dependency. */
  public static Object used(Cache it) {
    return it.hashCode();
  }
}
