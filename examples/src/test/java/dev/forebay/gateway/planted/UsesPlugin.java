package dev.forebay.gateway.planted;

import dev.forebay.caching.lru.Lru;

/** Breaks a rule: the framework knows no plugin. */
public final class UsesPlugin {
  private UsesPlugin() {}

  /** The dependency. */
  public static Object used(Lru it) {
    return it.hashCode();
  }
}
