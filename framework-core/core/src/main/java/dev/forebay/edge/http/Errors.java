package dev.forebay.edge.http;

import dev.forebay.edge.BadRequest;
import dev.forebay.spi.Failure;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Errors in OpenAI's form, and what of a failure a caller may see. */
public final class Errors {

  private Errors() {}

  /** Answers with an error of the edge itself. */
  public static void write(HttpServerResponse response, BadRequest bad) {
    response.setStatusCode(bad.httpStatus).putHeader("content-type", "application/json");
    response.putHeader("x-forebay-reason", bad.code);
    if (bad.httpStatus == 503) {
      response.putHeader("retry-after", "1").putHeader("x-should-retry", "true");
    }
    if (bad.httpStatus == 401) {
      response.putHeader("www-authenticate", "Bearer");
    }
    end(response, body(bad.text, bad.httpStatus, bad.param, bad.code));
  }

  /**
   * Answers a request for a path that is not there.
   *
   * @param paths those that are
   */
  public static void unknownPath(HttpServerRequest request, Collection<String> paths) {
    String text =
        "unknown path: " + path(request) + " (expected: " + String.join(", ", paths) + ")";
    write(request.response(), new BadRequest(404, "not_found", null, text));
  }

  /**
   * Answers a request whose path has other methods.
   *
   * @param allowed those, as the header {@code Allow} lists them
   */
  public static void wrongMethod(HttpServerRequest request, String allowed) {
    request.response().putHeader("allow", allowed);
    String text = request.method() + " " + path(request) + " (expected: " + allowed + ")";
    write(request.response(), new BadRequest(405, "method_not_allowed", null, text));
  }

  private static String path(HttpServerRequest request) {
    String path = request.path();
    return path == null ? "" : path.length() > 200 ? path.substring(0, 200) + "…" : path;
  }

  /** Answers with a failure of the chain; an upstream's own words where the request is at fault. */
  public static io.vertx.core.Future<Void> write(HttpServerResponse response, Failure failure) {
    int status = failure.callerStatus();
    response.setStatusCode(status);
    response.putHeader("x-forebay-reason", failure.reason());
    response.putHeader("x-forebay-attempts", Integer.toString(failure.attempts()));
    String servedBy = failure.servedBy();
    if (servedBy != null) {
      response.putHeader("x-forebay-backend", servedBy);
    }
    failure
        .headers()
        .entries()
        .forEach(header -> response.putHeader(header.getKey(), header.getValue()));
    if (status == 401) {
      response.putHeader("www-authenticate", "Bearer");
    }
    RetryAdvice.write(response, failure, status);
    Buffer own = failure.status().callersFault() ? failure.body() : null;
    if (own == null || own.length() == 0) {
      response.putHeader("content-type", "application/json");
      return end(response, body(message(failure), status, null, failure.reason()));
    }
    response.putHeader("content-type", json(own) ? "application/json" : "text/plain");
    return end(response, own);
  }

  /** With its length, which Vert.x leaves out of answers to HEAD. */
  public static io.vertx.core.Future<Void> end(HttpServerResponse response, Buffer body) {
    return response.putHeader("content-length", Integer.toString(body.length())).end(body);
  }

  /** Whether an upstream's words are JSON: after blanks, an object or a list. */
  private static boolean json(Buffer words) {
    int at = 0;
    while (at < words.length() && " \t\r\n".indexOf(words.getByte(at)) >= 0) {
      at++;
    }
    return at < words.length() && (words.getByte(at) == '{' || words.getByte(at) == '[');
  }

  /** A failure as the last event of a stream that has begun: clients of OpenAI raise it. */
  static Buffer event(Failure failure) {
    Buffer body = body(message(failure), failure.callerStatus(), null, failure.reason());
    return Buffer.buffer("data: ").appendBuffer(body).appendString("\n\n");
  }

  /** An error's body. */
  static Buffer body(String message, int status, @Nullable String param, String code) {
    JsonObject error =
        new JsonObject()
            .put("message", message)
            .put("type", type(status))
            .put("param", param)
            .put("code", code);
    return new JsonObject().put("error", error).toBuffer();
  }

  private static String message(Failure failure) {
    String message = failure.getMessage();
    return message == null ? failure.reason() : message;
  }

  private static String type(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 404 -> "not_found_error";
      case 429 -> "rate_limit_error";
      default -> status >= 500 ? "server_error" : "invalid_request_error";
    };
  }
}
