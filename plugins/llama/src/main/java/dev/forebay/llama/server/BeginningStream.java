package dev.forebay.llama.server;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.TokenStream;
import io.vertx.core.Future;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A stream that tells its own failures until its first content has come: a server may begin its
 * answer, and keep it alive, long before that.
 */
final class BeginningStream implements TokenStream {

  private final TokenStream stream;
  private final UnaryOperator<Failure> told;
  private boolean begun;

  BeginningStream(TokenStream stream, UnaryOperator<Failure> told) {
    this.stream = stream;
    this.told = told;
  }

  @Override
  public Future<Chunk> next() {
    return begun ? stream.next() : stream.next().transform(this::came);
  }

  private Future<Chunk> came(@Nullable Chunk chunk, @Nullable Throwable thrown) {
    if (chunk == null) {
      return Future.failedFuture(told.apply(Failure.from(failure(thrown))));
    }
    begun = chunk.kind() == Chunk.Kind.CONTENT;
    return Future.succeededFuture(chunk);
  }

  private static Throwable failure(@Nullable Throwable thrown) {
    return thrown == null ? new NullPointerException("chunk: null") : thrown;
  }

  @Override
  public void cancel() {
    stream.cancel();
  }

  @Override
  public Future<Outcome> outcome() {
    return stream.outcome().map(this::told);
  }

  private Outcome told(Outcome outcome) {
    Failure failure = outcome.failure();
    return failure == null || outcome.timings().firstContentNanos() >= 0
        ? outcome
        : Outcome.failed(told.apply(failure), outcome.usage(), outcome.timings())
            .withCost(outcome.costUsd());
  }
}
