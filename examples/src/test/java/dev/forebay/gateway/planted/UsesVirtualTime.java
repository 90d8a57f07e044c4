package dev.forebay.gateway.planted;

import dev.forebay.timeline.VirtualTimeline;

/** Breaks a rule: what is served knows no harness. */
public final class UsesVirtualTime {
  private UsesVirtualTime() {}

  /** The dependency. */
  public static Object used(VirtualTimeline it) {
    return it.hashCode();
  }
}
