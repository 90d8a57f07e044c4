package dev.forebay.spi.policy;

import dev.forebay.spi.Call;
import io.vertx.core.Future;

/**
 * A question whether an endpoint is up, asked apart from its requests. The framework asks at
 * intervals, never twice at once, and decides by several answers. A probe runs on the pool's
 * timeline.
 */
public interface HealthProbe {

  /**
   * Asks a backend.
   *
   * @param call on the pool's timeline. It ends when nobody waits for the answer any longer; the
   *     probe then closes all that it has open.
   * @return completes if the endpoint is up; fails if it is not, with a message of one line that
   *     says why
   */
  Future<Void> probe(Backend backend, Call call);

  /** Releases what is kept between probes. */
  default Future<Void> close() {
    return Future.succeededFuture();
  }
}
