package dev.forebay.dialect.planted;

import dev.forebay.gateway.Gateway;

/** Breaks a rule: the dialect is below the core. */
public final class UsesCore {
  private UsesCore() {}

  /** The dependency. */
  public static Object used(Gateway it) {
    return it.hashCode();
  }
}
