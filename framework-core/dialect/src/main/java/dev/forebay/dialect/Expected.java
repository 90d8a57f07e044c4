package dev.forebay.dialect;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Operation;
import dev.forebay.spi.RequestInfo;
import java.util.function.IntSupplier;

/**
 * What a request expects of its answer.
 *
 * @param operation what it asks for
 * @param stream whether the answer is to be a stream
 * @param choices that it is to have at least; asked once, if a stream ends without {@code [DONE]}
 * @param usage whether a stream is to end with its usage
 * @param hideUsage whether the gateway asked for a stream's usage, and the caller did not: the
 *     event that has the usage only is left out
 * @param maxAnswer bytes that a whole answer, an event of a stream, and what comes between two
 *     events may have
 */
public record Expected(
    Operation operation,
    boolean stream,
    IntSupplier choices,
    boolean usage,
    boolean hideUsage,
    long maxAnswer) {

  /** What a request expects. */
  public static Expected of(InferenceRequest request, boolean hideUsage, long maxAnswer) {
    RequestInfo info = request.info();
    return new Expected(
        info.operation(),
        streamed(info),
        () -> Choices.asked(request),
        info.traits().includeUsage(),
        hideUsage,
        maxAnswer);
  }

  /** Whether an answer is to come as a stream: embeddings never do. */
  public static boolean streamed(RequestInfo info) {
    return info.stream() && info.operation() != Operation.EMBEDDING;
  }

  boolean embedding() {
    return operation == Operation.EMBEDDING;
  }
}
