package dev.forebay.core.kernel.planted;

import dev.forebay.core.stream.planted.InCircle;

/** Breaks a rule: the kernel is below the streams. */
public final class UsesStream {
  private UsesStream() {}

  /** The dependency. */
  public static Object used(InCircle it) {
    return it.hashCode();
  }
}
