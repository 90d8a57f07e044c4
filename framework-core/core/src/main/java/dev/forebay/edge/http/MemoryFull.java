package dev.forebay.edge.http;

import dev.forebay.spi.Failure;

/** What a request is told if the gateway has no memory left for it. */
final class MemoryFull {

  /** Time to wait before another try, in nanoseconds. */
  private static final long RETRY_AFTER_NANOS = 1_000_000_000;

  private MemoryFull() {}

  static Failure failure() {
    return Failure.saturated("memory_full", "the gateway holds as many bytes as it may")
        .retryAfter(RETRY_AFTER_NANOS);
  }
}
