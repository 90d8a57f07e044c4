package dev.forebay.spi.http;

import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.Status;
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
 * @param trusted whether it may see what is secret, such as prompts: it shows the token of the
 *     administration, or the administration has none; false at the edge
 */
public record RouteRequest(
    Map<String, String> parameters,
    Map<String, List<String>> query,
    HttpHead head,
    Caller caller,
    Buffer body,
    boolean trusted) {

  /** A request that is not trusted. */
  public RouteRequest(
      Map<String, String> parameters,
      Map<String, List<String>> query,
      HttpHead head,
      Caller caller,
      Buffer body) {
    this(parameters, query, head, caller, body, false);
  }

  /** What a route answers if a request has to be {@link #trusted} and is not: 401. */
  public static Failure untrusted() {
    return Failure.of(
        Status.CALLER_FAULT,
        401,
        "invalid_token",
        "Authorization: expected Bearer and the token of the administration");
  }

  /** A parameter of the path, which is there if the route names it. */
  public String parameter(String name) {
    return Objects.requireNonNull(parameters.get(name), name);
  }
}
