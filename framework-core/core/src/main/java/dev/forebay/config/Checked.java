package dev.forebay.config;

/**
 * A record of options that have to fit together in ways that no single option shows, such as names
 * of each other. If something in it is wrong, the reader checks what it could read of it; {@link
 * Faults#whole} then says which options that concerns.
 */
public interface Checked {

  /** Tells everything that is wrong. */
  void check(Faults faults);

  /**
   * Checks a record that code has made.
   *
   * @throws IllegalArgumentException if something is wrong: the first thing
   */
  default void require() {
    check(
        (holder, option, message) -> {
          throw new IllegalArgumentException(option + ": " + message);
        });
  }

  /** Takes what is wrong. */
  @FunctionalInterface
  interface Faults {
    /**
     * Takes one thing.
     *
     * @param holder the record whose option it is: the one that is checked, or one within
     * @param option its name, as configurations write it
     * @param message {@code VALUE (expected: EXPECTATION)}
     */
    void add(Record holder, String option, String message);

    /**
     * Whether an option is as it was written. If it is not, something in it is wrong already, and
     * what it does not have may only have been lost.
     */
    default boolean whole(Record holder, String option) {
      return true;
    }
  }
}
