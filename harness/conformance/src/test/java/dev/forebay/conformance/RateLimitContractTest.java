package dev.forebay.conformance;

import dev.forebay.core.limiting.RateLimit;
import dev.forebay.spi.Call;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Plugin;

/** Asks a limiter. */
class RateLimitContractTest implements StageContract {
  @Override
  public Plugin<Filter> plugin() {
    return RateLimit.by(ReferenceRateLimiter.plugin(ReferenceRateLimiter::new));
  }

  /** Of a caller of its own, whose limit nobody else uses. */
  @Override
  public InferenceRequest request(String id, Call call) {
    return Requests.inference(id, call)
        .with(Requests.chat(id, Requests.caller(id.hashCode()), call.timeline().nanos()));
  }
}
