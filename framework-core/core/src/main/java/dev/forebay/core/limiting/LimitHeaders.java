package dev.forebay.core.limiting;

import dev.forebay.spi.Headers;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import dev.forebay.spi.policy.RateLimiter.Refuse;
import dev.forebay.spi.policy.RateLimiter.Standing;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a caller is told about limits: in the headers of OpenAI's API, of each quantity the limit
 * that has least left, and in the fields of draft-ietf-httpapi-ratelimit-headers-10, all of them.
 * Money is in neither. The draft has no unit for tokens; {@code qu="tokens"} is our own.
 */
final class LimitHeaders {

  private static final String NAMES = "ratelimit";
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long MILLIS_PER_SECOND = 1_000;
  private static final long SECONDS_PER_MINUTE = 60;
  private static final long MINUTES_PER_HOUR = 60;
  private static final int NANO_DIGITS = 9;

  private LimitHeaders() {}

  /** Headers of an answer with those that say how the limits stand, in the place of others. */
  static Headers on(Headers answer, List<Standing> standing) {
    List<Map.Entry<String, String>> all =
        new ArrayList<>(answer.without(LimitHeaders::isOne).entries());
    add(standing, null, all);
    return Headers.copyOf(all);
  }

  /** Headers of a refusal. */
  static Headers of(Refuse refuse, List<Standing> standing) {
    List<Map.Entry<String, String>> all = new ArrayList<>();
    if (!refuse.limit().isEmpty()) {
      all.add(Map.entry("x-forebay-limit", refuse.limit()));
    }
    add(standing, refuse, all);
    return Headers.copyOf(all);
  }

  /** A refusal in one line, such as {@code the limit tpm is reached: 1000 tokens in 1m0s}. */
  static String message(Refuse refuse, List<Standing> standing) {
    for (Standing each : standing) {
      if (each.limit().equals(refuse.limit())) {
        return "the limit %s is reached: %s in %s; the same request passes in %s"
            .formatted(
                each.limit(),
                amount(each),
                duration(each.windowNanos()),
                duration(refuse.retryAfterNanos()));
      }
    }
    String whose =
        refuse.limit().isEmpty() ? "the caller's rate limit" : "the limit " + refuse.limit();
    return whose + " is reached; the same request passes in " + duration(refuse.retryAfterNanos());
  }

  private static boolean isOne(String name) {
    return name.regionMatches(true, 0, "x-" + NAMES, 0, NAMES.length() + 2)
        || name.regionMatches(true, 0, NAMES, 0, NAMES.length());
  }

  private static void add(
      List<Standing> standing, @Nullable Refuse refuse, List<Map.Entry<String, String>> all) {
    addOpenAi(least(standing, Quantity.REQUESTS), "requests", all);
    addOpenAi(least(standing, Quantity.TOKENS), "tokens", all);
    StringBuilder policies = new StringBuilder();
    StringBuilder left = new StringBuilder();
    for (Standing each : standing) {
      if (each.quantity() != Quantity.MONEY) {
        policy(policies.isEmpty() ? policies : policies.append(", "), each);
        left(left.isEmpty() ? left : left.append(", "), each, refuse);
      }
    }
    if (!left.isEmpty()) {
      all.add(Map.entry("ratelimit-policy", policies.toString()));
      all.add(Map.entry("ratelimit", left.toString()));
    }
  }

  private static void addOpenAi(
      @Nullable Standing least, String what, List<Map.Entry<String, String>> all) {
    if (least != null) {
      all.add(Map.entry("x-ratelimit-limit-" + what, Long.toString(least.quota())));
      all.add(Map.entry("x-ratelimit-remaining-" + what, Long.toString(least.remaining())));
      all.add(Map.entry("x-ratelimit-reset-" + what, duration(least.resetNanos())));
    }
  }

  private static @Nullable Standing least(List<Standing> standing, Quantity quantity) {
    Standing least = null;
    for (Standing each : standing) {
      if (each.quantity() == quantity && (least == null || each.remaining() < least.remaining())) {
        least = each;
      }
    }
    return least;
  }

  private static void policy(StringBuilder to, Standing each) {
    to.append('"').append(each.limit()).append("\";q=").append(each.quota());
    if (each.quantity() == Quantity.TOKENS) {
      to.append(";qu=\"tokens\"");
    }
    to.append(";w=").append(seconds(each.windowNanos()));
  }

  /** The reset of the limit that refuses is the advice, as the draft asks for. */
  private static void left(StringBuilder to, Standing each, @Nullable Refuse refuse) {
    long nanos =
        refuse != null && refuse.limit().equals(each.limit())
            ? refuse.retryAfterNanos()
            : each.resetNanos();
    to.append('"').append(each.limit()).append("\";r=").append(each.remaining());
    to.append(";t=").append(seconds(nanos));
  }

  private static String amount(Standing each) {
    return switch (each.quantity()) {
      case REQUESTS -> each.quota() + " requests";
      case TOKENS -> each.quota() + " tokens";
      case MONEY ->
          "$" + BigDecimal.valueOf(each.quota(), NANO_DIGITS).stripTrailingZeros().toPlainString();
    };
  }

  private static long seconds(long nanos) {
    return Math.ceilDiv(nanos, NANOS_PER_SECOND);
  }

  /** A time as OpenAI writes it: {@code 120ms}, {@code 1.5s}, {@code 6m0s}, {@code 1h0m0s}. */
  static String duration(long nanos) {
    long millis = Math.ceilDiv(nanos, NANOS_PER_MILLI);
    if (millis < MILLIS_PER_SECOND) {
      return millis + "ms";
    }
    long seconds = millis / MILLIS_PER_SECOND;
    long minutes = seconds / SECONDS_PER_MINUTE;
    long hours = minutes / MINUTES_PER_HOUR;
    StringBuilder text = new StringBuilder();
    if (hours > 0) {
      text.append(hours).append('h');
    }
    if (minutes > 0) {
      text.append(minutes % MINUTES_PER_HOUR).append('m');
    }
    text.append(seconds % SECONDS_PER_MINUTE);
    int fraction = (int) (millis % MILLIS_PER_SECOND);
    if (fraction > 0) {
      text.append('.');
      for (int unit = 100; fraction > 0; fraction %= unit, unit /= 10) {
        text.append((char) ('0' + fraction / unit));
      }
    }
    return text.append('s').toString();
  }
}
