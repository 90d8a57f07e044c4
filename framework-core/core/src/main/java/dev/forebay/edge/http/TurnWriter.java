package dev.forebay.edge.http;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * Writes chunks that come in one turn of the event loop at once: a write is a system call, and
 * costs more than anything else that happens to a chunk.
 */
final class TurnWriter {

  /** Bytes after which it does not wait for the end of the turn. */
  private static final int MAX_UNSENT = 64 << 10;

  private final HttpServerResponse response;
  private final Timeline timeline;
  private @Nullable Buffer unsent;
  private boolean unsentIsOwn;
  private Registration flushing = Registration.NONE;

  TurnWriter(HttpServerResponse response, Timeline timeline) {
    this.response = response;
    this.timeline = timeline;
  }

  /** Writes a chunk, at the end of this turn at the latest. */
  void write(Buffer data) {
    Buffer sofar = unsent;
    if (sofar == null) {
      unsent = data;
      unsentIsOwn = false;
      flushing = timeline.after(0, this::flush);
      return;
    }
    if (!unsentIsOwn) {
      sofar = Buffer.buffer(2 * (sofar.length() + data.length())).appendBuffer(sofar);
      unsent = sofar;
      unsentIsOwn = true;
    }
    sofar.appendBuffer(data);
    if (sofar.length() >= MAX_UNSENT) {
      flush();
    }
  }

  /** Writes now what is not written yet. */
  void flush() {
    Buffer data = unsent;
    if (data != null && !response.ended() && !response.closed()) {
      forget();
      response.write(data);
    }
  }

  /** What is not written yet, and an end after it: the caller writes both. */
  Buffer endingWith(Buffer end) {
    Buffer before = unsent;
    forget();
    return before == null ? end : Buffer.buffer().appendBuffer(before).appendBuffer(end);
  }

  /** Writes no more of what it was given. */
  void forget() {
    flushing.cancel();
    unsent = null;
  }
}
