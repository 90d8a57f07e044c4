package dev.forebay.spi.state;

/**
 * The state of a stage {@code admit}.
 *
 * @param limit requests that may run at once; -1 if the limiter failed to say
 * @param inFlight permits that are out
 * @param queued requests that wait
 * @param offered requests that came so far
 * @param queuedTokens that those that wait are expected to take, of prompts and answers
 * @param oldestMillis how long the one that came first has waited, in milliseconds; 0 if none waits
 */
public record AdmissionState(
    int limit, int inFlight, int queued, long offered, long queuedTokens, double oldestMillis)
    implements PartState {}
