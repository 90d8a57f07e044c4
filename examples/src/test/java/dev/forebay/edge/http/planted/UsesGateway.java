package dev.forebay.edge.http.planted;

import dev.forebay.gateway.Gateway;

/** Breaks a rule: the edge is below the gateway. */
public final class UsesGateway {
  private UsesGateway() {}

  /** The dependency. */
  public static Object used(Gateway it) {
    return it.hashCode();
  }
}
