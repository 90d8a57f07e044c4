package dev.forebay.simulation;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import org.jspecify.annotations.Nullable;

/** How a request at a simulated server ended. */
public enum Ending {
  /** The answer is complete. */
  STOP("stop", Status.OK, 200, ""),
  /** The answer reached the caller's bound, or the server's memory. */
  LENGTH("length", Status.OK, 200, ""),
  /** Cut short for want of resources, inside a 200. */
  OUT_OF_RESOURCES(
      "insufficient_system_resource",
      Status.OVERLOADED,
      503,
      "the server ran out of resources during the answer"),
  /** An error event inside a 200, before content. */
  ERROR_EVENT("error_event", Status.OVERLOADED, 502, "the server failed after its 200"),
  /** The connection was closed in the midst of the content. */
  CUT("cut", Status.OVERLOADED, 502, "the server closed the connection during the answer"),
  /** The server crashed while the request was under way. */
  RESET("reset", Status.OVERLOADED, 502, "the server crashed while the request was under way"),
  /** Inference did not begin within the server's bound. */
  EXPIRED("queue_timeout", Status.OVERLOADED, 503, "the server did not begin within its bound"),
  /** The server is down or starting. */
  REFUSED("refused", Status.OVERLOADED, 502, "the server refused the connection"),
  /** The account has too many requests under way. */
  THROTTLED("throttled", Status.THROTTLED, 429, "the account's limit of concurrency is reached"),
  /** The waiting line is full. */
  FULL("queue_full", Status.OVERLOADED, 503, "the server is overloaded: its waiting line is full"),
  /** Failed by chance, before content. */
  FAILED("overloaded", Status.OVERLOADED, 503, "the server is overloaded"),
  /** The prompt alone is longer than the server's memory. */
  TOO_LONG(
      "context_length_exceeded",
      Status.CONTEXT_LENGTH,
      400,
      "the prompt is longer than the server can hold"),
  /** The caller gave up. */
  CANCELLED("cancelled", Status.CANCELLED, 499, "the caller left");

  private final String reason;
  private final Status status;
  private final int httpStatus;
  private final String message;

  Ending(String reason, Status status, int httpStatus, String message) {
    this.reason = reason;
    this.status = status;
    this.httpStatus = httpStatus;
    this.message = message;
  }

  /** A machine-readable word: a finish reason, or why there was none. */
  public String reason() {
    return reason;
  }

  /** The row of the outcome table. */
  public Status status() {
    return status;
  }

  /** The HTTP status, where the request was refused before a head was sent. */
  public int httpStatus() {
    return httpStatus;
  }

  /** One line for a person; empty after a complete answer. */
  public String message() {
    return message;
  }

  /** Whether the answer is complete. */
  public boolean ok() {
    return status == Status.OK;
  }

  /** As a failure; null after a complete answer. */
  public @Nullable Failure failure() {
    return ok() ? null : Failure.of(status, httpStatus, reason, message);
  }
}
