package dev.forebay.openai;

import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The headers of requests to an upstream, and of its answers. */
final class HeaderFields {

  private static final String SSE = "text/event-stream";
  private static final String JSON = "application/json";
  private static final Headers TYPE_SSE = Headers.of("content-type", SSE);
  private static final Headers TYPE_JSON = Headers.of("content-type", JSON);

  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  private static final CharSequence DEADLINE = HttpHeaders.createOptimized("x-forebay-deadline-ms");
  private static final CharSequence IDENTITY = HttpHeaders.createOptimized("identity");
  private static final CharSequence ASCII_JSON = HttpHeaders.createOptimized(JSON);
  private static final CharSequence ASCII_SSE = HttpHeaders.createOptimized(SSE);

  private HeaderFields() {}

  /**
   * Adds those of a request: the gateway's own, then those that were configured, in their place.
   *
   * @param secret of the account; empty for none
   */
  static void ofRequest(
      MultiMap headers, InferenceRequest request, Optional<String> secret, OpenAi options) {
    headers
        .add(HttpHeaders.CONTENT_TYPE, ASCII_JSON)
        .add(HttpHeaders.ACCEPT, Upstream.streamed(request) ? ASCII_SSE : ASCII_JSON)
        .add(HttpHeaders.ACCEPT_ENCODING, IDENTITY)
        .add(REQUEST_ID, request.info().id());
    long deadline = request.info().deadlineNanos();
    if (deadline != Long.MAX_VALUE) {
      long millis = (deadline - request.call().timeline().nanos()) / 1_000_000;
      headers.add(DEADLINE, Long.toString(Math.max(1, millis)));
    }
    PassedHeaders.onto(headers, request.head().headers(), options.passHeaders());
    if (secret.isPresent()) {
      headers.add(HttpHeaders.AUTHORIZATION, "Bearer " + secret.get());
    }
    options.headers().forEach(headers::set);
  }

  /** Those of an answer, for the caller. */
  static Headers ofAnswer(MultiMap headers, boolean streamed, OpenAi options) {
    Headers typed = typed(!streamed, headers.get(HttpHeaders.CONTENT_TYPE));
    return PassedHeaders.onto(typed, headers, options.returnHeaders());
  }

  /** The type as the upstream wrote it, if it is the one that is meant. */
  private static Headers typed(boolean whole, @Nullable String type) {
    String meant = whole ? JSON : SSE;
    return type == null || type.equals(meant) || !declares(type, meant)
        ? whole ? TYPE_JSON : TYPE_SSE
        : Headers.of("content-type", type);
  }

  private static boolean declares(@Nullable String type, String wanted) {
    return type != null && type.stripLeading().regionMatches(true, 0, wanted, 0, wanted.length());
  }
}
