package dev.forebay.core.limiting;

import dev.forebay.spi.Failure;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.ComingCapacity.Coming;
import dev.forebay.spi.policy.Ticket;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * What requests are told that leave a queue unserved. A time to come back follows from the rate at
 * which permits come back, and from the capacity that is on its way: as long as it takes for all
 * that wait to have had their turn.
 */
final class QueueRefusals {

  private static final long MIN_RETRY_AFTER = 1_000_000_000L;
  private static final long MAX_RETRY_AFTER = 60_000_000_000L;
  private static final double SMOOTHING = 0.1;
  private static final double SECOND = 1e9;

  private final long maxWaitNanos;
  private final Timeline timeline;
  private final Overtaking overtaking;
  private final Supplier<Coming> coming;
  private long lastReleaseNanos = -1;
  private double releaseIntervalNanos;

  /**
   * Nothing was released yet.
   *
   * @param coming the capacity that is on its way
   */
  QueueRefusals(
      long maxWaitNanos, Timeline timeline, Overtaking overtaking, Supplier<Coming> coming) {
    this.coming = coming;
    this.maxWaitNanos = maxWaitNanos;
    this.timeline = timeline;
    this.overtaking = overtaking;
  }

  /** A permit came back. */
  void released() {
    long now = timeline.nanos();
    if (lastReleaseNanos >= 0) {
      releaseIntervalNanos += SMOOTHING * (now - lastReleaseNanos - releaseIntervalNanos);
    }
    lastReleaseNanos = now;
  }

  /** There is no capacity, and it may not wait. */
  Failure noTime(int waiting) {
    return full("saturated", "no capacity, and no time to wait", waiting);
  }

  /** Whether nobody serves, and what is on its way comes only after a request's time is up. */
  boolean comesTooLate(Ticket ticket) {
    return coming.get().onlyAfter(ticket.expiresNanos());
  }

  /** Nobody serves, and what is on its way comes too late for it. */
  Failure notYet(int waiting) {
    return full("saturated", "no capacity; what is on its way comes too late", waiting);
  }

  /** There is no room, and it is the one to go. */
  Failure noRoom(RequestInfo request, int waiting) {
    return outranked(request) ? outranked() : full("queue_full", "the queue is full", waiting);
  }

  /** The queue gave it up. */
  Failure givenUp(Ticket ticket, int waiting) {
    return outranked(ticket.request())
        ? outranked()
        : full(
            "queue_delay",
            String.format(
                Locale.ROOT,
                "waited for %.1f s in a queue that does not empty",
                (timeline.nanos() - ticket.enqueuedNanos()) / SECOND),
            waiting);
  }

  /** Its time is up: its deadline, the last moment to begin before it, or the longest wait. */
  Failure expired(Ticket ticket, int waiting) {
    long deadline = ticket.request().deadlineNanos();
    if (deadline <= timeline.nanos()) {
      return Failure.deadline("the deadline passed in the queue");
    } else if (outranked(ticket.request())) {
      return outranked();
    } else if (deadline - ticket.demand().serviceNanos() <= timeline.nanos()) {
      return tooLate(ticket, waiting);
    }
    long millis = maxWaitNanos / 1_000_000;
    return full("queue_timeout", "no capacity within " + millis + " ms", waiting);
  }

  /** It cannot be answered before its deadline any more. */
  Failure tooLate(Ticket ticket, int waiting) {
    String message =
        String.format(
            Locale.ROOT,
            "no capacity; such an answer takes about %.1f s, and the deadline is in %.1f s",
            ticket.demand().serviceNanos() / SECOND,
            (ticket.request().deadlineNanos() - timeline.nanos()) / SECOND);
    return full("too_late", message, waiting);
  }

  private boolean outranked(RequestInfo request) {
    return overtaking.lasts(request.priority(), timeline.nanos(), maxWaitNanos);
  }

  /** Requests of its class have no chance. */
  private static Failure outranked() {
    return Failure.saturated("outranked", "more urgent requests take the whole capacity")
        .retryAfter(MAX_RETRY_AFTER);
  }

  private Failure full(String reason, String message, int waiting) {
    double wait = coming.get().waitNanos(releaseIntervalNanos, waiting + 1, timeline.nanos());
    return Failure.saturated(reason, message)
        .retryAfter((long) Math.clamp(wait, MIN_RETRY_AFTER, MAX_RETRY_AFTER));
  }
}
