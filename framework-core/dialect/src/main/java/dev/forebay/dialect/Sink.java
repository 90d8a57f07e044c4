package dev.forebay.dialect;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Usage;

/** Takes the chunks of a stream that is being read. */
interface Sink {

  /**
   * Takes a chunk.
   *
   * @return false if the consumer cannot keep up
   */
  boolean write(Chunk chunk);

  /** Takes what the answer used, so far. */
  void usage(Usage usage);

  /** Bytes that it keeps of the chunks that it was given. */
  default long held() {
    return 0;
  }

  /** Breaks the answer. */
  void fail(Failure why);
}
