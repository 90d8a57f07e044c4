package dev.forebay.replay.run;

import java.util.List;

/** Cells of text in columns: the first is left-aligned, the others right. */
public final class Grid {

  private static final int BETWEEN = 2;
  private static final int LEAST_NAME = 12;

  private final List<List<String>> lines;

  /** A grid of lines of the same length, at least one; the first is the header. */
  public Grid(List<List<String>> lines) {
    this.lines = lines;
  }

  /**
   * Its text. The first column is cut to what the others leave of a line, but not below 12: at its
   * end, or in the middle if two names would be the same.
   *
   * @param columns characters in a line
   * @param colour whether to set the header off, for a terminal
   */
  public String text(int columns, boolean colour) {
    int[] widths = new int[lines.get(0).size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    int others = 0;
    for (int i = 1; i < widths.length; i++) {
      others += BETWEEN + widths[i];
    }
    widths[0] = Math.min(widths[0], Math.max(LEAST_NAME, columns - others));
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      boolean bold = colour && i == 0;
      text.append(bold ? "\u001b[1m" : "")
          .append(line(lines.get(i), widths, isAlone(i, widths[0])));
      text.append(bold ? "\u001b[0m" : "").append('\n');
    }
    return text.toString();
  }

  /** Whether a name is cut at its end as no other is. */
  private boolean isAlone(int i, int width) {
    String name = cut(lines.get(i).get(0), width);
    return lines.stream().filter(line -> cut(line.get(0), width).equals(name)).count() == 1;
  }

  private static String line(List<String> line, int[] widths, boolean alone) {
    StringBuilder text = new StringBuilder();
    String name = alone ? cut(line.get(0), widths[0]) : cutInside(line.get(0), widths[0]);
    text.append(name).append(" ".repeat(widths[0] - name.length()));
    for (int i = 1; i < widths.length; i++) {
      text.append(" ".repeat(BETWEEN + widths[i] - line.get(i).length())).append(line.get(i));
    }
    return text.toString().stripTrailing();
  }

  private static String cutInside(String name, int width) {
    int end = (width - 1) / 2;
    return name.length() <= width
        ? name
        : name.substring(0, width - 1 - end) + "\u2026" + name.substring(name.length() - end);
  }

  private static String cut(String name, int width) {
    return name.length() <= width ? name : name.substring(0, width - 1) + "\u2026";
  }
}
