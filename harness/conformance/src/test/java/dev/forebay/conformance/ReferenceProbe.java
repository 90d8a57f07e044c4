package dev.forebay.conformance;

import dev.forebay.spi.Call;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.HealthProbe;
import io.vertx.core.Future;

/** Sends a request, and is content with the head of an answer. */
class ReferenceProbe implements HealthProbe {

  @Override
  public Future<Void> probe(Backend backend, Call call) {
    if (pointless(call)) {
      return Future.failedFuture("the call has ended");
    }
    Call own = child(call);
    try {
      return backend
          .serve(Requests.inference("probe", own, 1))
          .<Void>mapEmpty()
          .onComplete(answered -> over(own));
    } catch (RuntimeException e) {
      own.end();
      return thrown(e);
    }
  }

  boolean pointless(Call call) {
    return call.ended();
  }

  Call child(Call call) {
    return call.child();
  }

  void over(Call own) {
    own.end();
  }

  Future<Void> thrown(RuntimeException e) {
    return Future.failedFuture(e);
  }
}
