package dev.forebay.health.inference;

import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.HealthProbe;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * A streamed chat of one token, read up to its first content or its good end: a model may spend its
 * one token on reasoning that nobody sees. An endpoint that says that the request, the key or the
 * account's limit is at fault has answered: that is no matter of its health.
 */
final class InferenceProbe implements HealthProbe {

  private static final int MAX_CHUNKS = 256;

  private final Inference options;
  private final String name;
  private final Buffer body;
  private long number;

  InferenceProbe(Inference options, String name) {
    this.options = options;
    this.name = name;
    this.body =
        new JsonObject()
            .put("model", options.model())
            .put(
                "messages",
                new JsonArray()
                    .add(new JsonObject().put("role", "user").put("content", options.prompt())))
            .put("max_tokens", 1)
            .put("stream", true)
            .toBuffer();
  }

  @Override
  public Future<Void> probe(Backend backend, Call call) {
    if (call.ended()) {
      return Future.failedFuture("the call has ended");
    }
    Call own = call.child();
    Future<InferenceResponse> head;
    try {
      head = backend.serve(new InferenceRequest(info(call), body, own, Attempt.FIRST));
    } catch (RuntimeException | LinkageError e) {
      head = Future.failedFuture(e);
    }
    return head.compose(response -> content(response.tokens(), 0))
        .transform(
            ended -> {
              own.end();
              return ended.failed() && down(ended.cause())
                  ? Future.failedFuture(ended.cause())
                  : Future.<Void>succeededFuture();
            });
  }

  private static Future<Void> content(TokenStream tokens, int chunks) {
    return tokens
        .next()
        .compose(
            chunk -> {
              if (chunk.kind() == Chunk.Kind.CONTENT || chunk.last()) {
                tokens.cancel();
                return Future.succeededFuture();
              } else if (chunks >= MAX_CHUNKS) {
                tokens.cancel();
                return Future.failedFuture("its answer has no content");
              }
              return content(tokens, chunks + 1);
            });
  }

  private static boolean down(Throwable thrown) {
    Status status = thrown instanceof Failure failure ? failure.status() : Status.OVERLOADED;
    return !status.callersFault() && status != Status.ACCOUNT_OUT && status != Status.THROTTLED;
  }

  private RequestInfo info(Call call) {
    return RequestInfo.chat(
            name + "-" + number++, options.model(), Caller.at("127.0.0.1"), call.timeline().nanos())
        .withPromptTokens(1)
        .withMaxOutputTokens(1);
  }
}
