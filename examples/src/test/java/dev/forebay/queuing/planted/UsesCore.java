package dev.forebay.queuing.planted;

import dev.forebay.gateway.Gateway;

/** Breaks a rule: plugins do not use the core. */
public final class UsesCore {
  private UsesCore() {}

  /** The dependency. */
  public static Object used(Gateway it) {
    return it.hashCode();
  }
}
