package dev.forebay.config;

/**
 * Where a value stands.
 *
 * @param file the document's name, or what {@link Node#of} was told
 * @param line counted from 1; 0 for values that code made
 * @param column counted from 1; 0 for values that code made
 * @param path from the root of the document, such as {@code pipeline[2].rate-limit.rate}; empty for
 *     the root
 */
public record Place(String file, int line, int column, String path) {

  /** The place of a value within this one. */
  Place child(String key) {
    return new Place(file, line, column, Trail.join(path, key));
  }

  @Override
  public String toString() {
    return line > 0 ? file + ":" + line + ":" + column : file;
  }
}
