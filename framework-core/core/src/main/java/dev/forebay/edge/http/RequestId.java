package dev.forebay.edge.http;

import io.vertx.core.http.HttpServerRequest;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The names of one request.
 *
 * <p>A caller may send one id twice, by mistake or to confuse: what the gateway tells requests
 * apart by begins with the caller's id, so that its logs can be searched for it, and ends with one
 * of the gateway's own.
 *
 * @param shown what the caller reads in {@code x-request-id}: its own id where it sent a usable one
 * @param unique what the gateway calls it; no other request has it
 */
record RequestId(String shown, String unique) {

  private static final int MAX_LENGTH = 128;

  /**
   * The names of a request that has just come.
   *
   * @param asked what the caller calls it; taken over where it is printable, without spaces, and at
   *     most 128 characters long
   * @param ids gives a new id each time
   */
  static RequestId of(@Nullable String asked, Supplier<String> ids) {
    String own = ids.get();
    return asked != null && isId(asked)
        ? new RequestId(asked, asked + "." + own)
        : new RequestId(own, own);
  }

  /** As {@link #of}, and its answer shows the id. */
  static RequestId name(HttpServerRequest request, Supplier<String> ids) {
    RequestId id = of(request.getHeader(HeaderNames.REQUEST_ID), ids);
    request.response().putHeader(HeaderNames.REQUEST_ID, id.shown());
    return id;
  }

  private static boolean isId(String id) {
    return !id.isEmpty()
        && id.length() <= MAX_LENGTH
        && id.chars().allMatch(c -> c > ' ' && c < 0x7F);
  }
}
