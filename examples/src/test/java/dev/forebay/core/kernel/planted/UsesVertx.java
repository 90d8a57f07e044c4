package dev.forebay.core.kernel.planted;

import io.vertx.core.Vertx;

/** Breaks a rule: only its timeline knows Vert.x in the core. */
public final class UsesVertx {
  private UsesVertx() {}

  /** The dependency. */
  public static Object used(Vertx it) {
    return it.hashCode();
  }
}
