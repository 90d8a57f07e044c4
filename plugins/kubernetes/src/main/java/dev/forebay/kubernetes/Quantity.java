package dev.forebay.kubernetes;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Kubernetes' quantities: {@code 250m} cores, {@code 64Mi} bytes, {@code 1e3}. */
final class Quantity {

  private static final Pattern FORM =
      Pattern.compile("([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([numkMGTPE]|[KMGTPE]i)?");

  private static final Map<String, Double> UNITS =
      Map.ofEntries(
          Map.entry("n", 1e-9),
          Map.entry("u", 1e-6),
          Map.entry("m", 1e-3),
          Map.entry("k", 1e3),
          Map.entry("M", 1e6),
          Map.entry("G", 1e9),
          Map.entry("T", 1e12),
          Map.entry("P", 1e15),
          Map.entry("E", 1e18),
          Map.entry("Ki", 0x1p10),
          Map.entry("Mi", 0x1p20),
          Map.entry("Gi", 0x1p30),
          Map.entry("Ti", 0x1p40),
          Map.entry("Pi", 0x1p50),
          Map.entry("Ei", 0x1p60));

  private Quantity() {}

  /**
   * Its value in the base unit.
   *
   * @throws IllegalArgumentException if it is none
   */
  static double parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("quantity: " + text + " (expected: such as 250m, 64Mi)");
    }
    String unit = matcher.group(2);
    return Double.parseDouble(matcher.group(1))
        * (unit == null ? 1 : UNITS.getOrDefault(unit, 1.0));
  }
}
