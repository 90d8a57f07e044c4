package dev.forebay.core;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Service;
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
    Service service = last;
    for (int i = links.size() - 1; i >= 0; i--) {
      service = before(links.get(i), service, errors);
    }
    return service;
  }

  private static Service before(Link link, Service next, PluginErrors errors) {
    return request -> {
      Future<InferenceResponse> answer;
      try {
        answer = link.filter().serve(request, next);
      } catch (RuntimeException e) {
        return Future.failedFuture(errors.failure(link.name(), e));
      }
      return answer.isComplete() && answer.succeeded() ? answer : named(link, answer, errors);
    };
  }

  private static Future<InferenceResponse> named(
      Link link, Future<InferenceResponse> answer, PluginErrors errors) {
    if (answer.isComplete() && answer.cause() instanceof Failure) {
      return answer;
    }
    return answer.recover(
        thrown ->
            Future.failedFuture(
                thrown instanceof Failure ? thrown : errors.failure(link.name(), thrown)));
  }
}
