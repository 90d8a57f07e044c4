package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.TokenStream;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stream that was read to its end.
 *
 * @param chunks what came
 * @param failure what the stream broke with; null where it ended well
 * @param outcome how it ended
 */
record Reading(List<Read> chunks, @Nullable Throwable failure, Outcome outcome) {

  /** Chunks after which a stream that has not ended is given up. */
  static final int LONGEST = 100_000;

  /**
   * A chunk.
   *
   * @param chunk what came
   * @param askedNanos when it was asked for
   * @param atNanos when it came
   * @param waited whether it was not there yet when it was asked for: then it was made in between
   */
  record Read(Chunk chunk, long askedNanos, long atNanos, boolean waited) {}

  /** Reads a stream to its end. */
  static Reading all(Stage stage, TokenStream stream) {
    List<Read> chunks = new ArrayList<>();
    while (true) {
      requireEnd(chunks.size());
      Future<Read> next = next(stage, stream);
      if (next.failed()) {
        return new Reading(chunks, next.cause(), outcome(stage, stream));
      }
      chunks.add(next.result());
      if (next.result().chunk().last()) {
        return new Reading(chunks, null, outcome(stage, stream));
      }
    }
  }

  /** Fails the rule if so many chunks came without a last one. */
  static void requireEnd(int chunks) {
    require(chunks < LONGEST, "no last chunk after %d (expected: one)", chunks);
  }

  /** Reads a stream up to its first content, or to its end. */
  static List<Read> toContent(Stage stage, TokenStream stream) {
    List<Read> chunks = new ArrayList<>();
    boolean content = false;
    while (!content) {
      requireEnd(chunks.size());
      Future<Read> next = next(stage, stream);
      if (next.failed()) {
        throw Rule.broken("no content: the stream broke: %s", next.cause());
      }
      chunks.add(next.result());
      content = next.result().chunk().kind() == Chunk.Kind.CONTENT || next.result().chunk().last();
    }
    return chunks;
  }

  private static Future<Read> next(Stage stage, TokenStream stream) {
    return stage.await(
        "next",
        () -> {
          long asked = stage.requestTimeline().nanos();
          Future<Chunk> next = stream.next();
          boolean waited = !next.isComplete();
          return next.map(chunk -> new Read(chunk, asked, stage.requestTimeline().nanos(), waited));
        });
  }

  /** Waits for the outcome. */
  static Outcome outcome(Stage stage, TokenStream stream) {
    Future<Outcome> outcome = stage.await("outcome", stream::outcome);
    if (outcome.failed()) {
      throw Rule.broken("the outcome failed: %s (expected: it never does)", outcome.cause());
    }
    return outcome.result();
  }

  /** Whether a throwable is a {@link Failure} that an answer may have. */
  static boolean proper(@Nullable Throwable thrown) {
    return thrown instanceof Failure failure
        && failure.httpStatus() >= 400
        && failure.httpStatus() <= 599
        && !failure.reason().isBlank();
  }
}
