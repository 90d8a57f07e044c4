package dev.forebay.core.stream;

import dev.forebay.core.kernel.OwnStream;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.TokenStream;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.function.Predicate;

/**
 * A stream that was read up to its first content and gives back what was read. Nothing is committed
 * to a caller before that point, because until then another try may still answer; the first-content
 * deadline, retries and fallback are built on it and on nothing else.
 *
 * <p>Keep-alives before the content are dropped: they say that the upstream queues, which is no
 * news to a caller who has not been answered yet.
 */
public final class FirstContent implements OwnStream {

  /** Chunks before the content that are kept: a role, perhaps an empty delta or two. */
  static final int MAX_PRELUDE = 64;

  private final TokenStream stream;
  private final Predicate<Chunk> undecided;
  private final ArrayDeque<Chunk> read = new ArrayDeque<>(2);
  private boolean content;

  private FirstContent(TokenStream stream, Predicate<Chunk> undecided) {
    this.stream = stream;
    this.undecided = undecided;
  }

  /**
   * Waits for the first content of a response.
   *
   * @return the same response once its content, or its end, is there; fails as the stream does
   *     where it breaks before
   */
  public static Future<InferenceResponse> await(InferenceResponse response) {
    return response.tokens() instanceof FirstContent
        ? Future.succeededFuture(response)
        : await(response, chunk -> false);
  }

  /**
   * Waits for the first content of a response, and for what follows if that does not say enough.
   *
   * @param undecided whether the chunk after a content is to be read, too
   * @return as of {@link #await(InferenceResponse)}
   */
  public static Future<InferenceResponse> await(
      InferenceResponse response, Predicate<Chunk> undecided) {
    FirstContent first = new FirstContent(response.tokens(), undecided);
    Promise<InferenceResponse> promise = Promise.promise();
    Streams.whileTrue(
        first.stream,
        first::keep,
        (done, thrown) -> {
          if (thrown == null) {
            promise.tryComplete(response.with(first));
          } else {
            Failure failure = Failure.from(thrown);
            promise.tryFail(failure.servedBy() == null ? failure.at(response.servedBy()) : failure);
          }
        });
    return promise.future();
  }

  /** Whether a response that was waited for has content: an empty answer, or none, has not. */
  public static boolean content(InferenceResponse response) {
    return response.tokens() instanceof FirstContent first && first.content;
  }

  /** Whether chunks that were read are still to be given out, also if the stream has ended. */
  public boolean unread() {
    return !read.isEmpty();
  }

  private boolean keep(Chunk chunk) {
    if (chunk.kind() != Chunk.Kind.WAITING || chunk.last()) {
      if (read.size() >= MAX_PRELUDE) {
        throw Failure.overloaded(
            502, "no_content", "no content in the first " + MAX_PRELUDE + " chunks");
      }
      read.add(chunk);
    }
    content |= chunk.kind() == Chunk.Kind.CONTENT;
    return !content || (chunk.kind() == Chunk.Kind.CONTENT && undecided.test(chunk));
  }

  @Override
  public Future<Chunk> next() {
    Chunk chunk = read.poll();
    return chunk == null ? stream.next() : Future.succeededFuture(chunk);
  }

  @Override
  public void cancel() {
    read.clear();
    stream.cancel();
  }

  @Override
  public Future<Outcome> outcome() {
    return stream.outcome();
  }
}
