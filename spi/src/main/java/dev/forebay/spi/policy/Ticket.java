package dev.forebay.spi.policy;

import dev.forebay.spi.RequestInfo;

/** A request that waits in a queue. Two tickets are equal only if they are the same object. */
public final class Ticket {

  private final RequestInfo request;
  private final long enqueuedNanos;
  private final long expiresNanos;
  private final Demand demand;

  /**
   * What a request is expected to take. All are at least 0, and estimates: how long an answer is
   * shows at its end only.
   *
   * @param outputTokens of its answer: what half of the last answers to such requests did not
   *     exceed, and at most the caller's bound; 0 for an embedding
   * @param cachedTokens of its prompt: the part that an endpoint is likely to have computed before;
   *     0 if nothing is known
   * @param serviceNanos from its permit to the end of the answer: what half of such answers took,
   *     or less; 0 if nothing is known
   * @param bytes of its body, which the gateway holds while it waits
   */
  public record Demand(long outputTokens, long cachedTokens, long serviceNanos, long bytes) {

    /** Nothing is known. */
    public static final Demand UNKNOWN = new Demand(0, 0, 0, 0);

    /** Checks. */
    public Demand {
      if (outputTokens < 0 || cachedTokens < 0 || serviceNanos < 0 || bytes < 0) {
        throw new IllegalArgumentException(
            "demand: %d tokens, %d cached, %d ns, %d bytes (expected: at least 0)"
                .formatted(outputTokens, cachedTokens, serviceNanos, bytes));
      }
    }
  }

  /** A ticket of which only the caller's bound on the answer is known. */
  public Ticket(RequestInfo request, long enqueuedNanos, long expiresNanos) {
    this(request, enqueuedNanos, expiresNanos, new Demand(request.maxOutputTokens(), 0, 0, 0));
  }

  /**
   * A ticket.
   *
   * @param enqueuedNanos when it joined, on the pool's timeline
   * @param expiresNanos when it will be taken out unserved; {@link Long#MAX_VALUE} for never
   * @param demand what it is expected to take
   */
  public Ticket(RequestInfo request, long enqueuedNanos, long expiresNanos, Demand demand) {
    this.request = request;
    this.enqueuedNanos = enqueuedNanos;
    this.expiresNanos = expiresNanos;
    this.demand = demand;
  }

  /** The request. */
  public RequestInfo request() {
    return request;
  }

  /** When it joined, on the pool's timeline. */
  public long enqueuedNanos() {
    return enqueuedNanos;
  }

  /**
   * When it will be taken out unserved: it has waited for as long as it may, or could not be
   * answered before its deadline any more. {@link Long#MAX_VALUE} for never.
   */
  public long expiresNanos() {
    return expiresNanos;
  }

  /** What it is expected to take. */
  public Demand demand() {
    return demand;
  }

  /** Tokens that it is expected to take, of the prompt and of the answer together; at least 1. */
  public long tokens() {
    return Math.max(1, request.promptTokens() + demand.outputTokens());
  }

  @Override
  public String toString() {
    return "Ticket[" + request.id() + "]";
  }
}
