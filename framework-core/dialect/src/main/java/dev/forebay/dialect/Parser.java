package dev.forebay.dialect;

import dev.forebay.spi.Failure;
import io.vertx.core.buffer.Buffer;

/** Makes chunks of the bytes of a response. */
public interface Parser {

  /**
   * Reads the next bytes.
   *
   * @return false if the consumer cannot keep up
   * @throws Failure if the answer is none
   */
  boolean read(Buffer piece);

  /**
   * Reads on in what was given, after there was no room.
   *
   * @return false if there is no room again
   * @throws Failure if the answer is none
   */
  default boolean more() {
    return true;
  }

  /**
   * Says that the response has ended.
   *
   * @throws Failure if it ended too early
   */
  void end();

  /** Whether the answer is complete, or broken: what follows does not matter. */
  boolean complete();

  /** Whether the answer would be complete for its caller if the connection broke now. */
  boolean enough();

  /**
   * Says that the response was lost before its end, after {@link #enough}: the answer ends with a
   * chunk {@link dev.forebay.spi.Chunk.Kind#UNPROVEN}.
   *
   * @throws Failure if it ended too early
   */
  default void lost() {
    end();
  }

  /** Bytes of the answer that it holds, and that it has not given on. */
  default long held() {
    return 0;
  }

  /** Breaks the answer. */
  void fail(Failure why);
}
