package dev.forebay.timeline.planted;

import dev.forebay.gateway.Gateway;

/** Breaks a rule: virtual time does not know the core. */
public final class UsesCore {
  private UsesCore() {}

  /** The dependency. */
  public static Object used(Gateway it) {
    return it.hashCode();
  }
}
