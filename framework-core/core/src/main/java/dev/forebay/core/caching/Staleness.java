package dev.forebay.core.caching;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.CachedAnswer;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What an answer is good for at its age: the decisions of RFC 5861, and one more. */
final class Staleness {

  /** What an answer of some age is good for. */
  enum Use {
    /** To be given. */
    FRESH,
    /** To be given, while a new one is fetched. */
    REVALIDATE,
    /** Where there is no other. */
    LAST_RESORT
  }

  private final Timeline clock;
  private final long freshMillis;
  private final long revalidateMillis;
  private final long errorMillis;
  private final long overloadedMillis;

  Staleness(Cache.Stale options, Timeline clock) {
    this.clock = clock;
    long fresh = options.fresh().toMillis();
    this.freshMillis = fresh == 0 ? Long.MAX_VALUE : fresh;
    this.revalidateMillis = options.whileRevalidate().toMillis();
    this.errorMillis = options.ifError().toMillis();
    this.overloadedMillis = options.ifOverloaded().toMillis();
  }

  /**
   * What is wrong with these options and a store together.
   *
   * @param keeps how long the store keeps an answer; null where it does not say
   * @return null where nothing is
   */
  static @Nullable String warning(Cache.Stale options, @Nullable Duration keeps) {
    Duration window = longest(options);
    if (window.isZero()) {
      return null;
    }
    if (options.fresh().isZero()) {
      return "stale: fresh is 0, so no answer ever is old (expected: above 0, or no windows)";
    }
    Duration needed = options.fresh().plus(window);
    return keeps == null || keeps.compareTo(needed) >= 0
        ? null
        : "stale: the store keeps an answer for "
            + keeps.toSeconds()
            + " s only (expected: a ttl of at least "
            + needed.toSeconds()
            + " s, fresh and the longest window together)";
  }

  private static Duration longest(Cache.Stale options) {
    return Stream.of(options.whileRevalidate(), options.ifError(), options.ifOverloaded())
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /** What an answer is good for now. */
  Use use(CachedAnswer answer) {
    long over = staleMillis(answer);
    if (over < 0) {
      return Use.FRESH;
    }
    return over < revalidateMillis ? Use.REVALIDATE : Use.LAST_RESORT;
  }

  /** Whether an answer may be given in the place of a failure. */
  boolean replaces(CachedAnswer answer, Failure failure) {
    long bound =
        switch (failure.status()) {
          case SATURATED, THROTTLED, STALLED -> Math.max(errorMillis, overloadedMillis);
          case OVERLOADED -> sheds(failure) ? Math.max(errorMillis, overloadedMillis) : errorMillis;
          case ACCOUNT_OUT, INTERNAL -> errorMillis;
          case OK, CALLER_FAULT, CONTEXT_LENGTH, MODEL_MISSING, TIMED_OUT, CANCELLED, REFUSED -> 0;
        };
    return bound > 0 && staleMillis(answer) < bound;
  }

  private static boolean sheds(Failure failure) {
    return failure.httpStatus() == 503 || failure.httpStatus() == 429;
  }

  /** How long it has not been fresh; below 0 where it is. */
  private long staleMillis(CachedAnswer answer) {
    return answer.ageMillis(clock.epochMillis()) - freshMillis;
  }
}
