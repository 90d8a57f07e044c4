package dev.forebay.dialect;

import dev.forebay.spi.Headers;
import dev.forebay.spi.Operation;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.CachedAnswer;
import java.util.Locale;

/** The two forms of one answer. */
public enum Form {
  /** Server-sent events, one for each chunk. */
  STREAM,
  /** One JSON body. */
  WHOLE;

  static final String EVENTS = "text/event-stream";
  static final String JSON = "application/json";

  private static final String CONTENT_TYPE = "content-type";

  /** What a request asks for. */
  public static Form wanted(RequestInfo info) {
    return info.stream() && info.operation() != Operation.EMBEDDING ? STREAM : WHOLE;
  }

  /** What an upstream answered; where it does not say, what was asked for. */
  public static Form of(Headers headers, Form asked) {
    String type = headers.get(CONTENT_TYPE);
    if (type == null) {
      return asked;
    }
    return type.toLowerCase(Locale.ROOT).startsWith(EVENTS) ? STREAM : WHOLE;
  }

  /** What was stored. */
  static Form of(CachedAnswer answer) {
    return of(answer.headers(), answer.chunks().size() > 1 ? STREAM : WHOLE);
  }

  /** Headers of an answer that was converted to this form. */
  Headers on(Headers headers) {
    return headers.with(CONTENT_TYPE, this == STREAM ? EVENTS : JSON);
  }
}
