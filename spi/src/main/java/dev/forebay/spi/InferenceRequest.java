package dev.forebay.spi;

import io.vertx.core.buffer.Buffer;

/**
 * One request on its way through the chain.
 *
 * @param info what policies may see of it
 * @param body the caller's bytes, forwarded as they are
 * @param call its live half: ends when the caller leaves or a deadline passes
 * @param attempt which try this is, and which endpoints to avoid
 * @param head the caller's head, if it came by HTTP
 */
public record InferenceRequest(
    RequestInfo info, Buffer body, Call call, Attempt attempt, HttpHead head) {

  /** A request without a head. */
  public InferenceRequest(RequestInfo info, Buffer body, Call call, Attempt attempt) {
    this(info, body, call, attempt, HttpHead.NONE);
  }

  /** This request under another call, usually a child of its own. */
  public InferenceRequest with(Call other) {
    return new InferenceRequest(info, body, other, attempt, head);
  }

  /** This request as another attempt. */
  public InferenceRequest with(Attempt other) {
    return new InferenceRequest(info, body, call, other, head);
  }

  /** This request with other facts for the policies. */
  public InferenceRequest with(RequestInfo other) {
    return new InferenceRequest(other, body, call, attempt, head);
  }

  /** This request for another model: both what policies see and the bytes, which must agree. */
  public InferenceRequest with(RequestInfo other, Buffer bytes) {
    return new InferenceRequest(other, bytes, call, attempt, head);
  }
}
