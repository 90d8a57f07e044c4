package dev.forebay.core.cost;

import dev.forebay.core.kernel.OwnStream;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.TokenStream;
import io.vertx.core.Future;
import java.util.function.UnaryOperator;

/** A stream as it is, whose outcome is given a cost. */
public final class CostedStream implements OwnStream {

  private final TokenStream stream;
  private final Future<Outcome> outcome;

  private CostedStream(TokenStream stream, UnaryOperator<Outcome> cost) {
    this.stream = stream;
    this.outcome = stream.outcome().map(cost);
  }

  /** A response whose outcome is given a cost when it is there. */
  public static InferenceResponse of(InferenceResponse response, UnaryOperator<Outcome> cost) {
    return response.with(new CostedStream(response.tokens(), cost));
  }

  @Override
  public Future<Chunk> next() {
    return stream.next();
  }

  @Override
  public void cancel() {
    stream.cancel();
  }

  @Override
  public Future<Outcome> outcome() {
    return outcome;
  }
}
