package dev.forebay.llama;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;

/** Until there is one. */
final class NoBackend implements Backend {
  @Override
  public Facts facts() {
    return Facts.of("none");
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    return Future.failedFuture("not made yet");
  }
}
