package dev.forebay.spi.planted;

import io.vertx.core.Vertx;

/** Breaks a rule: the spi knows no Vert.x instance. */
public final class UsesVertx {
  private UsesVertx() {}

  /** The dependency. */
  public static Object used(Vertx it) {
    return it.hashCode();
  }
}
