package dev.forebay.spi;

import io.vertx.core.Future;

/**
 * Middleware: sees a request, decides what the rest of the chain sees and what the caller gets
 * back.
 *
 * <p>{@code next} may be called never (a hit, a rejection), once, or several times (a retry, a
 * hedge; each with a {@linkplain Call#child() child call}). A filter runs on the request's
 * {@linkplain Timeline timeline}; an instance serves many requests, on several timelines if the
 * gateway has several event loops.
 */
@FunctionalInterface
public interface Filter {

  /**
   * Answers a request, with the help of the rest of the chain.
   *
   * @param request what came in
   * @param next the rest of the chain
   * @return as {@link Service#serve}
   */
  Future<InferenceResponse> serve(InferenceRequest request, Service next);
}
