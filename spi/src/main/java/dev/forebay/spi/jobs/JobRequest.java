package dev.forebay.spi.jobs;

import io.vertx.core.buffer.Buffer;

/**
 * What never changes of a job.
 *
 * @param id unique in the store, cannot be guessed; 1 to 100 letters, digits, {@code -} and {@code
 *     _}
 * @param tenant whose it is
 * @param priority 0 is the most urgent, 7 the least
 * @param createdMillis when it was accepted, in milliseconds since 1970 UTC
 * @param callback whether somebody is told of its end: then an ended job has a check time until
 *     {@link JobStore#checkAt} takes it away
 * @param facts of the request and of the callback, for the job service; at most 64 KiB. A store
 *     keeps the bytes and does not read them.
 */
public record JobRequest(
    String id, String tenant, int priority, long createdMillis, boolean callback, Buffer facts) {

  /** Checks. */
  public JobRequest {
    if (!id.matches("[A-Za-z0-9_-]{1,100}")) {
      throw new IllegalArgumentException(
          "id: " + id + " (expected: 1 to 100 letters, digits, - and _)");
    }
    if (priority < 0 || priority > 7) {
      throw new IllegalArgumentException("priority: " + priority + " (expected: 0 to 7)");
    }
  }
}
