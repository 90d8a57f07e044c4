package dev.forebay.core.stream.planted;

/** Is used from below, and uses what is below. */
public final class InCircle {
  private InCircle() {}

  /** The dependency. */
  public static Object used(dev.forebay.core.kernel.planted.InCircle it) {
    return it.hashCode();
  }
}
