package dev.forebay.core.caching;

import dev.forebay.spi.Operation;
import io.vertx.core.buffer.Buffer;

/**
 * A request that is asked often: what a warm-up sends again. It holds a prompt, so it goes nowhere
 * but to those who ask the administration for it.
 *
 * @param count how often it was asked, at most; see {@code error}
 * @param error by how much {@code count} may be too high
 * @param operation what it asks for
 * @param tenant whose it is
 * @param body the body, byte for byte
 */
public record HotRequest(long count, long error, Operation operation, String tenant, Buffer body) {

  /** Never its prompt. */
  @Override
  public String toString() {
    return "HotRequest[count=" + count + ", operation=" + operation + ", tenant=" + tenant + "]";
  }
}
