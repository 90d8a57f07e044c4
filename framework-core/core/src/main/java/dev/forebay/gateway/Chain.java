package dev.forebay.gateway;

import dev.forebay.core.kernel.OwnFilter;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.kernel.SerialFilter;
import dev.forebay.core.kernel.SerialService;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Service;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.List;

/** The composition of filters, and the one place where what they throw becomes a failure. */
final class Chain {

  private Chain() {}

  /** A filter with the name that errors give it. */
  record Link(String name, Filter filter) {
    /** Whether it is a plugin's, which may answer nothing, or fail with anything. */
    boolean foreign() {
      return !(filter instanceof OwnFilter);
    }
  }

  /**
   * Puts filters before a service.
   *
   * @param links first the outermost
   * @param last one of the core's own
   * @param errors is told of exceptions, with the name of the link that threw
   */
  static Service compose(List<Link> links, Service last, PluginErrors errors) {
    Service service = caught("service", last, last instanceof SerialService, errors);
    for (int i = links.size() - 1; i >= 0; i--) {
      Link link = links.get(i);
      Service next = service;
      Service linked =
          caught(
              link.name(),
              request -> link.filter().serve(request, next),
              link.filter() instanceof SerialFilter,
              errors);
      service = link.foreign() ? checked(link, linked, errors) : linked;
    }
    return service;
  }

  /** A service that fails where it would throw. */
  private static Service caught(String name, Service service, boolean serial, PluginErrors errors) {
    if (serial) {
      return (SerialService) request -> caught(name, service, errors, request);
    }
    return request -> {
      request.call().timeline().check();
      return caught(name, service, errors, request);
    };
  }

  private static Future<InferenceResponse> caught(
      String name, Service service, PluginErrors errors, InferenceRequest request) {
    try {
      return service.serve(request);
    } catch (Exception | Error e) {
      return Future.failedFuture(errors.failure(name, e));
    }
  }

  /** A service that does not answer nothing, and fails with nothing but a Failure. */
  private static Service checked(Link link, Service service, PluginErrors errors) {
    return request -> {
      Future<InferenceResponse> answer = service.serve(request);
      if (answer == null) {
        return Future.failedFuture(nothing(link, "null", errors));
      }
      return sound(answer)
          ? answer
          : answer.transform(
              result -> {
                request.call().timeline().check();
                return checked(link, result, errors);
              });
    };
  }

  private static boolean sound(Future<InferenceResponse> answer) {
    return answer.isComplete()
        && (answer.succeeded() ? answer.result() != null : answer.cause() instanceof Failure);
  }

  private static Future<InferenceResponse> checked(
      Link link, AsyncResult<InferenceResponse> result, PluginErrors errors) {
    if (result.failed()) {
      return Future.failedFuture(errors.failure(link.name(), result.cause()));
    }
    InferenceResponse response = result.result();
    return response == null
        ? Future.failedFuture(nothing(link, "a future of null", errors))
        : Future.succeededFuture(response);
  }

  private static Failure nothing(Link link, String found, PluginErrors errors) {
    return errors.failure(
        link.name(), errors.returned(link.filter(), "serve", found, "a future of a response"));
  }
}
