package dev.forebay.config;

/**
 * One thing that is wrong in a configuration.
 *
 * @param place where it stands
 * @param value what was found there; {@code ***} if it is secret; of a URL never its user, password
 *     and query
 * @param expected what would have been right
 */
public record Mistake(Place place, String value, String expected) {

  private static final String EXPECTED = " (expected: ";
  private static final int LONGEST_PATH = 300;
  private static final int LONGEST_VALUE = 80;
  private static final int LONGEST_EXPECTATION = 2000;

  /** Cuts what is too long for a line. */
  public Mistake {
    place =
        new Place(
            Text.printable(place.file(), LONGEST_PATH),
            place.line(),
            place.column(),
            Text.printable(place.path(), LONGEST_PATH));
    value = Text.printable(Text.masked(value), LONGEST_VALUE);
    expected = Text.printable(Text.masked(expected), LONGEST_EXPECTATION);
  }

  /**
   * What code says against a value that is read already.
   *
   * @param message {@code VALUE (expected: EXPECTATION)}, perhaps with more about the value after
   *     that, or what is wrong in words of its own
   */
  public static Mistake refused(Place place, String message) {
    int at = message.indexOf(EXPECTED);
    int end = message.lastIndexOf(')');
    return at > 0 && end > at
        ? new Mistake(
            place,
            message.substring(0, at) + message.substring(end + 1),
            message.substring(at + EXPECTED.length(), end))
        : new Mistake(place, "refused", message);
  }

  /** One line: {@code gateway.yaml:7: pipeline[2].rate-limit.rate: -1 (expected: a number > 0)}. */
  @Override
  public String toString() {
    String line = place.line() > 0 ? ":" + place.line() : "";
    String path = place.path().isEmpty() ? "document" : place.path();
    return place.file() + line + ": " + path + ": " + value + " (expected: " + expected + ")";
  }
}
