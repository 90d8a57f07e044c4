package dev.forebay.simulation;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Something that goes wrong with a simulated server, during a window of time that may come again.
 * Times count from the start of the server.
 */
@Doc("Something that goes wrong with a simulated server, always or in windows of time.")
public record Fault(
    @Doc("What goes wrong.") Kind kind,
    @Default("1")
        @Range(min = 0, max = 1_000_000_000)
        @Doc("For `slow` how many times as long each step takes; else the share of requests hit.")
        double amount,
    @Default("0s")
        @Range(min = 0, max = 3_153_600_000L)
        @Doc("When the first window begins, from the start of the server.")
        Duration from,
    @Doc("How long a window lasts; without it, for ever.") @Range(min = 0, max = 3_153_600_000L)
        @Nullable Duration length,
    @Doc("From the begin of one window to that of the next; without it, there is one window.")
        @Range(min = 0, max = 3_153_600_000L)
        @Nullable Duration every,
    @Default("0")
        @Range(min = 0, max = 1)
        @Doc("Share of `every` by which each window is delayed at most, by chance.")
        double jitter) {

  /** What goes wrong. */
  public enum Kind {
    /**
     * The process is down: connections are reset, new ones refused, the prefix cache is lost, and a
     * cold start follows the window. With {@code every}, it flaps.
     */
    CRASH,
    /** Steps take {@code amount} times as long. */
    SLOW,
    /** Requests are answered 503. */
    FAIL,
    /** Requests are answered 429, as by an account that is at its limit. */
    THROTTLE,
    /** Requests are queued and get keep-alives, but are never worked on. */
    SILENT,
    /** A 200 is followed by an error event instead of content. */
    ERROR_EVENT,
    /** The connection is closed in the midst of the content. */
    CUT,
    /** The answer ends early, with the finish reason {@code insufficient_system_resource}. */
    OUT_OF_RESOURCES
  }

  /** Checks bounds. */
  public Fault {
    boolean share = kind != Kind.SLOW && kind != Kind.CRASH;
    if (share ? !(amount >= 0 && amount <= 1) : !(amount > 0 && amount < 1e6)) {
      throw new IllegalArgumentException(
          "amount: " + amount + (share ? " (expected: 0 to 1)" : " (expected: > 0, < 1e6)"));
    }
    if (from.isNegative()) {
      throw new IllegalArgumentException("from: " + from + " (expected: >= 0s)");
    }
    if (length != null && (length.isNegative() || length.isZero())) {
      throw new IllegalArgumentException("length: " + length + " (expected: > 0s)");
    }
    if (every != null && (length == null || length.compareTo(every) > 0)) {
      throw new IllegalArgumentException(
          "length: " + length + " (expected: at most every, " + every + ")");
    }
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException("jitter: " + jitter + " (expected: 0 to 1)");
    }
  }

  /** A fault that is always there. */
  public static Fault always(Kind kind, double amount) {
    return new Fault(kind, amount, Duration.ZERO, null, null, 0);
  }

  /** A fault during one window. */
  public static Fault once(Kind kind, double amount, Duration from, Duration length) {
    return new Fault(kind, amount, from, length, null, 0);
  }

  /** A fault during windows that come again and again. */
  public static Fault repeating(
      Kind kind, double amount, Duration from, Duration length, Duration every, double jitter) {
    return new Fault(kind, amount, from, length, every, jitter);
  }
}
