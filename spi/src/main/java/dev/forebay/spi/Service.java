package dev.forebay.spi;

import io.vertx.core.Future;

/** An asynchronous function from an inference request to a streamed response. */
@FunctionalInterface
public interface Service {

  /**
   * Starts to answer a request. On the timeline of the request's call; elsewhere, {@code
   * call.timeline().ask(() -> service.serve(request)).compose(answer -> answer)} gets there.
   *
   * @param request what to answer; its {@link Call} may end at any time
   * @return completes at the response head, before any content; fails with a {@link Failure} if
   *     there will be no response. If the call has ended before the response arrives, its receiver
   *     cancels the response.
   */
  Future<InferenceResponse> serve(InferenceRequest request);
}
