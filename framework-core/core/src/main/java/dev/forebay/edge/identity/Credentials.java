package dev.forebay.edge.identity;

import dev.forebay.edge.BadRequest;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The key that a request shows: {@code Authorization: Bearer}, {@code x-api-key} as Anthropic's
 * clients have it, or {@code api-key} as Azure's.
 */
final class Credentials {

  private static final String BEARER = "Bearer ";
  private static final List<String> PLAIN = List.of("x-api-key", "api-key");

  private Credentials() {}

  /**
   * The one key.
   *
   * @return null if there is none
   * @throws BadRequest 400 if there are two that differ: programs on the way may know another
   *     caller
   */
  static @Nullable String of(MultiMap headers) {
    Set<String> shown = new LinkedHashSet<>();
    for (String value : headers.getAll(HttpHeaders.AUTHORIZATION)) {
      if (value.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
        shown.add(value.substring(BEARER.length()).trim());
      }
    }
    for (String name : PLAIN) {
      headers.getAll(name).forEach(value -> shown.add(value.trim()));
    }
    shown.remove("");
    if (shown.size() > 1) {
      throw new BadRequest(
          400,
          "ambiguous_api_key",
          null,
          "Authorization, x-api-key, api-key: keys that differ (expected: one)");
    }
    return shown.isEmpty() ? null : shown.iterator().next();
  }
}
