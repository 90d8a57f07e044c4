package dev.forebay.spi;

import io.vertx.core.Future;

/**
 * A pull-based, single-consumer stream of chunks. Backpressure is the absence of a call to {@link
 * #next()}. It is used on the {@linkplain Timeline timeline} of the call it belongs to.
 */
public interface TokenStream {

  /**
   * Asks for the next chunk; at most one call is outstanding.
   *
   * @return completes with a chunk. After one that is {@link Chunk#last()} there is none, and a
   *     further call fails. Fails with a {@link Failure} if the stream broke or was cancelled.
   */
  Future<Chunk> next();

  /** Gives the rest up. Idempotent; safe after the end, and before the first {@link #next()}. */
  void cancel();

  /** How the stream ended: completes exactly once, at the end, and never fails. */
  Future<Outcome> outcome();
}
