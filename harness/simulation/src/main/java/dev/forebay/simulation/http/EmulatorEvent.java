package dev.forebay.simulation.http;

/**
 * Something that happened to a request at an emulated upstream.
 *
 * @param request the emulator's id of the request
 * @param callerId the caller's {@code x-request-id}; empty where it sent none
 * @param kind what happened
 * @param detail the path where it was started, the reason where it ended, else empty
 * @param atNanos when, in nanoseconds of the emulated time
 * @param tokens answer tokens so far
 */
public record EmulatorEvent(
    String request, String callerId, Kind kind, String detail, long atNanos, int tokens) {

  /** What happened. */
  public enum Kind {
    /** It was taken. */
    STARTED,
    /** It was not taken. */
    REFUSED,
    /** It gave its first token. */
    FIRST_TOKEN,
    /** It was answered completely. */
    FINISHED,
    /** It was taken, and not answered completely. */
    FAILED,
    /** The caller left: nothing more is generated. */
    CANCELLED
  }
}
