package dev.forebay.openai;

import dev.forebay.spi.Headers;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which headers pass: of a caller to the upstream, and of the upstream's answer to the caller. A
 * name that ends in {@code *} stands for all that begin so. What belongs to one connection, to the
 * body or to the gateway itself never passes.
 */
final class PassedHeaders {

  /** How many pass with one message. */
  private static final int MOST = 32;

  private static final Set<String> NEVER =
      Set.of(
          "accept",
          "accept-encoding",
          "api-key",
          "authorization",
          "connection",
          "cookie",
          "date",
          "expect",
          "host",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "set-cookie",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "x-api-key",
          "x-request-id");

  private static final List<String> NEVER_BEGINNING = List.of("content-", "x-forebay-");

  private PassedHeaders() {}

  /** Checks a list of names; {@code option} is its name. */
  static List<String> checked(String option, List<String> names) {
    for (String name : names) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (!lower.matches("[!#$%&'+.^_`|~0-9a-z-]{1,256}\\*?") || never(lower)) {
        throw new IllegalArgumentException(
            option
                + ": \""
                + name
                + "\" (expected: names of headers, perhaps with * at the end, none of a"
                + " connection, a body, a credential or the gateway itself)");
      }
    }
    return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
  }

  /** Adds to a request what of its caller's headers passes. */
  static void onto(MultiMap request, Headers caller, List<String> names) {
    int passed = 0;
    for (Map.Entry<String, String> header : caller.entries()) {
      if (passed < MOST && passes(header.getKey(), names)) {
        request.add(header.getKey(), header.getValue());
        passed++;
      }
    }
  }

  /** The headers of an answer, and what of the upstream's passes; of several with one name one. */
  static Headers onto(Headers answer, MultiMap upstream, List<String> names) {
    Headers all = answer;
    int passed = 0;
    for (Map.Entry<String, String> header : upstream) {
      if (passed < MOST && passes(header.getKey(), names) && sendable(header.getValue())) {
        all = all.with(header.getKey().toLowerCase(Locale.ROOT), header.getValue());
        passed++;
      }
    }
    return all;
  }

  private static boolean passes(String name, List<String> names) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (String each : names) {
      boolean wanted =
          each.endsWith("*")
              ? lower.startsWith(each.substring(0, each.length() - 1))
              : lower.equals(each);
      if (wanted) {
        return !never(lower);
      }
    }
    return false;
  }

  private static boolean never(String lower) {
    return NEVER.contains(lower) || NEVER_BEGINNING.stream().anyMatch(lower::startsWith);
  }

  private static boolean sendable(String value) {
    return value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 0x7F));
  }
}
