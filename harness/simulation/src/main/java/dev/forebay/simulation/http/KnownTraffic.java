package dev.forebay.simulation.http;

import dev.forebay.spi.InferenceRequest;
import org.jspecify.annotations.Nullable;

/** Traffic of which an emulator knows more than bodies say, such as that of a recorded trace. */
@FunctionalInterface
public interface KnownTraffic {

  /** Traffic of which nothing is known. */
  KnownTraffic NONE = (callerId, asked) -> null;

  /**
   * A request as it is known.
   *
   * @param callerId its {@code x-request-id}; null if it has none
   * @param asked the request as its body says
   * @return null if it is not known
   */
  @Nullable InferenceRequest request(@Nullable String callerId, InferenceRequest asked);
}
