package dev.forebay.spi.options;

import dev.forebay.spi.Named;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Names and values as configurations and messages write them. */
public final class Names {

  private static final int LONGEST_NAME = 64;

  private Names() {}

  /**
   * What configurations call a kind of plugin, or a plugin: as {@link Named} says, or else the
   * class's simple name in kebab case.
   */
  public static String nameOf(Class<?> type) {
    Named named = type.getAnnotation(Named.class);
    return named == null ? kebab(type.getSimpleName()) : named.value();
  }

  /** {@code maxWait}, {@code MaxWait} and {@code MAX_WAIT} as {@code max-wait}. */
  public static String kebab(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2")
        .replaceAll("([A-Z])([A-Z][a-z])", "$1-$2")
        .replace('_', '-')
        .toLowerCase(Locale.ROOT);
  }

  /** {@code one of a, b}, with the name that was probably meant. */
  public static String oneOf(Collection<String> known, String given) {
    if (known.isEmpty()) {
      return "none; there are none";
    }
    if (known.size() == 1) {
      return known.iterator().next();
    }
    String all = "one of " + String.join(", ", known);
    String nearest = nearest(given, known);
    return nearest == null ? all : all + "; perhaps " + nearest;
  }

  /**
   * The known name that takes the fewest typing errors to get to, if few, and not all is another.
   */
  public static @Nullable String nearest(String given, Collection<String> known) {
    String best = null;
    int least = Math.min(Math.max(1, given.length() / 3) + 1, given.length());
    for (String candidate : known) {
      int distance = distance(given, candidate);
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    return best;
  }

  /** Levenshtein's distance, with the swap of two neighbours as one error. */
  private static int distance(String a, String b) {
    if (a.length() > LONGEST_NAME || b.length() > LONGEST_NAME) {
      return Integer.MAX_VALUE;
    }
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        d[i][j] = i == 0 || j == 0 ? i + j : step(d, a, b, i, j);
      }
    }
    return d[a.length()][b.length()];
  }

  private static int step(int[][] d, String a, String b, int i, int j) {
    boolean same = a.charAt(i - 1) == b.charAt(j - 1);
    int least = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (same ? 0 : 1));
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(least, d[i - 2][j - 2] + 1) : least;
  }

  /** A number without a needless {@code .0}. */
  public static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  /** Seconds as a configuration writes them: the largest unit that divides them. */
  public static String duration(double seconds) {
    return inUnits(
        seconds,
        List.of("d", "h", "m", "s", "ms", "us", "ns"),
        new double[] {86_400, 3600, 60, 1, 1e-3, 1e-6, 1e-9});
  }

  /** Bytes as a configuration writes them. */
  public static String bytes(double bytes) {
    return inUnits(
        bytes,
        List.of("TiB", "GiB", "MiB", "KiB", "B"),
        new double[] {0x1p40, 0x1p30, 0x1p20, 0x1p10, 1});
  }

  private static String inUnits(double value, List<String> names, double[] sizes) {
    for (int i = 0; i < sizes.length; i++) {
      double count = value / sizes[i];
      double whole = Math.rint(count);
      if (value != 0 && Math.abs(whole) >= 1 && Math.abs(count - whole) <= 1e-9 * Math.abs(count)) {
        return number(whole) + names.get(i);
      }
    }
    return number(value) + (names.contains("s") ? "s" : "B");
  }
}
