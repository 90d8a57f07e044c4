package dev.forebay.spi.metrics;

/**
 * A label of a metric, with a bound on its values, since callers make up models, users and tenants
 * without end. The first values get series of their own; all later ones are counted together as
 * {@value #OTHER}. So values that must be told apart, those of the configuration, are asked for
 * when the plugin is created.
 *
 * @param name lower-case words joined by {@code _}, at most 40 characters
 * @param most distinct values with series of their own: 1 to 10,000
 */
public record Label(String name, int most) {

  /** The value of all that are beyond the bound, or longer than 200 characters. */
  public static final String OTHER = "other";

  private static final int DEFAULT_MOST = 100;
  private static final int GREATEST_MOST = 10_000;

  /** Checks. */
  public Label {
    if (!name.matches("[a-z][a-z0-9]*(_[a-z0-9]+)*") || name.length() > 40) {
      throw new IllegalArgumentException(
          "label: " + name + " (expected: lower-case words joined by _, at most 40 characters)");
    }
    if (most < 1 || most > GREATEST_MOST) {
      throw new IllegalArgumentException(
          "label " + name + ": " + most + " values (expected: 1 to " + GREATEST_MOST + ")");
    }
  }

  /** A label of up to 100 values. */
  public static Label of(String name) {
    return new Label(name, DEFAULT_MOST);
  }
}
