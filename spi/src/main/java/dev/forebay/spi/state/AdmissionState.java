package dev.forebay.spi.state;

/**
 * The state of a stage {@code admit}.
 *
 * @param limit requests that may run at once; -1 if the limiter failed to say
 * @param inFlight permits that are out
 * @param queued requests that wait
 */
public record AdmissionState(int limit, int inFlight, int queued) implements PartState {}
