package dev.forebay.replay.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a CSV file with a header; columns are found by name, whatever their order and case.
 */
final class Table implements AutoCloseable {
  private final Lines lines;
  private final List<String> header;
  private List<String> row = List.of();

  /** Fails unless the header has all of the required columns. */
  Table(String file, String... required) {
    lines = new Lines(file);
    boolean opened = false;
    try {
      header = header(required);
      opened = true;
    } finally {
      if (!opened) {
        lines.close();
      }
    }
  }

  /** Moves on to the next row; false at the end. */
  boolean next() {
    String line = lines.next();
    if (line == null) {
      return false;
    }
    row = fields(line);
    if (row.size() != header.size()) {
      throw lines.error(
          row.size() + " columns", header.size() + ", as in the header; is the line cut?");
    }
    return true;
  }

  boolean has(String column) {
    return header.contains(column.toLowerCase(Locale.ROOT));
  }

  String text(String column) {
    return row.get(header.indexOf(column.toLowerCase(Locale.ROOT)));
  }

  /** The text of a column; null where the table does not have the column, or nothing in it. */
  @Nullable String optional(String column) {
    String found = has(column) ? text(column) : "";
    return found.isEmpty() ? null : found;
  }

  int tokens(String column) {
    return (int) whole(column, TraceRequest.MAX_TOKENS);
  }

  long whole(String column, long max) {
    double value = number(column, 0, (double) max);
    if (value != Math.rint(value)) {
      throw wrong(column, "a whole number from 0 to " + max);
    }
    return (long) value;
  }

  double number(String column, double min, double max) {
    String expected = "a number from " + Numbers.plain(min) + " to " + Numbers.plain(max);
    double value;
    try {
      value = Double.parseDouble(text(column));
    } catch (NumberFormatException e) {
      throw wrong(column, expected);
    }
    if (!(value >= min && value <= max)) {
      throw wrong(column, expected);
    }
    return value;
  }

  /** An error about a column of the last row. */
  TraceException wrong(String column, String expected) {
    return lines.error(column + ": " + TraceException.quoted(text(column)), expected);
  }

  @Override
  public void close() {
    lines.close();
  }

  private List<String> header(String... required) {
    String first = lines.next();
    String expected = "columns " + String.join(", ", required);
    if (first == null) {
      throw lines.error("an empty file", expected);
    }
    String unmarked = first.startsWith("\uFEFF") ? first.substring(1) : first;
    List<String> names =
        fields(unmarked).stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    List<String> missing =
        Arrays.stream(required).filter(c -> !names.contains(c.toLowerCase(Locale.ROOT))).toList();
    if (!missing.isEmpty()) {
      throw lines.error(
          "no column " + String.join(", ", missing) + " in " + TraceException.quoted(unmarked),
          expected);
    }
    return names;
  }

  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>(8);
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.add(field.toString().trim());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString().trim());
    return fields;
  }
}
