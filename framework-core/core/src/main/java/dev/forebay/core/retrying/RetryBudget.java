package dev.forebay.core.retrying;

import dev.forebay.spi.Failure;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import java.util.List;

/**
 * The one budget that retries, fallbacks, hedges and continued answers draw on, so that they cannot
 * multiply: every request pays a share in, every extra call takes one out, and a floor per second
 * keeps a quiet gateway able to retry at all. After Finagle's retry budget.
 *
 * <p>The reserve for lost connections is an advance on shares to come. What of it was used before
 * it was paid for takes half of each share until it is: over the long run, extra calls stay within
 * the ratio and the floor, also where every connection is refused. Shares that nobody needs pay for
 * it beforehand, so that a gateway that was well for a while owes nothing.
 *
 * <p>Safe from any thread: requests live on several event loops, and the sum is one.
 */
public final class RetryBudget {

  private static final double CARRIED_SECONDS = 10;

  /** Reasons of lost connections: a server that dies loses those of all its requests at once. */
  private static final List<String> LOST =
      List.of("refused", "reset", "cut", "gone", "connect_timeout");

  private final Options options;
  private double credit;
  private double reserve;
  private double unpaid; // of the reserve, as it was at the beginning
  private long refilledNanos = Long.MIN_VALUE;
  private long requests;
  private long taken;
  private long denied;

  /**
   * A budget that starts with what its floor gives in ten seconds, at least one call where there is
   * a floor. That is an advance: the floor gives more only when the time that it stands for has
   * passed.
   */
  public RetryBudget(Options options) {
    this.options = options;
    this.credit = options.floor() > 0 ? floorCap() : 0;
    this.reserve = options.reserve();
    this.unpaid = options.reserve();
  }

  /**
   * Options of the budget for extra work.
   *
   * @param ratio extra calls per request
   * @param floor extra calls per second that are there without any request
   * @param reserve extra calls kept for requests that lost their connection
   */
  @Doc("The one budget that retries, fallbacks, hedges and continued answers draw on.")
  public record Options(
      @Doc("Extra calls per request.") @Default("0.2") @Range(min = 0, max = 10) double ratio,
      @Doc("Extra calls that are allowed however few the requests.")
          @Default("1")
          @Range(min = 0, max = 1e6)
          @Unit("calls/s")
          double floor,
      @Doc(
              "Extra calls in reserve for requests that lost their connection: a server that dies"
                  + " loses all at once. An advance: where it is used before unused shares have"
                  + " paid for it, half of each share does; unused shares fill it again.")
          @Default("256")
          @Range(min = 0, max = 1e6)
          @Unit("calls")
          int reserve) {

    /** With a reserve of 256. */
    public Options(double ratio, double floor) {
      this(ratio, floor, 256);
    }
  }

  /** A request came to the gateway: its share is paid in, once. */
  public synchronized void deposit() {
    requests++;
    double owed = Math.max(0, unpaid - reserve);
    double repaid = Math.min(owed, options.ratio() / 2);
    double sum = credit + options.ratio() - repaid;
    credit = Math.min(sum, cap());
    double left = sum - credit;
    double paid = Math.min(unpaid - repaid, left);
    unpaid -= repaid + paid;
    reserve = Math.min(reserve + left - paid, options.reserve());
  }

  /**
   * Takes an extra call, if there is credit for one.
   *
   * @param nowNanos the time on the caller's timeline
   */
  public synchronized boolean take(long nowNanos) {
    refill(nowNanos);
    if (credit < 1) {
      denied++;
      return false;
    }
    credit--;
    taken++;
    return true;
  }

  /**
   * Takes an extra call because of a failure, if there is credit for one. If the connection was
   * lost and there is no credit, the reserve gives.
   *
   * @param nowNanos the time on the caller's timeline
   */
  public boolean take(Failure failure, long nowNanos) {
    return LOST.contains(failure.reason()) ? takeForLost(nowNanos) : take(nowNanos);
  }

  /** Whether {@link #take(Failure, long)} would give a call now. Takes none. */
  public synchronized boolean has(Failure failure, long nowNanos) {
    return refilled(nowNanos) >= 1 || (LOST.contains(failure.reason()) && reserve >= 1);
  }

  /** As {@link #take(long)}, for a request that lost its connection. */
  public synchronized boolean takeForLost(long nowNanos) {
    refill(nowNanos);
    if (credit >= 1 || reserve < 1) {
      return take(nowNanos);
    }
    reserve--;
    taken++;
    return true;
  }

  /**
   * Extra calls that could be taken now, beside the reserve. Reading changes nothing.
   *
   * @param nowNanos the time on the gateway's timeline
   */
  public synchronized double left(long nowNanos) {
    return refilled(nowNanos);
  }

  /** Extra calls that are in reserve. */
  public synchronized int reserve() {
    return (int) reserve;
  }

  /** Extra calls made so far. */
  public synchronized long taken() {
    return taken;
  }

  /** Extra calls denied so far. */
  public synchronized long denied() {
    return denied;
  }

  /** Requests seen so far. */
  public synchronized long requests() {
    return requests;
  }

  private void refill(long nowNanos) {
    if (refilledNanos == Long.MIN_VALUE) {
      double paidSeconds = options.floor() > 0 ? floorCap() / options.floor() : 0;
      refilledNanos = nowNanos + (long) Math.min(paidSeconds * 1e9, Long.MAX_VALUE / 4.0);
    }
    credit = refilled(nowNanos);
    refilledNanos = Math.max(refilledNanos, nowNanos);
  }

  /** The credit with what the floor has paid since the last refill; before the first, nothing. */
  private double refilled(long nowNanos) {
    if (refilledNanos == Long.MIN_VALUE || nowNanos <= refilledNanos) {
      return credit;
    }
    double floor = (nowNanos - refilledNanos) / 1e9 * options.floor();
    return Math.max(credit, Math.min(credit + floor, cap()));
  }

  /** What may be saved up: the shares of 100 requests or of ten seconds of the floor. */
  private double cap() {
    return Math.max(100 * options.ratio(), floorCap());
  }

  private double floorCap() {
    return Math.max(1, CARRIED_SECONDS * options.floor());
  }
}
