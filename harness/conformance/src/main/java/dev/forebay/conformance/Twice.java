package dev.forebay.conformance;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.TokenStream;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * Two calls to next(), the second while the first is outstanding.
 *
 * @param first the first, complete
 * @param second null where the first was complete at once
 */
record Twice(Future<Chunk> first, @Nullable Future<Chunk> second) {

  /** Asks once, and once more where that is too early. */
  static Future<Twice> ask(TokenStream stream) {
    Future<Chunk> first = stream.next();
    Twice twice = new Twice(first, first.isComplete() ? null : stream.next());
    return first.transform(ended -> Future.succeededFuture(twice));
  }
}
