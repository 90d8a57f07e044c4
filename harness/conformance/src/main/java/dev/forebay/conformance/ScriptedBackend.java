package dev.forebay.conformance;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;

/** A backend that answers one token after 5 ms, or refuses, or never answers; it counts. */
public final class ScriptedBackend implements Backend {

  private static final long HEAD_NANOS = 5_000_000;

  private final String id;
  private final boolean up;
  private final boolean hanging;
  private long asked;
  private long open;

  /** A backend that answers, or refuses every request as overloaded. */
  public ScriptedBackend(String id, boolean up) {
    this(id, up, false);
  }

  private ScriptedBackend(String id, boolean up, boolean hanging) {
    this.id = id;
    this.up = up;
    this.hanging = hanging;
  }

  /** A backend that takes requests and never answers. */
  public static ScriptedBackend hanging(String id) {
    return new ScriptedBackend(id, false, true);
  }

  /** Requests that came. */
  public long asked() {
    return asked;
  }

  /** Requests whose calls have not ended. */
  public long open() {
    return open;
  }

  @Override
  public Facts facts() {
    return Facts.of(id);
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    Call call = request.call();
    asked++;
    open++;
    call.onEnd(() -> open--);
    Promise<InferenceResponse> head = Promise.promise();
    call.onEnd(() -> head.tryFail(Failure.cancelled()));
    if (!hanging) {
      var timer = call.timeline().after(HEAD_NANOS, () -> answer(call, head));
      call.onEnd(timer::cancel);
    }
    return head.future();
  }

  private void answer(Call call, Promise<InferenceResponse> head) {
    if (!up) {
      head.tryFail(Failure.overloaded(503, "upstream_503", "the upstream answered 503"));
      return;
    }
    StreamSource source = new StreamSource(call, call.timeline().nanos(), () -> {});
    source.write(Chunk.whole(Buffer.buffer("data: x\n\n"), 1));
    head.tryComplete(new InferenceResponse(id, 200, Headers.EMPTY, source));
  }
}
