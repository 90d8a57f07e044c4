package dev.forebay.spi.jobs;

import dev.forebay.spi.Headers;
import io.vertx.core.buffer.Buffer;

/**
 * The answer of a job that is {@link JobState#DONE} or {@link JobState#FAILED}.
 *
 * @param status of HTTP, 200 to 599
 * @param headers for the caller
 * @param body the bytes, exactly; empty if the answer was streamed, since then the events are it
 */
public record JobResult(int status, Headers headers, Buffer body) {}
