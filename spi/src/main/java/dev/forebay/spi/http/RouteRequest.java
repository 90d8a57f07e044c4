package dev.forebay.spi.http;

import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest.HttpHead;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A request to a route.
 *
 * @param parameters of the path, by name, unescaped
 * @param query parameters of the query by name, in the order in which they were sent
 * @param head the path as it was sent, and the headers without credentials
 * @param caller its address, and at the edge its key and tenant
 * @param body empty if there is none
 */
public record RouteRequest(
    Map<String, String> parameters,
    Map<String, List<String>> query,
    HttpHead head,
    Caller caller,
    Buffer body) {

  /** A parameter of the path, which is there if the route names it. */
  public String parameter(String name) {
    return Objects.requireNonNull(parameters.get(name), name);
  }
}
