package dev.forebay.core;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.TokenStream;
import io.vertx.core.Future;

/**
 * A stream of a backend that does not use {@link StreamSource}, held to the rules all the same: it
 * is pumped, one chunk at a time and only when asked, into a source that keeps them.
 */
final class GuardedStream implements TokenStream {

  private final TokenStream inner;
  private final StreamSource source;

  private GuardedStream(Call call, TokenStream inner) {
    this.inner = inner;
    this.source = new StreamSource(call, call.home().nanos(), inner::cancel);
  }

  /** A response whose stream keeps the rules. */
  static InferenceResponse guard(Call call, InferenceResponse response) {
    TokenStream tokens = response.tokens();
    return tokens instanceof StreamSource
            || tokens instanceof GuardedStream
            || tokens instanceof ReplayStream
        ? response
        : response.with(new GuardedStream(call, tokens));
  }

  @Override
  public Future<Chunk> next() {
    Future<Chunk> next = source.next();
    if (!next.isComplete()) {
      pull();
    }
    return next;
  }

  private void pull() {
    Future<Chunk> pulled;
    try {
      pulled = inner.next();
    } catch (RuntimeException e) {
      source.fail(Failure.internal("a stream threw in next()", e));
      return;
    }
    pulled.onComplete(
        result -> {
          if (result.succeeded()) {
            if (result.result().last()) {
              inner
                  .outcome()
                  .onSuccess(outcome -> source.usage(outcome.usage()))
                  .onComplete(ended -> {});
            }
            source.write(result.result());
          } else {
            source.fail(Failure.from(result.cause()));
          }
        });
  }

  @Override
  public void cancel() {
    source.cancel();
  }

  @Override
  public Future<Outcome> outcome() {
    return source.outcome();
  }
}
