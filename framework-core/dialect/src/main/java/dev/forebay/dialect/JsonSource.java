package dev.forebay.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;

/** The parsers of all JSON that callers and upstreams send. */
public final class JsonSource {

  /** How deep objects and arrays may nest. */
  public static final int MAX_DEPTH = 100;

  /**
   * Makes parsers whose work grows with the bytes only. Member names are not interned: the table of
   * the JVM becomes slow if strangers choose the names. Strings may be as long as their document,
   * which has a bound of its own.
   */
  public static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private JsonSource() {}
}
