package dev.forebay.net.planted;

import dev.forebay.dialect.AnswerParser;

/** Breaks a rule: net knows no dialect. */
public final class UsesDialect {
  private UsesDialect() {}

  /** The dependency. */
  public static Object used(AnswerParser it) {
    return it.hashCode();
  }
}
