package dev.forebay.core.kernel.planted;

/** Breaks a rule: packages have no circles. */
public final class InCircle {
  private InCircle() {}

  /** The dependency. */
  public static Object used(dev.forebay.core.stream.planted.InCircle it) {
    return it.hashCode();
  }
}
