package dev.forebay.limiting.knee;

import dev.forebay.limiting.permits.CountingLimiter;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;

/**
 * Rounds of two phases: answers that began at the limit are gathered, then some that began below
 * it, and then the limit is set. A round goes on only while the limit is used. While steps are
 * large, rounds are short.
 */
final class KneeLimiter extends CountingLimiter {

  private static final int AT_LIMIT = 96;
  private static final int AT_LIMIT_FIRST = 32;

  /** Requests that begin below the limit in a round. */
  private static final int BELOW = 24;

  /** Those of them that have to end before the limit goes up again. */
  private static final int BELOW_HALF = BELOW / 2;

  /**
   * Those that have to end before the round does: the first to end are the fastest, and tell of
   * themselves only.
   */
  private static final int BELOW_MOST = BELOW * 5 / 6;

  private static final int LEAST = 8;
  private static final double LARGEST_STEP = 1.5;
  private static final double SMALLEST_STEP = 1.1;

  /** Steps in one direction after which they become larger again. */
  private static final int STREAK = 3;

  private static final double FULL = 0.95;
  private static final int WINDOW = 64;

  /** How far the limit in force moves with each ending, towards less and more. */
  private static final double DOWN = 0.5;

  private static final double UP = 1;

  /** Requests that began neither at the limit nor below it on purpose. */
  private static final int NEITHER = 0;

  private final Knee options;
  private final Sizes sizes = new Sizes();
  private final Answers at = new Answers();
  private final Answers below = new Answers();
  private double limit;
  private double inForce;
  private boolean lowered;
  private double step = LARGEST_STEP;
  private int streak;
  private int begunBelow;
  private int endedBelow;
  private int round = 1;
  private int endings;
  private int congestions;
  private double lastGain;

  KneeLimiter(Knee options, PluginContext context) {
    super(context);
    this.options = options;
    this.limit = initial(options.initial(), options.min(), options.max());
    this.inForce = limit;
    context.gauge("gain", () -> lastGain);
  }

  @Override
  public int limit() {
    return (int) inForce;
  }

  private int lower() {
    return Math.max(options.min(), (int) (limit * (1 - options.dip())));
  }

  private double target() {
    return lowered ? lower() : limit;
  }

  /**
   * The limit in force goes to its target in small steps: if nothing began for a while, or many at
   * once, the next answers would tell of that and not of the limit.
   */
  private void move() {
    inForce = Math.clamp(target(), inForce - DOWN, inForce + UP);
  }

  @Override
  protected int began(int requests) {
    if (inForce != target()) {
      return NEITHER;
    }
    if (lowered) {
      return begunBelow++ < BELOW ? -round : NEITHER;
    }
    return requests >= FULL * (int) limit ? round : NEITHER;
  }

  @Override
  protected void over(int mark) {
    if (mark == -round) {
      endedBelow++;
    }
  }

  @Override
  protected void ended(Outcome outcome, int requests, int mark) {
    endings++;
    if (outcome.status().signal() == Status.Signal.CONGESTION) {
      congestions++;
    } else {
      sample(outcome, requests, mark);
    }
    if (endings >= WINDOW) {
      backOff();
    }
    if (endedBelow >= BELOW_MOST) {
      judge();
    } else if (begunBelow > 0 || lowered) {
      lowered = begunBelow < BELOW || endedBelow < BELOW_HALF;
    } else if (at.count() >= (step > SMALLEST_STEP ? AT_LIMIT_FIRST : AT_LIMIT)) {
      compare();
    }
    move();
  }

  private void sample(Outcome outcome, int requests, int mark) {
    Timings timings = outcome.timings();
    int tokens = outcome.usage().completionTokens();
    boolean streamed =
        timings.firstContentNanos() >= 0 && timings.firstContentNanos() < timings.endedNanos();
    double first =
        streamed ? timings.timeToFirstContentNanos() : tokens > 1 ? -1 : timings.durationNanos();
    double further =
        streamed ? timings.endedNanos() - timings.firstContentNanos() : timings.durationNanos();
    double perToken = tokens > 1 ? further / (streamed ? tokens - 1 : tokens) : -1;
    int length = Sizes.length(outcome);
    sizes.learn(length, first, tokens);
    if (mark == round) {
      at.add(length, first, perToken, requests);
    } else if (mark == -round) {
      below.add(length, first, perToken, requests);
    }
  }

  /** Overload that the upstream reports lowers the limit by its share of the endings. */
  private void backOff() {
    set(limit * (1 - (1 - options.backoff()) * congestions / endings));
    endings = 0;
    congestions = 0;
  }

  private void compare() {
    if (lower() < (int) limit) {
      lowered = true;
    } else {
      grow(1); // too small to compare
      nextRound();
    }
  }

  private void judge() {
    if (below.count() >= LEAST && below.requests() < FULL * at.requests()) {
      double longer = Math.log(at.usualNanos(sizes) / below.usualNanos(sizes));
      lastGain = 1 - longer / Math.log(at.requests() / below.requests());
      grow(Math.clamp((lastGain - options.gain()) / options.gain(), -1, 1));
    }
    nextRound();
  }

  /**
   * By a part of a step, -1 to 1. Steps become smaller when the direction turns, and larger again
   * when it stays.
   */
  private void grow(double part) {
    boolean turned = streak != 0 && streak > 0 != part > 0;
    streak = (turned ? 0 : streak) + (part > 0 ? 1 : -1);
    if (turned) {
      step = Math.max(SMALLEST_STEP, Math.sqrt(step));
    } else if (Math.abs(streak) > STREAK) {
      step = Math.min(LARGEST_STEP, step * step);
    }
    set(limit * Math.pow(step, part));
  }

  private void nextRound() {
    round++;
    begunBelow = 0;
    endedBelow = 0;
    lowered = false;
    at.clear();
    below.clear();
  }

  private void set(double next) {
    limit = Math.clamp(next, options.min(), options.max());
    inForce = lowered ? inForce : Math.min(inForce, limit);
  }
}
