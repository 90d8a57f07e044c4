package dev.forebay.core.limiting.planted;

import dev.forebay.core.caching.Cache;

/** Breaks a rule: limiting and caching stand beside each other. */
public final class UsesCaching {
  private UsesCaching() {}

  /** The dependency. */
  public static Object used(Cache it) {
    return it.hashCode();
  }
}
