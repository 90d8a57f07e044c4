package dev.forebay.replay.warm;

import dev.forebay.spi.Operation;

/**
 * A request of a warm-up.
 *
 * @param operation what it asks for
 * @param tenant whose answer it is
 * @param body of the request, as JSON
 */
public record WarmupRequest(Operation operation, String tenant, String body) {

  /** Never its prompt. */
  @Override
  public String toString() {
    return "WarmupRequest[operation=" + operation + ", tenant=" + tenant + "]";
  }
}
