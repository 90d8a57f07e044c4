package dev.forebay.examples;

// tag::filter[]
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Service;
import io.vertx.core.Future;
import java.util.function.Consumer;

/** Writes one line for each request when it is over: when its stream is, not its head. */
public final class AccessLog implements Filter {

  private final Consumer<String> out;

  /** A log; {@code out} is called on the event loops of the requests, and must not block. */
  public AccessLog(Consumer<String> out) {
    this.out = out;
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    long began = request.call().timeline().nanos();
    String what = request.info().id() + " " + request.info().model() + " ";
    return next.serve(request)
        .onFailure(e -> out.accept(what + e.getMessage()))
        .onSuccess(
            response ->
                response.tokens().outcome().onSuccess(o -> out.accept(what + line(o, began))));
  }

  private static String line(Outcome outcome, long began) {
    long millis = (outcome.timings().endedNanos() - began) / 1_000_000;
    return outcome.status()
        + " "
        + outcome.usage().completionTokens()
        + " tokens "
        + millis
        + " ms";
  }
}
// end::filter[]
