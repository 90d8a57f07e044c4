package dev.forebay.fuzz;

import dev.forebay.edge.BadRequest;
import dev.forebay.edge.http.EdgeOptions;
import dev.forebay.edge.http.PromptKeys;
import dev.forebay.edge.http.RequestReader;
import dev.forebay.spi.Operation;
import dev.forebay.spi.RequestInfo;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of any body that a caller sends: it is read, always to the same, or refused with
 * one line.
 */
public final class JsonTarget {

  private static final RequestReader READER =
      new RequestReader(EdgeOptions.DEFAULTS, PromptKeys.of("a secret for the fuzzer"));

  static {
    // Loads what reading needs: instrumented, that takes seconds, and would count as a hang.
    fuzzerTestOneInput(new byte[0]);
  }

  private JsonTarget() {}

  /**
   * Reads bytes as the body of each operation.
   *
   * @throws IllegalStateException where something does not hold
   */
  public static void fuzzerTestOneInput(byte[] data) {
    for (Operation operation : Operation.values()) {
      RequestInfo once = read(operation, data);
      RequestInfo again = read(operation, data);
      require(Objects.equals(once, again), "one body, read to two requests");
      if (once != null) {
        require(!once.model().isBlank(), "a model without a name");
        require(once.caller().user().length() <= 256, "a user's name without a bound");
      }
    }
  }

  private static @Nullable RequestInfo read(Operation operation, byte[] data) {
    try {
      return READER
          .read(
              "id",
              operation,
              "127.0.0.1",
              null,
              MultiMap.caseInsensitiveMultiMap(),
              Buffer.buffer(data),
              0)
          .info();
    } catch (BadRequest refused) {
      require(refused.httpStatus == 400, "a refusal that blames others");
      require(refused.text.lines().count() == 1, "a refusal of several lines");
      require(refused.text.length() <= 1000, "a refusal that repeats the body");
      return null;
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }
}
