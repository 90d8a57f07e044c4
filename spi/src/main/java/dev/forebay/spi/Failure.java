package dev.forebay.spi;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Why a request has no answer: the one exception that services, filters and streams fail with. It
 * has no stack trace; a plugin that throws something else is reported as {@link Status#INTERNAL},
 * with its trace, once, where the chain was composed.
 */
public final class Failure extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Shared: it has no trace, no cause, and takes neither. Nearly every call ends with it. */
  @SuppressWarnings("StaticAssignmentOfThrowable")
  private static final Failure CANCELLED =
      of(Status.CANCELLED, 499, "cancelled", "the caller left");

  private final transient Facts facts;

  private Failure(Facts facts, String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
    this.facts = facts;
  }

  /** What it says beside its message, as the methods of the same names tell. */
  @RecordBuilder
  record Facts(
      Status status,
      int httpStatus,
      String reason,
      long retryAfterNanos,
      @Nullable String servedBy,
      @Nullable Buffer body,
      int attempts,
      boolean exhausted,
      Headers headers,
      @Nullable String detail)
      implements FailureFactsBuilder.With {

    static Facts of(Status status, int httpStatus, String reason) {
      return new Facts(status, httpStatus, reason, -1, null, null, 1, false, Headers.EMPTY, null);
    }
  }

  /**
   * A failure.
   *
   * @param status the row of the outcome table, not OK
   * @param httpStatus what the caller gets, 400 to 599
   * @param reason a machine-readable word, such as {@code queue_full}
   * @param message one line for a person
   */
  public static Failure of(Status status, int httpStatus, String reason, String message) {
    return new Failure(Facts.of(status, httpStatus, reason), message, null);
  }

  /** The caller left. */
  public static Failure cancelled() {
    return CANCELLED;
  }

  /** The caller's deadline passed. */
  public static Failure deadline(String message) {
    return of(Status.TIMED_OUT, 504, "deadline", message);
  }

  /** The upstream is overloaded or broken. */
  public static Failure overloaded(int httpStatus, String reason, String message) {
    return of(Status.OVERLOADED, httpStatus, reason, message);
  }

  /** The gateway has no capacity for it in time. */
  public static Failure saturated(String reason, String message) {
    return of(Status.SATURATED, 503, reason, message);
  }

  /** A plugin broke. */
  public static Failure internal(String message, @Nullable Throwable cause) {
    return new Failure(Facts.of(Status.INTERNAL, 500, "internal"), message, cause);
  }

  /** What a future failed with, as a Failure: itself, or INTERNAL around anything else. */
  public static Failure from(Throwable thrown) {
    return thrown instanceof Failure failure
        ? failure
        : internal("internal error: " + thrown.getClass().getSimpleName(), thrown);
  }

  /** The row of the outcome table. */
  public Status status() {
    return facts.status();
  }

  /** What the caller gets, 400 to 599. */
  public int httpStatus() {
    return facts.httpStatus();
  }

  /**
   * The status that the caller gets: an upstream's complaint about the gateway's own account is no
   * complaint about the caller, and so a 503.
   */
  public int callerStatus() {
    return status() == Status.ACCOUNT_OUT || status() == Status.THROTTLED ? 503 : httpStatus();
  }

  /** A machine-readable word, such as {@code queue_full}. */
  public String reason() {
    return facts.reason();
  }

  /** How long to wait before another try, in nanoseconds; -1 if unknown. */
  public long retryAfterNanos() {
    return facts.retryAfterNanos();
  }

  /** The endpoint that failed; null if none was reached. */
  public @Nullable String servedBy() {
    return facts.servedBy();
  }

  /** The upstream's own error body, if {@link Status#callersFault()}; null otherwise. */
  public @Nullable Buffer body() {
    return facts.body();
  }

  /** How many tries were made. */
  public int attempts() {
    return facts.attempts();
  }

  /** Whether the gateway has tried what it may: a caller who tries again multiplies the tries. */
  public boolean exhausted() {
    return facts.exhausted();
  }

  /** This failure after all tries that the gateway may make. */
  public Failure exhaust() {
    return with(facts.withExhausted(true));
  }

  /** This failure with a time to wait, in nanoseconds. */
  public Failure retryAfter(long nanos) {
    return with(facts.withRetryAfterNanos(nanos));
  }

  /** This failure with the endpoint that failed. */
  public Failure at(String endpoint) {
    return with(facts.withServedBy(endpoint));
  }

  /** This failure with the upstream's error body. */
  public Failure withBody(Buffer upstream) {
    return with(facts.withBody(upstream));
  }

  /** What the caller gets in headers, beside the gateway's own. */
  public Headers headers() {
    return facts.headers();
  }

  /** This failure with headers for the caller. */
  public Failure withHeaders(Headers some) {
    return with(facts.withHeaders(some));
  }

  /** What operators are told beside the message, and callers are not; null if there is nothing. */
  public @Nullable String detail() {
    return facts.detail();
  }

  /** This failure with words for operators alone: no caller's text, and of few kinds. */
  public Failure withDetail(String words) {
    return with(facts.withDetail(words));
  }

  /** This failure after so many tries. */
  public Failure after(int tries) {
    return with(facts.withAttempts(tries));
  }

  private Failure with(Facts changed) {
    return new Failure(changed, String.valueOf(getMessage()), getCause());
  }
}
