package dev.forebay.health;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import java.net.URI;

/** A backend of which only the address is known. */
record At(URI address) implements Backend {

  static At port(int port) {
    return new At(URI.create("http://127.0.0.1:" + port + "/v1"));
  }

  @Override
  public Facts facts() {
    return Facts.of("at").withAddress(address);
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    throw new IllegalStateException("probes of this kind send no request");
  }
}
