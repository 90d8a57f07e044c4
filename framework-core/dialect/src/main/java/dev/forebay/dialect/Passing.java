package dev.forebay.dialect;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Usage;

/** Chunks that pass as they are. */
record Passing(StreamSource source) implements Sink {

  @Override
  public boolean write(Chunk chunk) {
    return source.write(chunk);
  }

  @Override
  public void usage(Usage usage) {
    source.usage(usage);
  }

  @Override
  public void fail(Failure why) {
    source.fail(why);
  }
}
