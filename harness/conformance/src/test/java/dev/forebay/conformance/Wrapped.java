package dev.forebay.conformance;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.TokenStream;
import io.vertx.core.Future;

/** A stream around another, for broken ones to change a part of. */
class Wrapped implements TokenStream {

  private final TokenStream inner;

  Wrapped(TokenStream inner) {
    this.inner = inner;
  }

  @Override
  public Future<Chunk> next() {
    return inner.next();
  }

  @Override
  public void cancel() {
    inner.cancel();
  }

  @Override
  public Future<Outcome> outcome() {
    return inner.outcome();
  }
}
