package dev.forebay.edge.http;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Writes the stream of a route's answer as fast as the asker reads; on the timeline of the response
 * only. An asker who does not read for too long counts as gone.
 */
final class StreamedAnswer {

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Timeline timeline;
  private final Duration stallTimeout;
  private final TokenStream tokens;
  private Registration stall = Registration.NONE;
  private boolean over;

  private StreamedAnswer(
      HttpServerRequest request, Timeline timeline, Duration stallTimeout, TokenStream tokens) {
    this.request = request;
    this.response = request.response();
    this.timeline = timeline;
    this.stallTimeout = stallTimeout;
    this.tokens = tokens;
  }

  /**
   * Writes a beginning, and then a stream that may be read from any thread.
   *
   * @param timeline of the response
   * @param stallTimeout how long the asker may stop reading
   */
  static void write(
      HttpServerRequest request,
      Timeline timeline,
      Duration stallTimeout,
      Buffer begin,
      TokenStream tokens) {
    StreamedAnswer streamed = new StreamedAnswer(request, timeline, stallTimeout, tokens);
    HttpServerResponse response = request.response();
    response.setChunked(true);
    response.exceptionHandler(gone -> streamed.gone());
    response.write(begin);
    streamed.pump();
  }

  /** The asker has gone, or does not read. */
  private void gone() {
    stall.cancel();
    if (!over) {
      over = true;
      tokens.cancel();
    }
  }

  private void pump() {
    while (!over) {
      if (response.writeQueueFull()) {
        waitForDrain();
        return;
      }
      Future<Chunk> next = tokens.next();
      if (!next.isComplete()) {
        next.onComplete(
            (chunk, thrown) ->
                timeline.execute(
                    () -> {
                      take(chunk);
                      pump();
                    }));
        return;
      }
      take(next.result());
    }
  }

  private void waitForDrain() {
    stall =
        timeline.after(
            stallTimeout.toNanos(),
            () -> {
              gone();
              IdleConnections.cut(request.connection());
            });
    response.drainHandler(
        nothing -> {
          response.drainHandler(null);
          stall.cancel();
          pump();
        });
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
