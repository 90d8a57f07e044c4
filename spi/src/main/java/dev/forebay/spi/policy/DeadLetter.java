package dev.forebay.spi.policy;

import dev.forebay.spi.Operation;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A request that was given up: shed, expired, or failed after all tries.
 *
 * @param id unique among the letters of a gateway
 * @param requestId of the request, as in logs; callers may choose it
 * @param epochMillis when it ended, in milliseconds since 1970 UTC
 * @param reason why, such as {@code queue_full}
 * @param status of HTTP that its caller got
 * @param operation what it asked for
 * @param model the model that the caller named
 * @param tenant whose it was
 * @param priority its class, 0 the most urgent
 * @param promptTokens length of its prompt, estimated
 * @param body the caller's bytes; null if they were not kept
 */
public record DeadLetter(
    String id,
    String requestId,
    long epochMillis,
    String reason,
    int status,
    Operation operation,
    String model,
    String tenant,
    int priority,
    int promptTokens,
    @Nullable Buffer body) {

  /** Bytes that are counted for a letter beside its body and its texts. */
  private static final int FIXED_BYTES = 200;

  /** The memory that it takes, in bytes, estimated. */
  public long bytes() {
    int texts = id.length() + requestId.length() + model.length() + tenant.length();
    return FIXED_BYTES + 2L * texts + (body == null ? 0 : body.length());
  }

  /** This letter without its body. */
  public DeadLetter withoutBody() {
    return new DeadLetter(
        id,
        requestId,
        epochMillis,
        reason,
        status,
        operation,
        model,
        tenant,
        priority,
        promptTokens,
        null);
  }
}
