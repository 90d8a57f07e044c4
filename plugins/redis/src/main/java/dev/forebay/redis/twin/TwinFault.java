package dev.forebay.redis.twin;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Something that goes wrong with a modelled Redis, during a window of time that may come again.
 * Times count from the start of the timeline.
 *
 * @param kind what goes wrong
 * @param amount for {@code slow} how many times as long everything takes
 * @param from when the first window begins
 * @param length how long a window lasts; null for ever
 * @param every from the begin of one window to that of the next; null for one window
 */
@Doc("Something that goes wrong with a modelled Redis, always or in windows of time.")
public record TwinFault(
    @Doc("What goes wrong.") Kind kind,
    @Doc("For `slow`, how many times as long everything takes.")
        @Default("10")
        @Range(min = 1, max = 1_000_000)
        double amount,
    @Doc("When the first window begins.") @Default("0s") @Range(min = 0, max = 31_536_000)
        Duration from,
    @Doc("How long a window lasts; without it, for ever.")
        @Range(min = 0, exclusiveMin = true, max = 31_536_000)
        @Nullable Duration length,
    @Doc("From the begin of one window to that of the next; without it, there is one window.")
        @Range(min = 0, exclusiveMin = true, max = 31_536_000)
        @Nullable Duration every) {

  /** What goes wrong. */
  public enum Kind {
    /** The process is killed: connections break, new ones are refused, all data is lost. */
    GONE,
    /** The process stands still: nothing is answered, or lost, until it goes on. */
    PAUSED,
    /** Everything takes {@code amount} times as long. */
    SLOW,
    /** Writes are refused for want of memory. */
    FULL,
    /** Writes are refused, as by a replica. */
    READ_ONLY,
    /** Everything is refused, as while data is read. */
    LOADING
  }

  /** Checks that windows do not overlap. */
  public TwinFault {
    if (every != null && (length == null || length.compareTo(every) > 0)) {
      throw new IllegalArgumentException(
          "length: " + length + " (expected: at most every, " + every + ")");
    }
  }

  /** A fault during one window. */
  public static TwinFault once(Kind kind, Duration from, Duration length) {
    return new TwinFault(kind, 10, from, length, null);
  }

  /** A fault that is always there. */
  public static TwinFault always(Kind kind) {
    return new TwinFault(kind, 10, Duration.ZERO, null, null);
  }

  /** Whether a window is open at a time, in nanoseconds. */
  boolean at(long nanos) {
    return endOf(nanos) > nanos;
  }

  /** When the window that is open at a time ends; the time itself where none is. */
  long endOf(long nanos) {
    long since = nanos - from.toNanos();
    if (since < 0) {
      return nanos;
    }
    long into = every == null ? since : since % every.toNanos();
    if (length == null) {
      return Long.MAX_VALUE;
    }
    return into < length.toNanos() ? nanos - into + length.toNanos() : nanos;
  }

  /** How many windows have begun until a time. */
  long begun(long nanos) {
    long since = nanos - from.toNanos();
    if (since < 0) {
      return 0;
    }
    return every == null ? 1 : 1 + since / every.toNanos();
  }
}
