package dev.forebay.spi.jobs;

import io.vertx.core.buffer.Buffer;

/**
 * One piece of a streamed answer.
 *
 * @param number 1 for the first of a job, then one more each: also over several tries, so that a
 *     reader can go on from the last one that it has
 * @param data the bytes, exactly
 */
public record JobEvent(long number, Buffer data) {}
