package dev.forebay.livepage;

import dev.forebay.spi.Status;
import java.util.List;
import java.util.Locale;

/** What a caller gets, as far as it says who is at fault: a group of statuses. */
enum Ending {
  /** A complete answer. */
  ANSWERED(Status.OK),
  /** The request is wrong: 4xx in the upstream's words. */
  CALLER_FAULT(Status.CALLER_FAULT, Status.CONTEXT_LENGTH, Status.MODEL_MISSING),
  /** The caller's own limit is used up: 429. */
  OVER_LIMIT(Status.REFUSED),
  /** The gateway has no room, or no endpoint: 503. */
  NO_CAPACITY(Status.SATURATED),
  /** The upstream fails, refuses or stalls: 502, 503, 504. */
  UPSTREAM_FAILED(Status.OVERLOADED, Status.STALLED, Status.THROTTLED, Status.ACCOUNT_OUT),
  /** The deadline passed: 504. */
  TIMED_OUT(Status.TIMED_OUT),
  /** A plugin failed: 500. */
  GATEWAY_FAILED(Status.INTERNAL),
  /** The caller left before the end. */
  LEFT(Status.CANCELLED);

  @SuppressWarnings("ImmutableEnumChecker") // it is a copy
  private final List<Status> statuses;

  Ending(Status... statuses) {
    this.statuses = List.of(statuses);
  }

  /** The group of a status. */
  static Ending of(Status status) {
    for (Ending ending : values()) {
      if (ending.statuses.contains(status)) {
        return ending;
      }
    }
    throw new IllegalArgumentException("status: " + status + " (expected: one with a group)");
  }

  /** Whether somebody other than the caller is to blame. */
  boolean lost() {
    return this == NO_CAPACITY
        || this == UPSTREAM_FAILED
        || this == TIMED_OUT
        || this == GATEWAY_FAILED;
  }

  /** As JSON has it. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
