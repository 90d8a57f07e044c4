package dev.forebay.edge.http;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import java.time.Duration;
import java.util.List;

/**
 * Which pages of other origins may ask from a browser (CORS, WHATWG Fetch). Cookies are never
 * allowed: callers show a key.
 *
 * @param origins such as {@code https://app.example.com}; {@code *} for all
 * @param maxAge how long a browser may remember the answer
 */
@Doc("Pages of other origins that may ask from a browser.")
public record CorsOptions(
    @Doc("Origins, such as https://app.example.com; * for all.") List<String> origins,
    @Doc("How long a browser may remember what it was told.")
        @Default("10m")
        @Range(min = 0, max = 86_400)
        Duration maxAge) {

  /** Checks the origins, and copies. */
  public CorsOptions {
    origins = List.copyOf(origins);
    for (String origin : origins) {
      if (!origin.equals("*") && !origin.matches("[a-z][a-z0-9+.-]*://[^/\\s,*]+")) {
        throw new IllegalArgumentException(
            "origins: "
                + origin
                + " (expected: such as https://app.example.com, without a path; or *)");
      }
    }
  }
}
