package dev.forebay.spi.tracing;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.RequestSpan;
import org.jspecify.annotations.Nullable;

/** Begins the spans of a gateway's requests. A section offers one by {@link Tracers}. */
@FunctionalInterface
public interface RequestTracer {

  /**
   * A request comes to the gateway. Called on the request's timeline, so on several threads at
   * once; must not block.
   *
   * @param request with the head of its caller, which may name a trace that the request is part of
   * @return the span of the whole request; null if it is not traced
   */
  @Nullable RequestSpan begin(InferenceRequest request);
}
