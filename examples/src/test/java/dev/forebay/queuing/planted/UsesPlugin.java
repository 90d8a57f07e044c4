package dev.forebay.queuing.planted;

import dev.forebay.caching.lru.Lru;

/** Breaks a rule: plugins do not use each other. */
public final class UsesPlugin {
  private UsesPlugin() {}

  /** The dependency. */
  public static Object used(Lru it) {
    return it.hashCode();
  }
}
