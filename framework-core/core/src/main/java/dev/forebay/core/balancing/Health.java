package dev.forebay.core.balancing;

import dev.forebay.spi.state.EndpointFigures;
import dev.forebay.spi.state.EndpointFigures.State;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether an endpoint may be given work, and why not. Three things take it out, each by itself: a
 * cooldown, which is only ever extended; a probe that found it down; and, after a cooldown that a
 * health policy asked for, its trials: it is half-open, and gets so many requests at once until one
 * of them is answered.
 *
 * <p>A trial is passed with the head of an answer, not with its end: streams last minutes, and one
 * request at a time for minutes is an outage of its own.
 */
final class Health {

  /** How long the log is silent of a reason that it has told of. */
  private static final long SILENT_NANOS = Duration.ofMinutes(10).toNanos();

  /** Reasons that are remembered as told. */
  private static final int MOST_TOLD = 16;

  private final Map<String, Long> toldOf = new HashMap<>();
  private long cooldownUntilNanos = Long.MIN_VALUE;
  private long toldUntilNanos = Long.MIN_VALUE;
  private @Nullable String cooldownReason;
  private long judgedNanos;
  private boolean halfOpen;
  private int trials;
  private @Nullable String down;
  private long sinceNanos;

  Health(long now) {
    sinceNanos = now;
  }

  /** As {@link #coolDown}, because the endpoint itself said how long: an answer does not end it. */
  void wait(long untilNanos, String reason, long now) {
    toldUntilNanos = Math.max(toldUntilNanos, untilNanos);
    coolDown(untilNanos, reason, now);
  }

  /** Extends a cooldown, never shortens one. */
  void coolDown(long untilNanos, String reason, long now) {
    if (untilNanos <= cooldownUntilNanos) {
      return;
    }
    if (cooldownUntilNanos <= now && !halfOpen && down == null) {
      sinceNanos = now;
    }
    cooldownUntilNanos = untilNanos;
    cooldownReason = reason;
  }

  /** A cooldown that a health policy asked for: trials come after it. */
  void judged(long nanos) {
    judgedNanos = nanos;
    halfOpen = true;
  }

  /** How long to cool down after a trial that failed: twice as long as the last time. */
  long afterFailedTrial(long longestNanos) {
    return judgedNanos > longestNanos / 2 ? longestNanos : judgedNanos * 2;
  }

  long cooldownUntilNanos() {
    return cooldownUntilNanos;
  }

  boolean halfOpen() {
    return halfOpen;
  }

  /** Whether it is cooling down, so that it is only asked where cooldowns are ignored. */
  boolean cooling(long now) {
    return cooldownUntilNanos > now;
  }

  /** Counts a request as a trial. */
  void trialBegins() {
    trials++;
  }

  /** A trial is over. */
  void trialEnds() {
    trials--;
  }

  /**
   * It has answered since it was judged: it is up again. What is left of the cooldown was a guess,
   * but for what the endpoint itself said.
   */
  void passed(long now) {
    halfOpen = false;
    tryAgain(now);
    sinceNanos = now;
  }

  /**
   * The rest of a cooldown, but for what the endpoint itself said, is spared it: it is on trial.
   */
  void tryAgain(long now) {
    cooldownUntilNanos = Math.min(cooldownUntilNanos, Math.max(now, toldUntilNanos));
  }

  /** A probe found it down. */
  void down(String why, long now) {
    if (down == null) {
      sinceNanos = now;
    }
    down = why;
  }

  /** A probe found it up; whether it was down. */
  boolean up(long now) {
    boolean was = down != null;
    if (was) {
      sinceNanos = now;
    }
    down = null;
    return was;
  }

  /** Whether it may be given a request now, with so many trials at once. */
  boolean available(long now, int mostTrials) {
    return down == null && cooldownUntilNanos <= now && (!halfOpen || trials < mostTrials);
  }

  /** When it becomes available by time alone; {@link Long#MAX_VALUE} where it does not. */
  long availableAtNanos(long now) {
    return down == null && cooldownUntilNanos > now ? cooldownUntilNanos : Long.MAX_VALUE;
  }

  /** The state, why, and since when. */
  Condition condition(long now, long epochMillis) {
    boolean cooling = cooldownUntilNanos > now;
    long since = !cooling && cooldownUntilNanos > sinceNanos ? cooldownUntilNanos : sinceNanos;
    String reason = String.valueOf(cooldownReason);
    return new Condition(
        down != null ? State.DOWN : cooling ? State.COOLING : halfOpen ? State.HALF_OPEN : State.UP,
        down != null ? down : cooling || halfOpen ? reason : null,
        Since.text(since, now, epochMillis),
        cooling ? (Long) ((cooldownUntilNanos - now) / 1_000_000) : null,
        cooling ? reason : null);
  }

  /** Whether the log is to tell of a reason now: it does not each time. */
  boolean tellsOf(String reason, long now) {
    toldOf.values().removeIf(at -> now - at >= SILENT_NANOS);
    return toldOf.size() < MOST_TOLD && toldOf.putIfAbsent(reason, now) == null;
  }

  /** What {@link EndpointFigures} tell of it. */
  record Condition(
      State state,
      @Nullable String why,
      String since,
      @Nullable Long cooldownMillis,
      @Nullable String cooldownReason) {}
}
