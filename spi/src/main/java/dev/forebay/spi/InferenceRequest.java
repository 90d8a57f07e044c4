package dev.forebay.spi;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through the chain.
 *
 * @param info what policies may see of it
 * @param body the caller's bytes, forwarded as they are
 * @param call its live half: ends when the caller leaves or a deadline passes
 * @param attempt which try this is, and which endpoints to avoid
 * @param head the caller's head, if it came by HTTP
 * @param places of the members of the body; null if nobody has read it
 */
public record InferenceRequest(
    RequestInfo info,
    Buffer body,
    Call call,
    Attempt attempt,
    HttpHead head,
    @Nullable MemberPlaces places) {

  /** A request without a head, whose body nobody has read. */
  public InferenceRequest(RequestInfo info, Buffer body, Call call, Attempt attempt) {
    this(info, body, call, attempt, HttpHead.NONE, null);
  }

  /** This request under another call, usually a child of its own. */
  public InferenceRequest with(Call other) {
    return new InferenceRequest(info, body, other, attempt, head, places);
  }

  /** This request as another attempt. */
  public InferenceRequest with(Attempt other) {
    return new InferenceRequest(info, body, call, other, head, places);
  }

  /** This request with other facts for the policies. */
  public InferenceRequest with(RequestInfo other) {
    return new InferenceRequest(other, body, call, attempt, head, places);
  }

  /** This request for another model: both what policies see and the bytes, which must agree. */
  public InferenceRequest with(RequestInfo other, Buffer bytes) {
    return with(other, bytes, null);
  }

  /**
   * As {@link #with(RequestInfo, Buffer)}, with the places of the members of the bytes.
   *
   * @param there null if they are not known
   */
  public InferenceRequest with(RequestInfo other, Buffer bytes, @Nullable MemberPlaces there) {
    return new InferenceRequest(other, bytes, call, attempt, head, there);
  }
}
