package dev.forebay.edge.http;

import dev.forebay.spi.InferenceResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The status and the headers of an answer of the chain, as its caller gets them. */
final class AnswerHead {

  private static final Set<String> HOP_BY_HOP = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  static {
    HOP_BY_HOP.addAll(
        List.of(
            "connection",
            "content-length",
            "keep-alive",
            "trailer",
            "transfer-encoding",
            "upgrade"));
  }

  private AnswerHead() {}

  /**
   * Sets them.
   *
   * @param whole whether the answer is no stream, if it does not say so itself
   * @return whether it is a stream of events
   */
  static boolean set(Incoming incoming, InferenceResponse answer, boolean whole) {
    HttpServerResponse response = incoming.response();
    response.setStatusCode(answer.status());
    response.putHeader(HeaderNames.BACKEND, answer.servedBy());
    String type = null;
    for (Map.Entry<String, String> header : answer.headers().entries()) {
      String name = header.getKey();
      if (name.equalsIgnoreCase("content-type")) {
        type = header.getValue();
      } else if (name.equalsIgnoreCase("location")) {
        response.putHeader(name, incoming.below(header.getValue()));
      } else if (!HOP_BY_HOP.contains(name)) {
        response.putHeader(name, header.getValue());
      }
    }
    if (type == null) {
      type = whole ? "application/json" : "text/event-stream";
    }
    response.putHeader(HttpHeaders.CONTENT_TYPE, type);
    boolean events = type.startsWith("text/event-stream");
    if (events) {
      response.putHeader(HeaderNames.BUFFERING, HeaderNames.NO);
      response.putHeader(HttpHeaders.CACHE_CONTROL, HeaderNames.NO_CACHE);
    }
    return events;
  }
}
