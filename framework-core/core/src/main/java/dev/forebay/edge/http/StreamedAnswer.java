package dev.forebay.edge.http;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.TokenStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * Writes the stream of a route's answer as fast as the asker reads. One step follows another, so it
 * needs no lock, whatever thread they come on.
 */
final class StreamedAnswer {

  private final HttpServerResponse response;
  private final TokenStream tokens;
  private volatile boolean over;

  private StreamedAnswer(HttpServerResponse response, TokenStream tokens) {
    this.response = response;
    this.tokens = tokens;
  }

  /** Writes a beginning, and then a stream that may be read from any thread. */
  static void write(HttpServerResponse response, Buffer begin, TokenStream tokens) {
    StreamedAnswer streamed = new StreamedAnswer(response, tokens);
    response.setChunked(true);
    response.closeHandler(gone -> streamed.gone());
    response.exceptionHandler(thrown -> streamed.gone());
    response.write(begin);
    streamed.pump();
  }

  private void gone() {
    over = true;
    tokens.cancel();
  }

  private void pump() {
    while (!over) {
      if (response.writeQueueFull()) {
        response.drainHandler(
            nothing -> {
              response.drainHandler(null);
              pump();
            });
        return;
      }
      Future<Chunk> next = tokens.next();
      if (!next.isComplete()) {
        next.onComplete(
            (chunk, thrown) -> {
              take(chunk);
              pump();
            });
        return;
      }
      take(next.result());
    }
  }

  /** A stream that breaks ends the answer without its end, so that the asker can tell. */
  private void take(@Nullable Chunk chunk) {
    if (over) {
      return;
    }
    if (chunk == null) {
      over = true;
      response.reset();
    } else if (chunk.last()) {
      over = true;
      response.end(chunk.data());
    } else {
      response.write(chunk.data());
    }
  }
}
