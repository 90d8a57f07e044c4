package dev.forebay.core.stream;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.TokenStream;
import io.vertx.core.AsyncResult;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The loops over streams: the only ones there are. A loop over futures that are already complete
 * must not recurse (the stack ends after some hundred steps), so each turns while results are ready
 * and listens only where one is not.
 */
public final class Streams {

  private Streams() {}

  /**
   * Reads a stream to its end.
   *
   * @param each is given every chunk; where it throws, the stream is cancelled
   * @return completes after the last chunk; fails as the stream does, or with what {@code each}
   *     threw
   */
  public static Future<Void> forEach(TokenStream stream, Consumer<Chunk> each) {
    return whileTrue(
        stream,
        chunk -> {
          each.accept(chunk);
          return true;
        });
  }

  /**
   * Reads a stream to its end, or until it is told to stop.
   *
   * @param each whether to go on after a chunk
   */
  static Future<Void> whileTrue(TokenStream stream, ChunkPredicate each) {
    Promise<Void> done = Promise.promise();
    whileTrue(stream, each, done);
    return done.future();
  }

  /** As {@link #whileTrue(TokenStream, ChunkPredicate)}, without a future of its own. */
  static void whileTrue(TokenStream stream, ChunkPredicate each, Completable<Void> done) {
    new Loop(stream, each, done).turn();
  }

  /** Says whether to go on. */
  @FunctionalInterface
  interface ChunkPredicate {
    boolean test(Chunk chunk);
  }

  private static final class Loop implements Handler<AsyncResult<Chunk>> {
    private final TokenStream stream;
    private final ChunkPredicate each;
    private final Completable<Void> done;
    private boolean ended;

    Loop(TokenStream stream, ChunkPredicate each, Completable<Void> done) {
      this.stream = stream;
      this.each = each;
      this.done = done;
    }

    void turn() {
      boolean more = true;
      while (more) {
        Future<Chunk> next;
        try {
          next = stream.next();
        } catch (RuntimeException e) {
          broken(e);
          return;
        }
        if (!next.isComplete()) {
          next.onComplete(this);
          return;
        }
        more = accept(next);
      }
    }

    @Override
    public void handle(AsyncResult<Chunk> result) {
      if (accept(result)) {
        turn();
      }
    }

    /** Whether to ask for the next chunk now. */
    private boolean accept(AsyncResult<Chunk> result) {
      if (result.failed()) {
        end(result.cause());
        return false;
      }
      Chunk chunk = result.result();
      try {
        boolean more = each.test(chunk) && !chunk.last();
        if (!more) {
          end(null);
        }
        return more;
      } catch (RuntimeException e) {
        return broken(e);
      }
    }

    /** Once: what is told may throw, and that must not end it again. */
    private void end(@Nullable Throwable thrown) {
      if (!ended) {
        ended = true;
        done.complete(null, thrown);
      }
    }

    private boolean broken(Throwable thrown) {
      stream.cancel();
      end(Failure.from(thrown));
      return false;
    }
  }
}
