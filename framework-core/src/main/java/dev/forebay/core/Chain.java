package dev.forebay.core;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Service;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.List;

/** The composition of filters, and the one place where what they throw becomes a failure. */
public final class Chain {

  private Chain() {}

  /** A filter with the name that errors give it. */
  public record Link(String name, Filter filter) {}

  /**
   * Puts filters before a service.
   *
   * @param links first the outermost
   * @param errors is told of exceptions, with the name of the link that threw
   */
  public static Service compose(List<Link> links, Service last, PluginErrors errors) {
    Service service = safe("service", last, errors);
    for (int i = links.size() - 1; i >= 0; i--) {
      Link link = links.get(i);
      Service next = service;
      service = safe(link.name(), request -> link.filter().serve(request, next), errors);
    }
    return service;
  }

  /** A service that neither throws nor answers nothing, and fails with nothing but a Failure. */
  private static Service safe(String name, Service service, PluginErrors errors) {
    return request -> {
      try {
        Future<InferenceResponse> answer = service.serve(request);
        return sound(answer) ? answer : answer.transform(result -> checked(name, result, errors));
      } catch (Exception | LinkageError e) {
        return Future.failedFuture(errors.failure(name, e));
      }
    };
  }

  private static boolean sound(Future<InferenceResponse> answer) {
    return answer.isComplete()
        && (answer.succeeded() ? answer.result() != null : answer.cause() instanceof Failure);
  }

  private static Future<InferenceResponse> checked(
      String name, AsyncResult<InferenceResponse> result, PluginErrors errors) {
    if (result.failed()) {
      return Future.failedFuture(errors.failure(name, result.cause()));
    }
    InferenceResponse response = result.result();
    return response == null
        ? Future.failedFuture(
            errors.failure(name, new NullPointerException("response: null (expected: one)")))
        : Future.succeededFuture(response);
  }
}
