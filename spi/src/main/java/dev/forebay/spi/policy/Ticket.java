package dev.forebay.spi.policy;

import dev.forebay.spi.RequestInfo;

/** A request that waits in a queue. Two tickets are equal only if they are the same object. */
public final class Ticket {

  private final RequestInfo request;
  private final long enqueuedNanos;
  private final long expiresNanos;

  /**
   * A ticket.
   *
   * @param enqueuedNanos when it joined, on the pool's timeline
   * @param expiresNanos when it will be taken out unserved; {@link Long#MAX_VALUE} for never
   */
  public Ticket(RequestInfo request, long enqueuedNanos, long expiresNanos) {
    this.request = request;
    this.enqueuedNanos = enqueuedNanos;
    this.expiresNanos = expiresNanos;
  }

  /** The request. */
  public RequestInfo request() {
    return request;
  }

  /** When it joined, on the pool's timeline. */
  public long enqueuedNanos() {
    return enqueuedNanos;
  }

  /** When it will be taken out unserved; {@link Long#MAX_VALUE} for never. */
  public long expiresNanos() {
    return expiresNanos;
  }

  @Override
  public String toString() {
    return "Ticket[" + request.id() + "]";
  }
}
