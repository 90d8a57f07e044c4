package dev.forebay.conformance;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import io.vertx.core.Future;
import org.junit.jupiter.api.Test;

/** The rules for a filter that passes only requests with a header: its test gives the kit one. */
class SelectiveFilterContractTest implements FilterContract {

  @Doc("Refuses requests without a header.")
  record NeedsHeader(@Doc("Its name.") @Default("x-team") String header) implements Plugin<Filter> {

    @Override
    public Filter create(PluginContext context) {
      return (request, next) ->
          request.head().headers().get(header) == null
              ? Future.failedFuture(
                  Failure.of(Status.CALLER_FAULT, 400, "no_header", header + ": missing"))
              : next.serve(request);
    }

    @Override
    public boolean readsHead() {
      return true;
    }
  }

  @Override
  public Plugin<Filter> plugin() {
    return new NeedsHeader("x-team");
  }

  @Override
  public InferenceRequest request(String id, Call call) {
    HttpHead head = new HttpHead("/v1/chat/completions", Headers.of("x-team", "blue"));
    return FilterContract.super.request(id, call).with(head);
  }

  @Test
  void aRequestThatIsRefusedIsAnsweredWithWhatToDo() {
    FilterContract without = this::plugin;
    AssertionError error =
        assertThrows(AssertionError.class, without::f3_theAnswerEndsAsThatOfTheRest);
    String message = String.valueOf(error.getMessage());
    assertTrue(message.contains("x-team: missing"), message);
    assertTrue(message.contains("override request()"), message);
  }
}
