package dev.forebay.core.kernel;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Service;
import io.vertx.core.Future;
import java.util.function.Consumer;

/**
 * A service that may be called on the gateway's timeline as well as on the request's; either way,
 * what it answers later it answers on the request's.
 *
 * <p>A stage that has decided on the gateway's timeline asks the next one there, if that decides
 * there, too. So a request crosses to the gateway's timeline and back once for all such stages in a
 * row, not once for each: if the two are different threads, each crossing costs more than the
 * decision.
 */
public interface SerialService extends Service {

  /**
   * Asks the next stage, from the gateway's timeline.
   *
   * @param then takes its answer, on the request's timeline
   */
  static void ask(
      Service next, InferenceRequest request, Consumer<Future<InferenceResponse>> then) {
    if (next instanceof SerialService) {
      Future<InferenceResponse> served = next.serve(request);
      request.call().timeline().execute(() -> then.accept(served));
    } else {
      request.call().timeline().execute(() -> then.accept(next.serve(request)));
    }
  }
}
