package dev.forebay.spi;

/**
 * How a request, or one try of it, ended: the rows of the outcome table. Each row says at once what
 * it means for a retry, for the health of the endpoint, and for the limit of concurrency, so that
 * no mechanism has a list of its own.
 */
public enum Status {
  /** Answered completely. */
  OK(false, false, Signal.SAMPLE),
  /** The upstream says that the request is wrong (400, 404, 413, 422 and other 4xx). */
  CALLER_FAULT(false, false, Signal.IGNORE),
  /**
   * The prompt, with the answer asked for, is longer than the model takes (400 or 413 that says
   * so): a model that takes more may answer.
   */
  CONTEXT_LENGTH(false, false, Signal.IGNORE),
  /**
   * The backend does not have the model (404 that says so). The balancer asks another backend that
   * may have it; if there is none, another try cannot help.
   */
  MODEL_MISSING(false, false, Signal.IGNORE),
  /**
   * The key or account is refused (401, 402, 403): another account may answer. This one is out
   * until it is reloaded. If the failure has a time to wait, because a caller may have caused it,
   * other accounts are asked first for that time instead.
   */
  ACCOUNT_OUT(true, false, Signal.IGNORE),
  /** The account's limit upstream (429). */
  THROTTLED(true, false, Signal.CONGESTION),
  /** Overloaded or broken (5xx, reset, refused, cut, an error event, out of resources). */
  OVERLOADED(true, true, Signal.CONGESTION),
  /** No content came within the bound on one try: queued upstream. */
  STALLED(true, false, Signal.CONGESTION),
  /** The caller's deadline passed. */
  TIMED_OUT(false, false, Signal.CONGESTION),
  /** The caller left. */
  CANCELLED(false, false, Signal.IGNORE),
  /** The gateway refused for the caller's own limit (429). */
  REFUSED(false, false, Signal.IGNORE),
  /** The gateway had no capacity in time: queue full, waited too long, no endpoint (503). */
  SATURATED(false, false, Signal.IGNORE),
  /** A plugin threw or broke its contract (500). */
  INTERNAL(false, false, Signal.IGNORE);

  private final boolean retryable;
  private final boolean unhealthy;
  private final Signal signal;

  Status(boolean retryable, boolean unhealthy, Signal signal) {
    this.retryable = retryable;
    this.unhealthy = unhealthy;
    this.signal = signal;
  }

  /** Whether another try, elsewhere or later, may answer. */
  public boolean retryable() {
    return retryable;
  }

  /** Whether it counts against the endpoint's health. */
  public boolean unhealthy() {
    return unhealthy;
  }

  /**
   * Whether the request is at fault: the caller gets the upstream's own status and words. False for
   * what concerns the gateway, its accounts or its upstreams.
   */
  public boolean callersFault() {
    return this == CALLER_FAULT || this == CONTEXT_LENGTH || this == MODEL_MISSING;
  }

  /** What an adaptive limit learns from it. */
  public Signal signal() {
    return signal;
  }

  /** What an adaptive limit of concurrency learns from an ending. */
  public enum Signal {
    /** Its latency is a sample. */
    SAMPLE,
    /** The capacity was exceeded. */
    CONGESTION,
    /** Nothing. */
    IGNORE
  }
}
