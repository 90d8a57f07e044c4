package dev.forebay.caching.semantic;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.Registration;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.Traits;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Vectors of texts, from a backend with the operation embeddings. */
final class Embeddings {

  static final int MOST_DIMENSIONS = 16_384;

  private final Backend backend;
  private final String model;
  private final long waitNanos;
  private final Timeline timeline;
  private final Set<Call> underWay = new LinkedHashSet<>();

  Embeddings(Backend backend, String model, long waitNanos, Timeline timeline) {
    this.backend = backend;
    this.model = model;
    this.waitNanos = waitNanos;
    this.timeline = timeline;
  }

  /** The vector of a text; fails where there is none in time. The call is its own. */
  Future<float[]> of(String text, RequestInfo asker) {
    Call call = Call.root(timeline);
    underWay.add(call);
    Registration timer =
        timeline.after(
            waitNanos, () -> call.end(Failure.deadline("no embedding within the bound")));
    return ask(text, asker, call)
        .eventually(
            () -> {
              timer.cancel();
              underWay.remove(call);
              call.end();
              return Future.succeededFuture();
            });
  }

  private Future<float[]> ask(String text, RequestInfo asker, Call call) {
    try {
      return backend
          .serve(new InferenceRequest(info(asker), body(text), call, Attempt.FIRST))
          .compose(Embeddings::whole)
          .map(Embeddings::vector);
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private io.vertx.core.buffer.Buffer body(String text) {
    return new JsonObject().put("model", model).put("input", text).toBuffer();
  }

  private RequestInfo info(RequestInfo asker) {
    return new RequestInfo(
        asker.id(),
        Operation.EMBEDDING,
        model,
        false,
        asker.caller(),
        asker.priority(),
        asker.promptTokens(),
        0,
        null,
        PrefixHashes.NONE,
        asker.cacheMode(),
        Traits.PLAIN,
        timeline.nanos(),
        timeline.nanos() + waitNanos);
  }

  /** A whole answer is a stream of one chunk. */
  private static Future<Chunk> whole(InferenceResponse response) {
    return response
        .tokens()
        .next()
        .compose(
            chunk -> {
              if (chunk.last()) {
                return Future.succeededFuture(chunk);
              }
              response.tokens().cancel();
              return Future.failedFuture(Failure.internal("embeddings in several chunks", null));
            });
  }

  private static float[] vector(Chunk chunk) {
    JsonArray numbers =
        new JsonObject(chunk.data())
            .getJsonArray("data")
            .getJsonObject(0)
            .getJsonArray("embedding");
    if (numbers.isEmpty() || numbers.size() > MOST_DIMENSIONS) {
      throw Failure.internal("embedding of " + numbers.size() + " dimensions", null);
    }
    float[] vector = new float[numbers.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = numbers.getFloat(i);
    }
    return vector;
  }

  /** Nobody waits for the vectors any more that are asked for. */
  Future<Void> close() {
    List.copyOf(underWay).forEach(Call::end);
    return backend.close();
  }
}
