package dev.forebay.core;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Service;
import io.vertx.core.Future;
import java.util.function.Consumer;

/**
 * A service that may be called on the gateway's lane as well as on the home of a request; either
 * way, what it answers later it answers on the home.
 *
 * <p>A stage that has decided on the lane asks the next one there, if that decides on the lane,
 * too. So a request goes to the lane and back once for all such stages in a row, not once for each:
 * where the lane is another thread, each way costs more than the decision.
 */
public interface LaneService extends Service {

  /**
   * Asks the next stage, on the lane.
   *
   * @param then takes its answer, on the home of the request
   */
  static void ask(
      Service next, InferenceRequest request, Consumer<Future<InferenceResponse>> then) {
    if (next instanceof LaneService) {
      Future<InferenceResponse> served = next.serve(request);
      request.call().home().execute(() -> then.accept(served));
    } else {
      request.call().home().execute(() -> then.accept(next.serve(request)));
    }
  }
}
