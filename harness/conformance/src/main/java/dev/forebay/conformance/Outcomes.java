package dev.forebay.conformance;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;

/** Endings of requests for tests. Times are in nanoseconds. */
public final class Outcomes {

  private Outcomes() {}

  /** A complete answer of 100 prompt and 20 completion tokens, whose content came half way. */
  public static Outcome ok(long startedNanos, long durationNanos) {
    return Outcome.ok(
        new Usage(Requests.PROMPT_TOKENS, 0, 20, 0),
        new Timings(startedNanos, startedNanos + durationNanos / 2, startedNanos + durationNanos));
  }

  /** A failure of a status, before any content. */
  public static Outcome failed(Status status, long startedNanos, long durationNanos) {
    return Outcome.failed(failure(status), startedNanos, startedNanos + durationNanos);
  }

  /** An ending of any status, OK included. */
  public static Outcome of(Status status, long startedNanos, long durationNanos) {
    return status == Status.OK
        ? ok(startedNanos, durationNanos)
        : failed(status, startedNanos, durationNanos);
  }

  /** A failure of a status, with the HTTP status of its row in the outcome table. */
  public static Failure failure(Status status) {
    return switch (status) {
      case OK -> throw new IllegalArgumentException("status: OK (expected: a failure)");
      case CALLER_FAULT -> Failure.of(status, 400, "bad_request", "the request is wrong");
      case CONTEXT_LENGTH ->
          Failure.of(status, 400, "context_length_exceeded", "the prompt is too long");
      case MODEL_MISSING -> Failure.of(status, 404, "model_not_found", "no such model here");
      case ACCOUNT_OUT -> Failure.of(status, 503, "account_out", "the account is out");
      case THROTTLED -> Failure.of(status, 503, "throttled", "the account's limit");
      case OVERLOADED -> Failure.overloaded(503, "overloaded", "the upstream is overloaded");
      case STALLED -> Failure.of(status, 504, "stalled", "no content in time");
      case TIMED_OUT -> Failure.deadline("the deadline passed");
      case CANCELLED -> Failure.cancelled();
      case REFUSED -> Failure.of(status, 429, "rate_limited", "the caller's limit");
      case SATURATED -> Failure.saturated("queue_full", "no capacity");
      case INTERNAL -> Failure.internal("a plugin broke", null);
    };
  }
}
