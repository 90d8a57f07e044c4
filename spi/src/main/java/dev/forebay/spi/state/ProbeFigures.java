package dev.forebay.spi.state;

import org.jspecify.annotations.Nullable;

/**
 * What probes have found of an endpoint.
 *
 * @param up whether it was found up, or nothing is known yet
 * @param last the last answer: {@code ok}, or why it was none, in one line
 * @param lastAgoMillis how long ago that was, in milliseconds; null before the first answer
 * @param lastTookMillis how long that took, in milliseconds; null before the first answer
 * @param goodInARow good answers since the last bad one
 * @param badInARow bad answers since the last good one
 */
public record ProbeFigures(
    boolean up,
    String last,
    @Nullable Long lastAgoMillis,
    @Nullable Double lastTookMillis,
    int goodInARow,
    int badInARow) {}
